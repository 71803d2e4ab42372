//! Webhook endpoints by the API.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;
use crate::support::api::service;
use crate::support::relying_party::answer;

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_lives_from_its_secret_to_its_removal() {
    let app = TestApp::start().await;
    let api = service(&app, "wiring", "karat:webhooks").await;
    let wanted = json!({ "url": "https://hooks.example.com/karat", "events": ["*"], "description": "ledger" });
    let made = api.post("/webhooks", wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.text("secret").to_owned();
    let path = format!("/webhooks/{}", made.body["webhook"]["id"].as_str().unwrap());
    let shown = api.get(&path).await;
    assert_eq!(shown.body, made.body["webhook"]);
    assert!(!shown.body.to_string().contains(&secret));
    assert_eq!(shown.etag(), made.etag());
    let late = api.change(Method::PATCH, &path, "\"another\"", Some(json!({ "enabled": false }))).await;
    assert_eq!((late.status, late.problem()), (412, "stale"), "{late:?}");
    let off = api.change(Method::PATCH, &path, &shown.etag(), Some(json!({ "enabled": false }))).await;
    assert_ne!(off.etag(), shown.etag());
    assert_eq!(api.change(Method::DELETE, &path, &shown.etag(), None).await.problem(), "stale");
    assert_eq!((off.status, &off.body["enabled"]), (200, &json!(false)), "{off:?}");
    let refused = api.post_empty(&format!("{path}/test")).await;
    assert_eq!(refused.problem(), "conflict", "nothing is sent to what is switched off");
    answer(api.request(Method::PATCH, &path).json(&json!({ "enabled": true }))).await;
    let sent = api.post_empty(&format!("{path}/test")).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let log = api.get(&format!("{path}/deliveries")).await;
    assert_eq!(log.body["items"][0]["id"], sent.body["message"], "{log:?}");
    let rotated = api.post(&format!("{path}/secret"), json!({ "at_once": true })).await;
    assert_ne!(rotated.text("secret"), secret);
    let wrong = api.post("/webhooks", json!({ "url": "http://127.0.0.1/", "events": ["*"] })).await;
    assert_eq!(wrong.problem(), "invalid");
    assert_eq!(answer(api.request(Method::DELETE, &path)).await.status, 204);
    assert_eq!(api.get(&path).await.problem(), "not-found");
}
