//! One line in the log for each request: which route, how it was answered, how long it took, who asked. Never a path as
//! it was sent, a query, a header, a cookie or a body: they hold codes, tokens and addresses.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::guard::RequestId;
use super::visit::client_address;
use super::web::Web;
use super::{metrics, trace};

/// Asked every few seconds by whoever watches over the process.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

pub async fn record(State(web): State<Web>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = web.karat.new_id().simple().to_string();
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(RequestId(id.clone()));
    let route = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = parts.method.clone();
    let address = client_address(&parts, &web);
    let span = tracing::info_span!("request", id);
    let trace = trace::begin(&parts, &web, &route, &id);
    let response = next.run(Request::from_parts(parts, body)).instrument(span).instrument(trace.clone()).await;
    trace::end(&trace, response.status());
    let status = response.status().as_u16();
    let took = began.elapsed();
    metrics::answered(&route, &method, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if HEALTH.contains(&route.as_str()) {
        tracing::debug!(request_id = id, %method, route, status, ms, %address, "answered");
    } else {
        tracing::info!(request_id = id, %method, route, status, ms, %address, "answered");
    }
    response
}
