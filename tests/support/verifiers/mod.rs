//! Providers of verification on loopback: each speaks the part of its documented API that Karat uses, checks who asks, and signs its
//! webhooks as its documentation says. Signatures are computed here, not by the product.

pub mod onfido;
pub mod persona;
pub mod stripe;
pub mod sumsub;
pub mod veriff;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use karat::domain::ids::CaseId;
use karat::domain::kyc::{Case, CaseState, Finding, Provider, Tier};
use karat::flow::kyc::{Actor, Cause};
use serde_json::{Value, json};

use super::app::{Person, TestApp};

pub const SECRET: &str = "webhook-secret-of-the-tests";
pub const PREVIOUS: &str = "previous-webhook-secret-of-the-tests";
pub const LEVEL: &str = "level-of-the-tests";

/// How a case stands at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Begun,
    Submitted,
    Green,
    /// With something that the person can mend.
    RedRetry,
    RedFinal,
}

/// A case at the provider.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: String,
    /// What Karat calls it.
    pub case: String,
    pub level: String,
    pub outcome: Outcome,
    /// Seconds since the epoch.
    pub at: i64,
    pub birthdate: String,
}

pub struct Asked<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub query: BTreeMap<String, String>,
    pub raw_query: String,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub port: u16,
}

pub type Headers = Vec<(&'static str, String)>;

/// How one provider speaks.
#[derive(Clone, Copy)]
pub struct Dialect {
    pub provider: Provider,
    /// The section of the configuration.
    pub section: fn(port: u16) -> String,
    /// Whether the request proves who sends it.
    pub knows: fn(&Asked<'_>) -> bool,
    pub answer: fn(&mut BTreeMap<String, Known>, &Asked<'_>) -> (u16, Value),
    /// A webhook that tells how the case stands: its body. `event` makes it another event.
    pub tell: fn(&Known, event: u32, at: i64) -> String,
    /// The headers that prove a webhook.
    pub sign: fn(secret: &str, body: &[u8], at: i64) -> Headers,
}

pub const ALL: [Dialect; 5] = [sumsub::DIALECT, onfido::DIALECT, persona::DIALECT, veriff::DIALECT, stripe::DIALECT];

#[derive(Clone)]
pub struct FakeProvider {
    pub dialect: Dialect,
    pub port: u16,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    known: Mutex<BTreeMap<String, Known>>,
    failing: Mutex<Option<u16>>,
    slow: Mutex<Duration>,
    asked: Mutex<usize>,
    refused: Mutex<usize>,
}

impl FakeProvider {
    pub async fn start(dialect: Dialect) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { dialect, port: listener.local_addr().unwrap().port(), inner: Arc::default() };
        let router = Router::new().fallback(serve).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// The section of the provider, the levels that it decides, and the permission to reach this port.
    pub fn configuration(&self, more: &str) -> String {
        let (port, provider) = (self.port, self.dialect.provider);
        format!(
            "[outgoing]\nallow = [\"localhost:{port}\"]\n[tier_2]\nprovider = \"{provider}\"\n{}{more}",
            (self.dialect.section)(port)
        )
    }

    pub fn stands(&self, reference: &str, outcome: Outcome, at: i64) {
        let mut known = self.inner.known.lock().unwrap();
        let case = known.get_mut(reference).expect("the case is known at the provider");
        (case.outcome, case.at) = (outcome, at);
    }

    pub fn change(&self, reference: &str, how: impl FnOnce(&mut Known)) {
        how(self.inner.known.lock().unwrap().get_mut(reference).expect("the case is known at the provider"));
    }

    pub fn forget(&self, reference: &str) {
        self.inner.known.lock().unwrap().remove(reference);
    }

    pub fn known(&self, reference: &str) -> Known {
        self.inner.known.lock().unwrap()[reference].clone()
    }

    pub fn cases(&self) -> usize {
        self.inner.known.lock().unwrap().len()
    }

    pub fn fail_with(&self, status: Option<u16>) {
        *self.inner.failing.lock().unwrap() = status;
    }

    pub fn take(&self, time: Duration) {
        *self.inner.slow.lock().unwrap() = time;
    }

    /// How often its API was asked.
    pub fn asked(&self) -> usize {
        *self.inner.asked.lock().unwrap()
    }

    /// How often whoever asked did not prove who they are.
    pub fn refused(&self) -> usize {
        *self.inner.refused.lock().unwrap()
    }

    /// A webhook that tells how the case stands, made at `at`.
    pub fn webhook(&self, reference: &str, event: u32, at: i64) -> Webhook {
        let body = (self.dialect.tell)(&self.known(reference), event, at).into_bytes();
        self.signed(SECRET, body, at)
    }

    pub fn signed(&self, secret: &str, body: Vec<u8>, at: i64) -> Webhook {
        let headers = (self.dialect.sign)(secret, &body, at);
        Webhook { path: format!("/hooks/kyc/{}", self.dialect.provider), headers, body }
    }

    /// Posts a webhook of how the case stands, made now.
    pub async fn tell(&self, app: &TestApp, reference: &str, event: u32) -> StatusCode {
        self.webhook(reference, event, app.clock_now().unix()).post(app).await
    }

    /// The case comes to stand so now, and is told.
    pub async fn decide(&self, app: &TestApp, reference: &str, outcome: Outcome, event: u32) -> StatusCode {
        self.stands(reference, outcome, app.clock_now().unix());
        self.tell(app, reference, event).await
    }
}

#[derive(Clone, Debug)]
pub struct Webhook {
    pub path: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Webhook {
    pub async fn post(&self, app: &TestApp) -> StatusCode {
        let mut request = reqwest::Client::new().post(app.url(&self.path)).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap().status()
    }
}

async fn serve(
    State(fake): State<FakeProvider>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    *fake.inner.asked.lock().unwrap() += 1;
    let slow = *fake.inner.slow.lock().unwrap();
    tokio::time::sleep(slow).await;
    if let Some(status) = *fake.inner.failing.lock().unwrap() {
        return (StatusCode::from_u16(status).unwrap(), "{}").into_response();
    }
    let raw_query = uri.query().unwrap_or_default().to_owned();
    let query = url::form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect();
    let (path, port) = (uri.path(), fake.port);
    if path.starts_with(sumsub::WEBSDK) {
        return sumsub::page().into_response();
    }
    let asked = Asked { method: &method, path, query, raw_query, headers: &headers, body: &body, port };
    if !(fake.dialect.knows)(&asked) {
        *fake.inner.refused.lock().unwrap() += 1;
        return (StatusCode::UNAUTHORIZED, "{}").into_response();
    }
    let (status, answer) = (fake.dialect.answer)(&mut fake.inner.known.lock().unwrap(), &asked);
    (StatusCode::from_u16(status).unwrap(), axum::Json(answer)).into_response()
}

impl Asked<'_> {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn path_and_query(&self) -> String {
        if self.raw_query.is_empty() { self.path.to_owned() } else { format!("{}?{}", self.path, self.raw_query) }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap()
    }
}

/// A case as Karat has just asked for it.
pub fn fresh(id: String, case: &str, level: &str) -> Known {
    let (outcome, birthdate) = (Outcome::Begun, "1984-01-26".to_owned());
    Known { id, case: case.to_owned(), level: level.to_owned(), outcome, at: 0, birthdate }
}

/// RFC 3339.
pub fn iso(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub fn not_found() -> (u16, Value) {
    (404, json!({ "error": "no such thing" }))
}

pub fn mac(algorithm: hmac::Algorithm, secret: &str, message: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), message);
    tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A person's case for level 2, handed over: the case, and what the provider calls it.
pub async fn handed_over(app: &TestApp, person: &Person, provider: Provider) -> (CaseId, String) {
    let case = opened(app, person, provider).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    let url = app.karat.hand_over(&user, &case, &app.url("/verify/status")).await.unwrap();
    assert!(url.as_str().starts_with("http"), "{url}");
    (case.id, case_of(app, case.id).await.reference.expect("the provider's id is kept"))
}

/// A case for level 2 that nobody was handed over for yet.
pub async fn opened(app: &TestApp, person: &Person, provider: Provider) -> Case {
    let case = Case {
        id: CaseId::new(app.karat.new_id()),
        user_id: person.id,
        tier: Tier::STANDARD,
        provider,
        reference: None,
        state: CaseState::Collecting,
        reason: None,
        provider_time: None,
        created_at: app.clock_now(),
        submitted_at: None,
        decided_at: None,
        decided_by: None,
        proposal: None,
    };
    let subject = app.karat.kyc_subject(person.id).await.unwrap().unwrap();
    let mut change = app.karat.store.begin().await.unwrap();
    change.add_kyc_case(&case).await.unwrap();
    let begun = Finding::Begun { case: case.id, tier: case.tier };
    let cause = Cause::of(Actor::Person, Value::Null);
    app.karat.record_finding(&mut change, &subject, &begun, &cause).await.unwrap();
    change.commit().await.unwrap();
    case
}

pub async fn case_of(app: &TestApp, case: CaseId) -> Case {
    app.karat.store.kyc_case(case).await.unwrap().unwrap()
}

pub async fn level_of(app: &TestApp, person: &Person) -> u8 {
    app.karat.kyc_tier(&app.karat.store.user(person.id).await.unwrap().unwrap()).level()
}
