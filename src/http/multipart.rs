//! A form that carries files, read piece by piece: its token comes before the first file, or no file is read.

use std::collections::BTreeMap;

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;

use super::error::PageError;
use super::form::has_token;
use super::visit::Visit;
use super::web::Web;

/// Fields of text and files together; no page of ours has more.
const MOST_FIELDS: usize = 30;
const LONGEST_TEXT: usize = 16 * 1024;

/// What such a form held.
#[derive(Default)]
pub struct Parts {
    texts: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Parts {
    /// Of a post that is known to come from a page of ours.
    pub async fn read(request: Request, web: &Web, visit: &Visit) -> Result<Self, PageError> {
        let multipart = Multipart::from_request(request, web).await;
        let mut multipart = multipart.map_err(|_| PageError::bad_request("the form has no boundary"))?;
        let unread = |error: MultipartError| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
            _ => PageError::bad_request("the form could not be read"),
        };
        let mut parts = Self::default();
        for _ in 0..MOST_FIELDS {
            let Some(field) = multipart.next_field().await.map_err(unread)? else {
                parts.check_token(visit)?;
                return Ok(parts);
            };
            let name = field.name().unwrap_or_default().to_owned();
            if parts.texts.contains_key(&name) || parts.files.contains_key(&name) {
                let name: String = name.chars().take(40).collect();
                return Err(PageError::bad_request(format!("{name} was sent more than once")));
            }
            if field.file_name().is_some() {
                parts.check_token(visit)?;
                let content = field.bytes().await.map_err(unread)?;
                parts.files.insert(name, content.into());
            } else {
                let content = field.bytes().await.map_err(unread)?;
                if content.len() > LONGEST_TEXT {
                    return Err(PageError::TooLarge);
                }
                let text = String::from_utf8(content.into());
                let text = text.map_err(|_| PageError::bad_request("the form is not in UTF-8"))?;
                parts.texts.insert(name, text);
            }
        }
        Err(PageError::bad_request("there are too many fields"))
    }

    fn check_token(&self, visit: &Visit) -> Result<(), PageError> {
        match has_token(visit, self.text("csrf")) {
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
