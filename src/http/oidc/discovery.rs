//! The discovery document and the JWK set: public, the same for everybody, kept by caches for a while.

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::crypto::keyring::Keyring;
use crate::domain::time::Timestamp;
use crate::http::web::Web;

/// A rotated key is published as long as its last token lives, so a cache may be this old.
const CACHE: &str = "public, max-age=60";

/// Both documents as bytes, made once a change of keys.
#[derive(Clone)]
pub struct Documents {
    ring: Arc<Keyring>,
    /// A retired key is withdrawn then, without a change of the ring.
    until: Option<Timestamp>,
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
    let now = web.karat.now();
    match &*kept {
        Some(documents) if documents.are_current(&ring, now) => documents.clone(),
        _ => {
            let configuration = document(&web.karat.discovery());
            let until = ring.withdraws_next(now);
            let made = Documents { ring, until, configuration, jwks: document(&web.karat.jwks()) };
            *kept = Some(made.clone());
            made
        }
    }
}

impl Documents {
    fn are_current(&self, ring: &Arc<Keyring>, now: Timestamp) -> bool {
        Arc::ptr_eq(&self.ring, ring) && self.until.is_none_or(|until| now < until)
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
