//! A form that carries files: checked as every form is, and its token before the first file is read.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;

use super::super::owner::OwnerVisit;
use crate::flow::kyc::uploads::{NoRoom, Room};
use crate::http::error::PageError;
use crate::http::form::is_from_our_page;
use crate::http::multipart::Parts;
use crate::http::visit::text_of;
use crate::http::web::Web;

/// Held by who is logged in and posted from one of our own pages.
pub struct UploadForm {
    pub at: OwnerVisit,
    /// To be kept for as long as the files are.
    pub room: Room,
    held: Parts,
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
        let held = Parts::read(request, web, &at.visit).await.map_err(PageError::into_response)?;
        Ok(Self { at, room, held })
    }
}

impl UploadForm {
    pub fn text(&self, name: &str) -> &str {
        self.held.text(name)
    }

    /// `None` when no file was chosen: browsers send an empty one.
    pub fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.held.take(name)
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
