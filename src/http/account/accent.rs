//! `/accents/{colour}.css`: an app's colour for the pages of its log-ins. Styles within a page are refused by our policy, so it comes as a
//! style sheet of our own.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::domain::accent::Accent;
use crate::http::error::PageError;
use crate::pages::accents;

pub async fn get(Path(name): Path<String>) -> Result<Response, PageError> {
    let digits = name.strip_suffix(".css").ok_or(PageError::NotFound)?;
    let accent: Accent = format!("#{digits}").parse().map_err(|_| PageError::NotFound)?;
    if accent.digits() != digits {
        return Err(PageError::NotFound);
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    Ok((headers, accents::style(accent)).into_response())
}
