//! What a Prometheus server reads, at an address of its own: figures of the house, never of a person.
//!
//! Whatever is counted is counted where it happens; what stands somewhere (connections, what waits) is looked up when it is asked for.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::domain::error::OAuthError;
use crate::flow::karat::Karat;
use crate::flow::login::LoginOutcome;
use crate::storage::outbox;

/// Upper ends in seconds: a hash of a password takes some tens of milliseconds, what takes longer than ten seconds is lost.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const REQUESTS: &str = "karat_http_requests_total";
const REQUEST_SECONDS: &str = "karat_http_request_seconds";
const TOKENS: &str = "karat_token_requests_total";
const LOG_INS: &str = "karat_log_ins_total";
const HASHES: &str = "karat_password_hashes";
const HASH_PLACES: &str = "karat_password_hash_places";
const CONNECTIONS: &str = "karat_database_connections";
const WAITING: &str = "karat_outbox_waiting";
const OLDEST: &str = "karat_outbox_oldest_seconds";
const READY: &str = "karat_ready";
/// Whoever asks does not wait for a database that is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The figures of this process. Where none is begun, counting costs nothing.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Once in a process.
    pub fn begin() -> Result<Self, BuildError> {
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &SECONDS)?;
        let handle = builder.install_recorder()?;
        describe_counter!(REQUESTS, "Requests that were answered, by route, method and status");
        describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "From the request's headers to its answer, by route");
        describe_counter!(TOKENS, "Requests to the token endpoint, by grant type and outcome (the OAuth error code)");
        describe_counter!(LOG_INS, "Log-ins by password and by passkey, by outcome");
        describe_gauge!(HASHES, "Passwords that are being hashed or wait for it");
        describe_gauge!(HASH_PLACES, "How many may; beyond it log-ins are answered 503");
        describe_gauge!(CONNECTIONS, "Connections to the database, by state");
        describe_gauge!(WAITING, "Mails, messages and notifications that are not delivered yet, by kind");
        describe_gauge!(OLDEST, Unit::Seconds, "How long the oldest of them waits, by kind");
        describe_gauge!(READY, "1 when database and short-lived state answer");
        Ok(Self(handle))
    }

    /// Serves them at `/metrics` until the process ends.
    pub async fn serve(self, listener: TcpListener, karat: Arc<Karat>) -> std::io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, Router::new().route("/metrics", get(show)).with_state((self, karat))).await
    }
}

async fn show(State((figures, karat)): State<(Figures, Arc<Karat>)>) -> Response {
    let (hashes, places) = karat.passwords.load();
    gauge!(HASHES).set(small(hashes));
    gauge!(HASH_PLACES).set(small(places));
    let connections = karat.store.db().connections();
    gauge!(CONNECTIONS, "state" => "busy").set(small(connections.open.saturating_sub(connections.idle)));
    gauge!(CONNECTIONS, "state" => "idle").set(small(connections.idle));
    let answers = tokio::time::timeout(PATIENCE, async {
        let (backlogs, ephemeral) = tokio::join!(karat.store.outbox_backlogs(), karat.ephemeral.ping());
        backlogs.ok().filter(|_| ephemeral.is_ok())
    });
    let backlogs = answers.await.ok().flatten();
    gauge!(READY).set(f64::from(u8::from(backlogs.is_some())));
    if let Some(backlogs) = backlogs {
        let now = karat.now();
        for kind in outbox::KINDS {
            let backlog = backlogs.iter().find(|(found, _)| *found == kind).map(|(_, backlog)| backlog);
            let oldest = backlog.and_then(|backlog| backlog.oldest).map_or(0, |at| now.unix() - at);
            gauge!(WAITING, "kind" => kind).set(small(backlog.map_or(0, |backlog| backlog.waiting)));
            gauge!(OLDEST, "kind" => kind).set(small(oldest.max(0)));
        }
    }
    ([(header::CONTENT_TYPE, TEXT)], figures.0.render()).into_response()
}

/// Counts here stay far below what a float holds exactly.
fn small(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}

pub fn answered(route: &str, method: &Method, status: u16, took: Duration) {
    // A stranger's made-up method is no label.
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    let method = known.iter().find(|known| *known == method).map_or("other", Method::as_str).to_owned();
    let route = route.to_owned();
    histogram!(REQUEST_SECONDS, "route" => route.clone()).record(took);
    counter!(REQUESTS, "route" => route, "method" => method, "status" => status.to_string()).increment(1);
}

/// `grant_type` as it was asked for, if it is known here.
pub fn token_request<T>(grant_type: Option<&'static str>, outcome: &Result<T, OAuthError>) {
    let outcome = outcome.as_ref().map_or_else(|error| error.code.as_str(), |_| "granted");
    counter!(TOKENS, "grant_type" => grant_type.unwrap_or("other"), "outcome" => outcome).increment(1);
}

pub fn log_in(with: &'static str, outcome: &LoginOutcome) {
    let outcome = match outcome {
        LoginOutcome::SignedIn(_) => "signed_in",
        LoginOutcome::Pending => "next_factor",
        LoginOutcome::AwaitsApproval => "awaits_approval",
        LoginOutcome::Wrong => "wrong",
        LoginOutcome::Locked => "locked",
        LoginOutcome::Frozen { .. } => "frozen",
        LoginOutcome::TooMany(_) => "too_many",
    };
    counter!(LOG_INS, "with" => with, "outcome" => outcome).increment(1);
}
