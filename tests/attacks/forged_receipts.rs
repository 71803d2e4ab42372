//! Delivery receipts that nobody sent who may: refused by the bytes as they came, whatever they say, and without effect.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karat::domain::sms::SmsPurpose;
use karat::domain::time::Seconds;
use karat::storage::outbox::Sms;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;

use crate::support::browser::http;
use crate::support::twilio::{FakeTwilio, TOKEN, signature};
use crate::support::{Backends, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const KEY: &[u8] = b"0123456789abcdef01234567";
const SID: &str = "SM00000000000000000000000000000001";

async fn start(twilio: &FakeTwilio) -> TestApp {
    let both = format!(
        "gateways = [\"twilio\", \"webhook\"]\nwebhook_url = \"https://sms.example.com/\"\nwebhook_secret = \"{SECRET}\"\n"
    );
    TestApp::start_with(Backends::SqliteAndMemory, &twilio.configuration(&both)).await
}

/// A message on its way.
async fn message(app: &TestApp, id: &str) {
    let sms = Sms {
        to: "+4915112345678".to_owned(),
        text: "a text".to_owned(),
        purpose: SmsPurpose::LogIn,
        locale: "en".to_owned(),
        expires_at: app.clock_now().plus(Seconds(300)),
    };
    let mut change = app.karat.store.begin().await.unwrap();
    change.send_sms(id, sms, "DE".parse().unwrap(), app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
}

async fn status(app: &TestApp, id: &str) -> String {
    app.karat.store.sms_status(id).await.unwrap().unwrap()
}

async fn post_twilio(app: &TestApp, path: &str, body: &str, signature: Option<&str>) -> StatusCode {
    let request = http().post(app.url(path)).header(CONTENT_TYPE, FORM).body(body.to_owned());
    let request = match signature {
        Some(signature) => request.header("x-twilio-signature", signature),
        None => request,
    };
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_twilio_receipt_counts_only_with_its_signature() {
    let twilio = FakeTwilio::start().await;
    let app = start(&twilio).await;
    message(&app, "one").await;
    let path = "/hooks/sms/twilio?message=one";
    let body = format!("MessageSid={SID}&MessageStatus=delivered");
    let right = signature(TOKEN, &app.url(path), &[("MessageSid", SID), ("MessageStatus", "delivered")]);
    let failed = body.replace("delivered", "failed");
    let stranger = signature("another token", &app.url(path), &[("MessageSid", SID), ("MessageStatus", "delivered")]);
    for (path, body, signature, why) in [
        (path, body.as_str(), None, "no signature"),
        (path, &body, Some(""), "an empty one"),
        (path, &body, Some(stranger.as_str()), "another token's"),
        (path, &failed, Some(&right), "another status"),
        (path, &format!("{body}&ErrorCode=1"), Some(&right), "an extra parameter"),
        (path, &format!("{body}&MessageStatus=delivered"), Some(&right), "a doubled parameter"),
        ("/hooks/sms/twilio?message=two", &body, Some(&right), "another message"),
        ("/hooks/sms/twilio?message=one&message=one", &body, Some(&right), "another query"),
        ("/hooks/sms/twilio", &body, Some(&right), "no query"),
        (path, "", Some(&right), "no body"),
    ] {
        assert_eq!(post_twilio(&app, path, body, signature).await, StatusCode::UNAUTHORIZED, "{why}");
    }
    let twice = http().post(app.url(path)).header(CONTENT_TYPE, FORM).body(body.clone());
    let twice = twice.header("x-twilio-signature", &right).header("x-twilio-signature", &right);
    assert_eq!(twice.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "two signatures");
    assert_eq!(status(&app, "one").await, "waiting", "nothing was believed");

    assert_eq!(post_twilio(&app, path, &body, Some(&right)).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "one").await, "delivered");
    // Again, and late: what was known stays.
    assert_eq!(post_twilio(&app, path, &body, Some(&right)).await, StatusCode::NO_CONTENT);
    let sent = signature(TOKEN, &app.url(path), &[("MessageSid", SID), ("MessageStatus", "sent")]);
    assert_eq!(post_twilio(&app, path, &body.replace("delivered", "sent"), Some(&sent)).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "one").await, "delivered");
}

#[tokio::test]
async fn a_receipt_as_json_counts_by_the_hash_in_its_signed_url() {
    let twilio = FakeTwilio::start().await;
    let app = start(&twilio).await;
    message(&app, "one").await;
    let body = format!(r#"{{"MessageSid":"{SID}","MessageStatus":"undelivered","ErrorCode":30003}}"#);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
    let hash: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let url = app.url(&format!("/hooks/sms/twilio?message=one&bodySHA256={hash}"));
    let right = signature(TOKEN, &url, &[]);
    let post = async |url: &str, body: &str| {
        let request = http().post(url).header(CONTENT_TYPE, "application/json").body(body.to_owned());
        request.header("x-twilio-signature", &right).send().await.unwrap().status()
    };
    assert_eq!(post(&url, &body.replace("undelivered", "delivered")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(post(&app.url("/hooks/sms/twilio?message=one"), &body).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, "one").await, "waiting");
    assert_eq!(post(&url, &body).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "one").await, "undelivered");
}

#[tokio::test]
async fn a_webhook_receipt_counts_once_and_in_its_time() {
    let twilio = FakeTwilio::start().await;
    let app = start(&twilio).await;
    message(&app, "one").await;
    let body = r#"{"message_id":"one","status":"delivered"}"#;
    let sign = |id: &str, time: i64, body: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, format!("{id}.{time}.{body}").as_bytes())))
    };
    let post = async |id: &str, time: i64, signature: &str, body: &str| {
        let request = http().post(app.url("/hooks/sms/webhook")).header("webhook-id", id).body(body.to_owned());
        let request = request.header("webhook-timestamp", time.to_string()).header("webhook-signature", signature);
        request.send().await.unwrap().status()
    };
    let now = app.clock_now().unix();
    let right = sign("msg", now, body);
    let without = http().post(app.url("/hooks/sms/webhook")).body(body).send().await.unwrap().status();
    assert_eq!(without, StatusCode::UNAUTHORIZED, "no headers");
    for (time, signature, body, why) in [
        (now, right.replace("v1,", "v0,"), body, "another version"),
        (now, right.clone(), r#"{"message_id":"one","status":"failed"}"#, "another body"),
        (now - 1, right.clone(), body, "another time"),
        (now - 301, sign("msg", now - 301, body), body, "an old one"),
        (now + 301, sign("msg", now + 301, body), body, "one of the future"),
    ] {
        assert_eq!(post("msg", time, &signature, body).await, StatusCode::UNAUTHORIZED, "{why}");
    }
    assert_eq!(status(&app, "one").await, "waiting");
    assert_eq!(post("msg", now, &right, body).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "one").await, "delivered");
    assert_eq!(post("msg", now, &right, body).await, StatusCode::CONFLICT, "replayed");
    let later = sign("msg", now + 1, body);
    assert_eq!(post("msg", now + 1, &later, body).await, StatusCode::CONFLICT, "the same receipt, signed anew");
}

#[tokio::test]
async fn without_the_gateway_there_is_nobody_to_take_receipts() {
    let app = TestApp::start().await;
    let path = "/hooks/sms/twilio?message=one";
    let forged = signature("", &app.url(path), &[("MessageSid", SID), ("MessageStatus", "delivered")]);
    let body = format!("MessageSid={SID}&MessageStatus=delivered");
    assert_eq!(post_twilio(&app, path, &body, Some(&forged)).await, StatusCode::NOT_FOUND);
}
