//! A gateway that speaks Twilio's Messages API on loopback: checks who asks and what is sent, keeps the messages, fails when
//! told to, and posts receipts signed as Twilio signs them. Its signatures are computed here, not by the product.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded;

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "twilio-auth-token-of-the-tests";
pub const FROM: &str = "+15005550006";

/// A message as it was posted, by the names of Twilio's API.
pub type Message = BTreeMap<String, String>;

#[derive(Clone)]
pub struct FakeTwilio {
    pub port: u16,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    messages: Mutex<Vec<Message>>,
    /// Answered instead of 201: status and Twilio's code.
    failing: Mutex<Option<(u16, i64)>>,
    asked: Mutex<usize>,
}

impl FakeTwilio {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self { port: listener.local_addr().unwrap().port(), inner: Arc::default() };
        let router =
            Router::new().route("/2010-04-01/Accounts/{account}/Messages.json", post(create)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// The keys of the `[sms]` section, and the permission to reach this port.
    pub fn configuration(&self, more: &str) -> String {
        let port = self.port;
        format!(
            "[outgoing]\nallow = [\"localhost:{port}\"]\n{}",
            self.section(&format!("countries = [\"DE\", \"ES\", \"US\"]\n{more}"))
        )
    }

    pub fn section(&self, more: &str) -> String {
        let port = self.port;
        let gateways = if more.contains("gateways = ") { "" } else { "gateways = [\"twilio\"]\n" };
        format!(
            "[sms]\nenabled = true\n{gateways}twilio_api = \"http://localhost:{port}\"\n\
             twilio_account = \"{ACCOUNT}\"\ntwilio_auth_token = \"{TOKEN}\"\ntwilio_from = \"{FROM}\"\n{more}\n"
        )
    }

    /// How often it was asked, refused requests included.
    pub fn asked(&self) -> usize {
        *self.inner.asked.lock().unwrap()
    }

    pub fn messages(&self) -> Vec<Message> {
        self.inner.messages.lock().unwrap().clone()
    }

    pub fn fail_with(&self, status: u16, code: i64) {
        *self.inner.failing.lock().unwrap() = Some((status, code));
    }

    pub fn recover(&self) {
        *self.inner.failing.lock().unwrap() = None;
    }

    /// The newest message to a number, as soon as there is one beyond the first `known`.
    pub async fn next_to(&self, number: &str, known: usize) -> Message {
        for _ in 0..200 {
            let to: Vec<Message> = self.messages().into_iter().filter(|message| message["To"] == number).collect();
            if to.len() > known {
                return to.into_iter().next_back().unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no message beyond the first {known}");
    }

    /// Posts a receipt for a message to where it wanted one.
    pub async fn receipt(&self, message: &Message, status: &str) -> StatusCode {
        let url = &message["StatusCallback"];
        let sid = &message["Sid"];
        let form = [("MessageSid", sid.as_str()), ("MessageStatus", status), ("To", &message["To"]), ("From", FROM)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer = super::browser::http()
            .post(url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature(TOKEN, url, &form))
            .body(body);
        answer.send().await.unwrap().status()
    }
}

/// The six digits of the last line.
pub fn code_of(message: &Message) -> String {
    message["Body"].rsplit('#').next().unwrap().to_owned()
}

/// base64(HMAC-SHA1(token, URL, then names and values in the order of the names)).
pub fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut sorted = form.to_vec();
    sorted.sort_unstable();
    let mut signed = url.to_owned();
    for (name, value) in sorted {
        signed.push_str(name);
        signed.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
}

async fn create(
    State(fake): State<FakeTwilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    *fake.inner.asked.lock().unwrap() += 1;
    let expected = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    if account != ACCOUNT
        || headers.get(header::AUTHORIZATION).is_none_or(|shown| shown.as_bytes() != expected.as_bytes())
    {
        return problem(401, 20003);
    }
    if let Some((status, code)) = *fake.inner.failing.lock().unwrap() {
        return problem(status, code);
    }
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/x-www-form-urlencoded") {
        return problem(400, 20001);
    }
    let mut message: Message = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    if message.get("To").is_none_or(|to| !to.starts_with('+')) {
        return problem(400, 21211);
    }
    let has_sender = message.contains_key("From") != message.contains_key("MessagingServiceSid");
    if !has_sender || message.get("Body").is_none_or(String::is_empty) {
        return problem(400, 21602);
    }
    let mut messages = fake.inner.messages.lock().unwrap();
    let sid = format!("SM{:032}", messages.len() + 1);
    message.insert("Sid".to_owned(), sid.clone());
    messages.push(message);
    (StatusCode::CREATED, axum::Json(json!({ "sid": sid, "status": "queued" }))).into_response()
}

/// As Twilio words it: the message quotes the number.
fn problem(status: u16, code: i64) -> Response {
    let body = json!({ "code": code, "message": "The 'To' number +4915112345678 is not right", "status": status });
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}
