//! `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1): nobody's change is lost to somebody who had not seen it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::problem::{Kind, Problem};

/// Says which version the answer shows.
pub fn tagged(mut response: Response, version: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// As [`wanted`], where a change may also be asked for without saying what was read.
pub fn wanted_if_said(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    match headers.contains_key(header::IF_MATCH) {
        true => wanted(headers),
        false => Ok(None),
    }
}

/// The version that the change is meant for; `None` for `*`, which means any.
pub fn wanted(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut sent = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = sent.next() else {
        return Err(Problem::new(Kind::PreconditionMissing, Kind::PreconditionMissing.meaning()));
    };
    let text = value.to_str().unwrap_or_default().trim();
    let malformed = || Problem::malformed("If-Match is one ETag, as it was sent, or *");
    if sent.next().is_some() {
        return Err(malformed());
    }
    if text == "*" {
        return Ok(None);
    }
    // A weak one is never equal (section 8.8.3.2), and neither is one that we never gave.
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(malformed)?;
    match tag.len() == text.len() {
        true => Ok(Some(inner.to_owned())),
        false => Ok(Some(String::new())),
    }
}
