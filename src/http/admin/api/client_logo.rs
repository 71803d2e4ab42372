//! The picture that people see of a client when they log in to it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::caller::Caller;
use super::clients::change;
use super::input::{InBody, InPath};
use super::problem::Problem;
use super::versions::wanted_if_said;
use crate::flow::clients::logo::LARGEST_UPLOAD;
use crate::flow::clients::registrar::ClientVersion;
use crate::http::web::Web;

/// In base64, with what stands around it.
pub const LARGEST_BODY: usize = LARGEST_UPLOAD / 3 * 4 + (4 << 10);

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLogo {
    /// PNG, JPEG or WebP of at most 256 KiB and 2048 pixels on a side, in base64. It is drawn anew, at 192 pixels at most.
    #[schema(format = "byte")]
    picture: String,
}

#[utoipa::path(put, path = "/clients/{client_id}/logo", tag = "clients", operation_id = "set_client_logo",
    summary = "Show people another logo",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")),
    request_body = NewLogo,
    responses((status = 200, description = "As it stands now", body = super::clients::ClientWithSecret, headers(("ETag" = String))),
        (status = 409)),
    extensions(("x-karat-act" = json!("clients.change"))))]
pub async fn put(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
    InBody(new): InBody<NewLogo>,
) -> Result<Response, Problem> {
    let seen = wanted_if_said(&headers)?.map(ClientVersion::from_text);
    let picture = STANDARD.decode(&new.picture).map_err(|_| Problem::invalid("picture", "is not in base64"))?;
    change(&web, web.karat.registrar(&by).having_seen(seen).set_logo(&id, Some(picture)).await)
}

#[utoipa::path(delete, path = "/clients/{client_id}/logo", tag = "clients", operation_id = "remove_client_logo",
    summary = "Show people no logo",
    params(("client_id" = String, Path), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")),
    responses((status = 200, description = "As it stands now", body = super::clients::ClientWithSecret, headers(("ETag" = String))),
        (status = 409), (status = 422)),
    extensions(("x-karat-act" = json!("clients.change"))))]
pub async fn delete(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = wanted_if_said(&headers)?.map(ClientVersion::from_text);
    change(&web, web.karat.registrar(&by).having_seen(seen).set_logo(&id, None).await)
}
