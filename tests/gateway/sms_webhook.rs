//! The operator's own gateway: what is posted to it, what is believed of it, and who is asked when another one fails.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karat::domain::time::Timestamp;
use karat::gateway::fetch::Fetcher;
use karat::gateway::sms::{OutgoingSms, SignedHead, Texter, WebhookReceipts};
use serde_json::{Value, json};

use crate::config;
use crate::twilio::FakeTwilio;

const NOW: i64 = 1_768_472_430;
/// 24 bytes.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const KEY: &[u8] = b"0123456789abcdef01234567";
const PREVIOUS: &str = "whsec_dGhlLXByZXZpb3VzLXNlY3JldC0wMTIzNDU2Nzg5";
const PREVIOUS_KEY: &[u8] = b"the-previous-secret-0123456789";

fn message() -> OutgoingSms<'static> {
    OutgoingSms {
        to: "+4915112345678",
        text: "Karat: 747723 is your code.",
        purpose: "log_in",
        id: "0199-message",
        locale: "es",
        expires_at: Timestamp::from_unix(NOW + 240),
        now: Timestamp::from_unix(NOW),
    }
}

fn signed(key: &[u8], id: &str, time: &str, body: &[u8]) -> String {
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", body].concat();
    format!("v1,{}", STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &signed)))
}

/// Headers and bodies as they came.
type Posts = Arc<Mutex<Vec<(BTreeMap<String, String>, String)>>>;

/// An endpoint that answers `status` to all.
async fn endpoint(status: StatusCode) -> (u16, Posts) {
    let posts = Posts::default();
    let kept = posts.clone();
    let router = Router::new().route(
        "/send",
        post(async move |headers: HeaderMap, body: String| {
            let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
            kept.lock().unwrap().push((headers.collect(), body));
            status
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, posts)
}

fn texter(text: &str) -> Texter {
    let config = config(text);
    Texter::new(&config.sms, "https://login.example.com", Fetcher::new(&config.outgoing).unwrap()).unwrap()
}

fn webhook(port: u16) -> String {
    format!(
        "[outgoing]\nallow = [\"localhost:{port}\"]\n[sms]\nenabled = true\ngateways = [\"webhook\"]\ncountries = [\"DE\"]\n\
         webhook_url = \"http://localhost:{port}/send\"\nwebhook_secret = \"{SECRET}\"\n"
    )
}

#[tokio::test]
async fn a_message_is_posted_signed_as_standard_webhooks_says() {
    let (port, posts) = endpoint(StatusCode::ACCEPTED).await;
    let accepted = texter(&webhook(port)).send(&message()).await.unwrap();
    assert_eq!((accepted.gateway, accepted.reference), ("webhook", None));
    let (headers, body) = posts.lock().unwrap().pop().unwrap();
    let told: Value = serde_json::from_str(&body).unwrap();
    let expected = json!({
        "to": "+4915112345678", "text": "Karat: 747723 is your code.", "purpose": "log_in",
        "message_id": "0199-message", "expires_at": NOW + 240, "locale": "es",
    });
    assert_eq!(told, expected);
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["webhook-id"], "0199-message");
    assert_eq!(headers["webhook-timestamp"], NOW.to_string());
    assert_eq!(headers["webhook-signature"], signed(KEY, "0199-message", &NOW.to_string(), body.as_bytes()));
}

#[tokio::test]
async fn the_next_gateway_is_asked_when_one_fails_and_no_sooner() {
    let twilio = FakeTwilio::start().await;
    let (port, posts) = endpoint(StatusCode::OK).await;
    let both = format!(
        "[outgoing]\nallow = [\"localhost:{port}\", \"localhost:{}\"]\n{}",
        twilio.port,
        twilio.section(&format!(
            "gateways = [\"twilio\", \"webhook\"]\ncountries = [\"DE\"]\n\
             webhook_url = \"http://localhost:{port}/send\"\nwebhook_secret = \"{SECRET}\"\n"
        ))
    );
    let texter = texter(&both);
    assert_eq!(texter.send(&message()).await.unwrap().gateway, "twilio");
    assert_eq!(posts.lock().unwrap().len(), 0, "one message, one price");
    for (status, code) in [(500, 20500), (400, 21408), (401, 20003)] {
        twilio.fail_with(status, code);
        assert_eq!(texter.send(&message()).await.unwrap().gateway, "webhook", "{status}");
    }
    assert_eq!(posts.lock().unwrap().len(), 3);
    twilio.recover();
    assert_eq!(texter.send(&message()).await.unwrap().gateway, "twilio");
}

#[tokio::test]
async fn it_is_refused_for_good_only_when_every_gateway_says_so() {
    for (status, permanent) in [(StatusCode::UNPROCESSABLE_ENTITY, true), (StatusCode::BAD_GATEWAY, false)] {
        let (port, posts) = endpoint(status).await;
        let error = texter(&webhook(port)).send(&message()).await.unwrap_err();
        assert_eq!(error.permanent, permanent, "{error}");
        assert_eq!(error.message, format!("webhook: answered {}", status.as_u16()));
        assert_eq!(posts.lock().unwrap().len(), 1);
    }
}

fn receipts(with_previous: bool) -> WebhookReceipts {
    let previous = if with_previous { format!("webhook_previous_secret = \"{PREVIOUS}\"\n") } else { String::new() };
    WebhookReceipts::new(&config(&format!("{}{previous}", webhook(9))).sms)
}

const BODY: &[u8] = br#"{"message_id":"0199-message","status":"delivered"}"#;

fn accepts(receipts: &WebhookReceipts, time: &str, signature: &str, body: &[u8]) -> bool {
    receipts.accepts(SignedHead { id: "msg_1", timestamp: time, signature }, body, Timestamp::from_unix(NOW))
}

#[test]
fn a_receipt_signed_with_either_living_secret_is_believed() {
    let time = NOW.to_string();
    let (now, before) = (signed(KEY, "msg_1", &time, BODY), signed(PREVIOUS_KEY, "msg_1", &time, BODY));
    assert!(accepts(&receipts(false), &time, &now, BODY));
    assert!(accepts(&receipts(true), &time, &before, BODY));
    assert!(accepts(&receipts(true), &time, &format!("v1,AAAA v1a,xyz {now}"), BODY), "one of several suffices");
    assert!(!accepts(&receipts(false), &time, &before, BODY), "the previous secret is dead");
}

#[test]
fn a_receipt_that_differs_in_anything_is_not_believed() {
    let receipts = receipts(true);
    let time = NOW.to_string();
    let right = signed(KEY, "msg_1", &time, BODY);
    assert!(accepts(&receipts, &time, &right, BODY));
    let mut changed = BODY.to_vec();
    changed[20] ^= 1;
    assert!(!accepts(&receipts, &time, &right, &changed), "a byte of the body");
    assert!(!accepts(&receipts, &time, &right, br#"{"status":"delivered","message_id":"0199-message"}"#), "rewritten");
    let other = SignedHead { id: "msg_2", timestamp: &time, signature: &right };
    assert!(!receipts.accepts(other, BODY, Timestamp::from_unix(NOW)), "another id");
    let nobody = SignedHead { id: "", timestamp: &time, signature: &signed(KEY, "", &time, BODY) };
    assert!(!receipts.accepts(nobody, BODY, Timestamp::from_unix(NOW)), "no id");
    for signature in
        ["", "v1,", &right.replace("v1,", "v0,"), &right.replace("v1,", "v1a,"), &right[3..], &right.to_uppercase()]
    {
        assert!(!accepts(&receipts, &time, signature, BODY), "{signature}");
    }
    let stranger = signed(b"another-secret-of-a-stranger", "msg_1", &time, BODY);
    assert!(!accepts(&receipts, &time, &stranger, BODY));
}

#[test]
fn a_receipt_of_another_time_is_not_believed() {
    let receipts = receipts(false);
    for (shift, believed) in [(0, true), (-300, true), (300, true), (-301, false), (301, false), (-86_400, false)] {
        let time = (NOW + shift).to_string();
        let signature = signed(KEY, "msg_1", &time, BODY);
        assert_eq!(accepts(&receipts, &time, &signature, BODY), believed, "{shift}");
    }
    for time in ["", "now", "+1768472430", " 1768472430", "1768472430.0", "99999999999999999999"] {
        let signature = signed(KEY, "msg_1", time, BODY);
        assert!(!accepts(&receipts, time, &signature, BODY), "{time:?}");
    }
}
