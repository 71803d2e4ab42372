//! `Idempotency-Key`: done once, answered alike.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::api::{Api, service};
use crate::support::relying_party::{Answer, answer};
use crate::support::{Backends, TestApp};

fn service_named(id: &str) -> Value {
    json!({ "client_id": id, "metadata": { "kind": "service", "scope": "trade:read" } })
}

fn keyed(api: &Api<'_>, key: &str, body: &Value) -> RequestBuilder {
    api.request(Method::POST, "/clients").header("idempotency-key", key).json(body)
}

async fn send(api: &Api<'_>, key: &str, body: &Value) -> Answer {
    answer(keyed(api, key, body)).await
}

async fn the_same_request_is_answered_alike_and_done_once(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let body = service_named("robot");
    let first = send(&api, "key-1", &body).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = send(&api, "key-1", &body).await;
    assert_eq!((again.status, &again.body, again.etag()), (201, &first.body, first.etag()), "with the secret");
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["location"], first.headers["location"]);
    assert_eq!(send(&api, "key-2", &body).await.problem(), "conflict", "by another key it is done again");

    let other = send(&api, "key-1", &service_named("other")).await;
    assert_eq!((other.status, other.problem()), (422, "key-reused"));
    // Another's key is another key.
    let second = service(&app, "second", "karat:clients").await;
    assert_eq!(send(&second, "key-1", &service_named("second-robot")).await.status, 201);
    // What was refused changed nothing: the key is free.
    assert_eq!(send(&api, "key-3", &json!({ "client_id": "x" })).await.problem(), "malformed");
    assert_eq!(send(&api, "key-3", &service_named("third")).await.status, 201);
    for wrong in ["", "two words", &"k".repeat(256)] {
        assert_eq!(send(&api, wrong, &service_named("fourth")).await.problem(), "malformed", "{wrong:?}");
    }

    // The secret is in no row as it is.
    let db = app.database().open().await;
    let rows: Vec<(Vec<u8>,)> = db.read("SELECT answer FROM idempotency_keys").all().await.unwrap();
    let secret = first.text("client_secret").as_bytes();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|(sealed,)| !sealed.windows(secret.len()).any(|part| part == secret)));
    app.karat.store.clean_up(app.clock_now(), 100).await.unwrap();
    assert_eq!(send(&api, "key-1", &body).await.status, 201, "kept for a day");
    app.advance(24 * 3600);
    app.karat.store.clean_up(app.clock_now(), 100).await.unwrap();
    let rows: Vec<(Vec<u8>,)> = db.read("SELECT answer FROM idempotency_keys").all().await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_alike_and_done_once_on_sqlite() {
    the_same_request_is_answered_alike_and_done_once(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_alike_and_done_once_on_postgres() {
    the_same_request_is_answered_alike_and_done_once(Backends::PostgresAndRedis).await;
}

async fn of_requests_at_once_one_is_done(backends: Backends) {
    let app = TestApp::on(backends).await;
    let api = service(&app, "registrar", "karat:clients").await;
    let body = json!({ "only": true });
    assert_eq!(api.post("/clients", service_named("robot")).await.status, 201);
    let mut all = Vec::new();
    for _ in 0..10 {
        let request = api.request(Method::POST, "/clients/robot/secret").header("idempotency-key", "race").json(&body);
        all.push(tokio::spawn(answer(request)));
    }
    let mut secrets = std::collections::BTreeSet::new();
    for one in all {
        let told = one.await.unwrap();
        match told.status {
            200 => _ = secrets.insert(told.text("client_secret").to_owned()),
            _ => assert_eq!((told.status, told.problem()), (409, "in-flight")),
        }
    }
    assert_eq!(secrets.len(), 1, "whoever was answered has the same secret");
    let rows = app.database().open().await;
    let made: Vec<(i64,)> =
        rows.read("SELECT seq FROM audit_log WHERE act = 'clients.rotate_secret'").all().await.unwrap();
    assert_eq!(made.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_requests_at_once_one_is_done_on_sqlite() {
    of_requests_at_once_one_is_done(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_requests_at_once_one_is_done_on_postgres() {
    of_requests_at_once_one_is_done(Backends::PostgresAndRedis).await;
}
