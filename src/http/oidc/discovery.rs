//! The discovery document and the JWK set: public, the same for everybody, kept by caches for a while.

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::crypto::keyring::Keyring;
use crate::http::web::Web;

/// A rotated key is published as long as its last token lives, so a cache may be this old.
const CACHE: &str = "public, max-age=60";

/// Both documents as bytes, made once a change of keys.
#[derive(Clone)]
pub struct Documents {
    ring: Arc<Keyring>,
    configuration: Document,
    jwks: Document,
}

#[derive(Clone)]
struct Document {
    body: Bytes,
    tag: HeaderValue,
}

pub async fn configuration(State(web): State<Web>, headers: HeaderMap) -> Response {
    public_json(documents(&web).configuration, "application/json", &headers)
}

pub async fn jwks(State(web): State<Web>, headers: HeaderMap) -> Response {
    public_json(documents(&web).jwks, "application/jwk-set+json", &headers)
}

fn documents(web: &Web) -> Documents {
    let ring = web.karat.keys.ring();
    let mut kept = web.documents.lock().unwrap_or_else(PoisonError::into_inner);
    match &*kept {
        Some(documents) if Arc::ptr_eq(&documents.ring, &ring) => documents.clone(),
        _ => {
            let configuration = document(&web.karat.discovery());
            let made = Documents { ring, configuration, jwks: document(&web.karat.jwks()) };
            *kept = Some(made.clone());
            made
        }
    }
}

fn document(json: &Value) -> Document {
    let body = Bytes::from(json.to_string());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &body);
    let tag = digest.as_ref().iter().take(12).fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    Document { body, tag: HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")) }
}

fn public_json(document: Document, media_type: &'static str, headers: &HeaderMap) -> Response {
    let is_known = headers.get(header::IF_NONE_MATCH) == Some(&document.tag);
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
        // Browser apps read these, and nothing in them is anybody's.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ETAG, document.tag),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(header::CONTENT_TYPE, media_type)], document.body).into_response()
}
