//! `/verify/documents/{kind}`: what a person has uploaded for the application under way, for their own eyes.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::super::owner::OwnerVisit;
use super::offered;
use crate::domain::kyc::{DocumentKind, MediaType};
use crate::http::error::PageError;

/// Pictures only: a paper that was not written by Karat is not served to be opened.
pub async fn get(at: OwnerVisit, Path(kind): Path<String>) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    offered(&karat)?;
    let kind = DocumentKind::parse(&kind).ok_or(PageError::NotFound)?;
    let open = karat.collecting(&at.signed_in.user).await?.ok_or(PageError::NotFound)?;
    let found = open.documents.iter().find(|document| document.kind == kind);
    let document = found.filter(|document| document.media_type == MediaType::Jpeg).ok_or(PageError::NotFound)?;
    let content = karat.store.kyc_document_content(document).await?.ok_or(PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(document.media_type.as_str())),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok(at.visit.finish((headers, content.to_vec()).into_response()))
}
