//! `POST /revoke` (RFC 7009).

use axum::extract::State;
use axum::response::Response;

use super::AppForm;
use crate::domain::error::OAuthError;
use crate::http::reply::private_json;
use crate::http::web::Web;

pub async fn revoke(State(web): State<Web>, form: AppForm) -> Result<Response, OAuthError> {
    let client = form.client(&web).await?;
    web.karat.revoke(&client, &form.parameters).await?;
    Ok(private_json(&serde_json::json!({})))
}
