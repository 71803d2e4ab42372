//! Security events on their way to an app: pushed over HTTP as RFC 8935 says, to a receiver that behaves as it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::client::Client;
use karat::jobs::Jobs;
use karat::storage::outbox::{Outgoing, SecurityEvent, SecurityEventKind};
use serde_json::{Value, json};

use crate::support::app::web_client;
use crate::support::{Person, TestApp};

#[derive(Clone, Default)]
struct Receiver {
    heard: Arc<Mutex<Vec<Pushed>>>,
    /// What is answered, one after the other; 202 in the end.
    answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
}

#[derive(Clone, Debug)]
struct Pushed {
    method: Method,
    headers: HeaderMap,
    body: String,
}

impl Receiver {
    async fn start(answers: &[(u16, &'static str)]) -> (Self, u16) {
        let receiver = Self::default();
        receiver.answers.lock().unwrap().extend(answers.iter().rev());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, port)
    }

    fn heard(&self) -> Vec<Pushed> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(State(receiver): State<Receiver>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.heard.lock().unwrap().push(Pushed { method, headers, body });
    let (status, answer) = receiver.answers.lock().unwrap().pop().unwrap_or((202, ""));
    (StatusCode::from_u16(status).unwrap(), answer).into_response()
}

/// Karat with an app that listens, and somebody whom an event is about.
async fn stage(answers: &[(u16, &'static str)]) -> (TestApp, Receiver, Person, Jobs) {
    let (receiver, port) = Receiver::start(answers).await;
    let backends = crate::support::Backends::SqliteAndMemory;
    let app = TestApp::start_with(backends, &format!("[outgoing]\nallow = [\"localhost:{port}\"]\n")).await;
    let events_uri = Some(format!("http://localhost:{port}/events"));
    app.add_client(&Client { events_uri, ..web_client("exchange") }).await;
    let person = app.person("erika@example.com").await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let event = SecurityEvent {
        client_id: "exchange".parse().unwrap(),
        user_id: person.id,
        kind: SecurityEventKind::ClaimsChanged,
    };
    let mut change = app.karat.store.begin().await.unwrap();
    change.send("the-event", &Outgoing::SecurityEvent(event), app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    app.karat.outbox_bell.notify_one();
    (app, receiver, person, jobs)
}

/// How the delivery ended, moving the clock on by `step` seconds while it waits.
async fn outcome(app: &TestApp, step: i64) -> String {
    for _ in 0..300 {
        let found: Option<(String,)> = app
            .karat
            .store
            .db()
            .read("SELECT outcome FROM outbox WHERE id = 'the-event' AND finished_at IS NOT NULL")
            .optional()
            .await
            .unwrap();
        if let Some((outcome,)) = found {
            return outcome;
        }
        app.advance(step);
        app.karat.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is still waiting");
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_pushed_as_a_typed_token_and_202_ends_it() {
    let (app, receiver, person, jobs) = stage(&[]).await;
    assert_eq!(outcome(&app, 0).await, "arrived");
    let heard = receiver.heard();
    assert_eq!(heard.len(), 1);
    let header = |name: &str| heard[0].headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(heard[0].method, Method::POST);
    assert_eq!((header("content-type"), header("accept")), ("application/secevent+jwt", "application/json"));
    assert!(heard[0].headers.get("cookie").is_none() && heard[0].headers.get("authorization").is_none());
    assert_eq!(part(&heard[0].body, 0)["typ"], "secevent+jwt");
    let claims = part(&heard[0].body, 1);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(app.base), &json!("exchange")));
    assert_eq!(claims["sub_id"]["sub"], person.id.to_string());
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

/// RFC 8935 section 2.4: who has read it and refuses it would do so again.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_refused_by_400_is_not_pushed_again_and_the_reason_is_kept() {
    let said = r#"{"err":"invalid_issuer","description":"Who is that?"}"#;
    let (app, receiver, _, jobs) = stage(&[(400, said)]).await;
    assert_eq!(outcome(&app, 0).await, "refused: the app answered 400: invalid_issuer");
    app.advance(3_600);
    app.karat.outbox_bell.notify_one();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.heard().len(), 1);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_pushed_again_until_the_app_is_there_and_says_how_things_stand_then() {
    let (app, receiver, _, jobs) = stage(&[(503, ""), (500, "no JSON"), (401, "")]).await;
    assert_eq!(outcome(&app, 20).await, "arrived");
    let heard = receiver.heard();
    assert_eq!(heard.len(), 4);
    let told: Vec<i64> = heard.iter().map(|pushed| part(&pushed.body, 1)["iat"].as_i64().unwrap()).collect();
    assert!(told.is_sorted() && told[0] < told[3], "made anew for each attempt: {told:?}");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_never_answers_well_is_given_up() {
    let (app, receiver, _, jobs) = stage(&[(500, ""); 20]).await;
    assert_eq!(outcome(&app, 1_200).await, "given up: the app answered 500");
    // One more where the clock, moved on meanwhile, overtook an attempt under way.
    let heard = receiver.heard().len();
    assert!((6..=8).contains(&heard), "{heard}");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}
