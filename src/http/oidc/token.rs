//! `POST /token` (RFC 6749 section 3.2).

use axum::extract::State;
use axum::response::Response;

use super::AppForm;
use crate::domain::client::GrantType;
use crate::domain::error::OAuthError;
use crate::http::metrics;
use crate::http::reply::private_json;
use crate::http::web::Web;

pub async fn token(State(web): State<Web>, form: AppForm) -> Result<Response, OAuthError> {
    let grant_type = form.parameters.get("grant_type").and_then(GrantType::parse).map(GrantType::as_str);
    let outcome = answer(&web, &form).await;
    metrics::token_request(grant_type, &outcome);
    outcome
}

async fn answer(web: &Web, form: &AppForm) -> Result<Response, OAuthError> {
    let client = form.client(web).await?;
    Ok(private_json(&web.karat.token(&client, &form.parameters).await?))
}
