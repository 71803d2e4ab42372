//! `POST /introspect` (RFC 7662).

use axum::extract::State;
use axum::response::Response;

use super::AppForm;
use crate::domain::error::OAuthError;
use crate::http::reply::private_json;
use crate::http::web::Web;

pub async fn introspect(State(web): State<Web>, form: AppForm) -> Result<Response, OAuthError> {
    let client = form.client(&web).await?;
    Ok(private_json(&web.karat.introspect(&client, &form.parameters).await?))
}
