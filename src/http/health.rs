//! `/healthz`: the process answers. `/readyz`: it can do its work, so requests may be sent to it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::web::Web;

/// Whoever asks does not wait for long.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn alive() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Says which part is not ready and no more: anybody may ask.
pub async fn ready(State(web): State<Web>) -> Response {
    let karat = &web.karat;
    let (database, ephemeral) = tokio::join!(within(karat.store.db().ping()), within(karat.ephemeral.ping()));
    let ring = karat.keys.ring();
    let keys = !ring.algorithms().is_empty();
    let running = web.ready.load(std::sync::atomic::Ordering::Relaxed);
    let status =
        if running && database && ephemeral && keys { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let told = json!({
        "ready": status == StatusCode::OK,
        "running": running,
        "database": database,
        "ephemeral": ephemeral,
        "keys": keys,
    });
    (status, Json(told)).into_response()
}

async fn within(ping: impl Future<Output = Result<(), crate::storage::Error>>) -> bool {
    matches!(tokio::time::timeout(PATIENCE, ping).await, Ok(Ok(())))
}
