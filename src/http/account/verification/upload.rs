//! A form that carries files: checked as every form is, and its token before the first file is read.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use super::super::owner::OwnerVisit;
use crate::flow::kyc::uploads::{NoRoom, Room};
use crate::http::error::PageError;
use crate::http::form::{has_token, is_from_our_page};
use crate::http::visit::text_of;
use crate::http::web::Web;

/// Fields of text and files together; no page of ours has more.
const MOST_FIELDS: usize = 30;
const LONGEST_TEXT: usize = 16 * 1024;

/// Held by who is logged in and posted from one of our own pages.
pub struct UploadForm {
    pub at: OwnerVisit,
    /// To be kept for as long as the files are.
    pub room: Room,
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl FromRequest<Web> for UploadForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        if !is_from_our_page(&parts.headers, &web.karat.issuer.origin())
            || !text_of(&parts.headers, header::CONTENT_TYPE).starts_with("multipart/form-data")
        {
            return Err(PageError::CrossSite.into_response());
        }
        // Nobody's upload is read before it is known whose it is, and that there is room for it.
        let at = OwnerVisit::from_request_parts(&mut parts, web).await?;
        let room = match web.karat.room_for_upload(at.signed_in.user.id).await {
            Ok(room) => room,
            Err(refused) => {
                pass_over(body, web.upload_limit()).await;
                return Err(without_room(refused).into_response());
            }
        };
        let request = Request::from_parts(parts, body);
        let multipart = Multipart::from_request(request, web).await;
        let multipart = multipart.map_err(|_| PageError::bad_request("the form has no boundary").into_response())?;
        let mut form = Self { at, room, texts: BTreeMap::new(), files: BTreeMap::new() };
        form.read(multipart).await.map_err(PageError::into_response)?;
        Ok(form)
    }
}

impl UploadForm {
    async fn read(&mut self, mut multipart: Multipart) -> Result<(), PageError> {
        let unread = |error: axum::extract::multipart::MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
            _ => PageError::bad_request("the form could not be read"),
        };
        for _ in 0..MOST_FIELDS {
            let Some(field) = multipart.next_field().await.map_err(unread)? else {
                return self.check_token();
            };
            let name = field.name().unwrap_or_default().to_owned();
            if self.texts.contains_key(&name) || self.files.contains_key(&name) {
                let name: String = name.chars().take(40).collect();
                return Err(PageError::bad_request(format!("{name} was sent more than once")));
            }
            if field.file_name().is_some() {
                self.check_token()?;
                let content = field.bytes().await.map_err(unread)?;
                self.files.insert(name, content.into());
            } else {
                let content = field.bytes().await.map_err(unread)?;
                if content.len() > LONGEST_TEXT {
                    return Err(PageError::TooLarge);
                }
                let text = String::from_utf8(content.into());
                let text = text.map_err(|_| PageError::bad_request("the form is not in UTF-8"))?;
                self.texts.insert(name, text);
            }
        }
        Err(PageError::bad_request("there are too many fields"))
    }

    fn check_token(&self) -> Result<(), PageError> {
        match has_token(&self.at.visit, self.text("csrf")) {
            true => Ok(()),
            false => Err(PageError::FormExpired),
        }
    }

    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map(String::as_str).unwrap_or_default()
    }

    /// `None` when no file was chosen: browsers send an empty one.
    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.files.remove(name).filter(|content| !content.is_empty())
    }
}

fn without_room(refused: NoRoom) -> PageError {
    match refused {
        NoRoom::Busy { retry_after } => PageError::UploadsBusy { retry_after: retry_after.0 },
        NoRoom::TooMany(wait) => PageError::TooManyRequests { retry_after: wait.retry_after.0 },
        NoRoom::Failed(failure) => failure.into(),
    }
}

/// Lets a body go by, piece by piece: a browser that is answered before it has sent everything shows an error of its own instead of ours.
async fn pass_over(body: Body, limit: usize) {
    let (mut pieces, mut passed) = (body.into_data_stream(), 0);
    while let Some(Ok(piece)) = pieces.next().await {
        passed += piece.len();
        if passed > limit {
            return;
        }
    }
}
