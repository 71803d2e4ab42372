//! `/review/{case}/documents/{kind}`: a picture or paper, opened for the one who looks and for nobody's cache.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::ReviewVisit;
use crate::domain::ids::CaseId;
use crate::domain::kyc::{DocumentKind, MediaType};
use crate::http::error::PageError;

/// Opened by itself it runs nothing, and no other site shows it.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

pub async fn get(visit: ReviewVisit, Path((case, kind)): Path<(String, String)>) -> Result<Response, PageError> {
    let karat = visit.at.visit.web.karat.clone();
    let case: CaseId = case.parse().map_err(|_| PageError::NotFound)?;
    let kind = DocumentKind::parse(&kind).ok_or(PageError::NotFound)?;
    let (document, content) = karat.case_document(case, kind).await?.ok_or(PageError::NotFound)?;
    if document.user_id == visit.reviewer.id() {
        return Err(PageError::Refused);
    }
    // First the record, then the look.
    karat.note_look(&visit.reviewer, (document.user_id, case), kind.as_str()).await?;
    let shown = match document.media_type {
        MediaType::Jpeg => "inline",
        // As it was sent: saved, and never opened on this site.
        MediaType::Pdf => "attachment",
    };
    let name = format!("{shown}; filename=\"{case}-{}.{}\"", kind.as_str(), document.media_type.extension());
    let name = HeaderValue::from_str(&name).map_err(|_| PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(document.media_type.as_str())),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok(visit.at.visit.finish((headers, content.to_vec()).into_response()))
}
