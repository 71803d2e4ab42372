//! The outermost span of a request (OpenTelemetry's semantic conventions for HTTP). A trace that a declared proxy has begun is
//! carried on (W3C Trace Context); from anybody else the header is their own invention.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Level, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::web::Web;
use crate::TRACES;

pub fn begin(parts: &Parts, web: &Web, route: &str, id: &str) -> Span {
    if !tracing::enabled!(target: TRACES, Level::DEBUG) {
        return Span::none();
    }
    let method = parts.method.as_str();
    let span = tracing::debug_span!(
        target: TRACES,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
        request_id = id,
    );
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    if peer.is_some_and(|peer| web.proxies().trusts(peer.0.ip().to_canonical())) {
        let begun = TraceContextPropagator::new().extract(&Headers(&parts.headers));
        // Without tracing there is nothing to carry on.
        let _ = span.set_parent(begun);
    }
    span
}

pub fn end(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "error");
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
