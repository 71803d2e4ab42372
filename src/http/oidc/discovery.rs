//! The discovery document and the JWK set: public, the same for everybody, kept by caches for a while.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::visit::text_of;
use crate::http::web::Web;

/// A rotated key is published as long as its last token lives, so a cache may be this old.
const CACHE: &str = "public, max-age=60";

pub async fn configuration(State(web): State<Web>, headers: HeaderMap) -> Response {
    public_json(web.karat.discovery().to_string(), "application/json", &headers)
}

pub async fn jwks(State(web): State<Web>, headers: HeaderMap) -> Response {
    public_json(web.karat.jwks().to_string(), "application/jwk-set+json", &headers)
}

fn public_json(body: String, media_type: &'static str, headers: &HeaderMap) -> Response {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
    let tag = digest.as_ref().iter().take(12).fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static(CACHE)),
        // Browser apps read these, and nothing in them is anybody's.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))),
    ];
    if text_of(headers, header::IF_NONE_MATCH) == tag {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(header::CONTENT_TYPE, media_type)], body).into_response()
}
