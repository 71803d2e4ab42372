//! What systems of the operator hear, as they hear it: signed, once or more, and never at somebody else's cost.

use std::time::{Duration, Instant};

use karat::domain::webhook::WebhookEvent;
use karat::flow::admin::Authority;
use karat::flow::condition::Changed;
use karat::flow::webhooks::WebhookEntry;
use karat::jobs::Jobs;
use karat::storage::webhooks::Endpoint;
use karat::storage::webhooks::deliveries::{Delivery, DeliveryState};
use serde_json::{Value, json};

use crate::process::Installation;
use crate::receiver::Receiver;
use crate::support::{Backends, TestApp};

fn allowing(receivers: &[&Receiver]) -> String {
    let listed: Vec<String> = receivers.iter().map(|receiver| format!("'{}'", receiver.address)).collect();
    format!("[outgoing]\nallow = [{}]\ntimeout = '2s'\n", listed.join(", "))
}

fn wants(url: &str, events: &[&str]) -> WebhookEntry {
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    WebhookEntry { url: Some(url.to_owned()), events: Some(events), ..WebhookEntry::default() }
}

async fn add(app: &TestApp, receiver: &Receiver, events: &[&str]) -> (Endpoint, String) {
    let (endpoint, secret) =
        app.karat.add_webhook(&Authority::operator(), &wants(&receiver.url(), events)).await.unwrap();
    (endpoint, secret.expose().to_owned())
}

async fn lock(app: &TestApp, email: &str) -> String {
    let person = app.person(email).await;
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    let locked = app.karat.lock_account(&Authority::operator(), &user, "fraud ring 7").await.unwrap();
    assert_eq!(locked, Changed::Done);
    app.karat.outbox_bell.notify_one();
    person.id.to_string()
}

async fn log(app: &TestApp, endpoint: &Endpoint) -> Vec<Delivery> {
    app.karat.webhook_deliveries(&Authority::operator(), &endpoint.id, "", 100).await.unwrap()
}

/// Moves the clock on until the newest message has reached a state.
async fn reaches(app: &TestApp, endpoint: &Endpoint, state: DeliveryState, step: i64) -> Delivery {
    for _ in 0..400 {
        if let Some(newest) = log(app, endpoint).await.into_iter().next().filter(|newest| newest.state == state) {
            return newest;
        }
        app.advance(step);
        app.karat.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{:?}", log(app, endpoint).await);
}

async fn what_is_recorded_is_told_signed_and_logged(backends: Backends) {
    let (crm, risk) = (Receiver::start(200).await, Receiver::start(204).await);
    let app = TestApp::start_with(backends, &allowing(&[&crm, &risk])).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let (endpoint, secret) = add(&app, &crm, &["user"]).await;
    let (_, other_secret) = add(&app, &risk, &["session.started", "kyc"]).await;
    let id = lock(&app, "erika@example.com").await;

    let heard = crm.wait_for(1).await;
    assert_eq!(
        heard[0].json(),
        json!({ "type": "user.locked", "timestamp": "2026-01-15T10:00:00Z", "data": { "user_id": id } }),
        "and not why"
    );
    assert!(heard[0].is_signed_with(&secret) && !heard[0].is_signed_with(&other_secret));
    assert_eq!(heard[0].timestamp, app.clock_now().unix().to_string());
    let delivered = reaches(&app, &endpoint, DeliveryState::Arrived, 0).await;
    assert_eq!((delivered.id, delivered.attempts[0].status), (heard[0].id.clone(), Some(200)));
    assert!(risk.heard().is_empty(), "it does not want that");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_is_recorded_is_told_signed_and_logged_on_sqlite() {
    what_is_recorded_is_told_signed_and_logged(Backends::SqliteAndMemory).await;
}

#[tokio::test]
async fn what_is_recorded_is_told_signed_and_logged_on_postgres() {
    what_is_recorded_is_told_signed_and_logged(Backends::PostgresAndRedis).await;
}

#[tokio::test]
async fn a_change_that_is_not_committed_is_not_told() {
    let crm = Receiver::start(200).await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &allowing(&[&crm])).await;
    let (endpoint, _) = add(&app, &crm, &["*"]).await;
    let person = app.person("erika@example.com").await;
    let mut change = app.karat.store.begin().await.unwrap();
    let event = app.karat.event(karat::storage::events::EventKind::Frozen, person.id);
    change.record(&event).await.unwrap();
    drop(change);
    assert!(log(&app, &endpoint).await.is_empty());
    let mut change = app.karat.store.begin().await.unwrap();
    change.record(&event).await.unwrap();
    change.commit().await.unwrap();
    assert_eq!(log(&app, &endpoint).await[0].event, "user.frozen");
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    let crm = Receiver::start(200).await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &allowing(&[&crm])).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let by = Authority::operator();
    let (endpoint, first) = add(&app, &crm, &["user"]).await;
    let second = app.karat.rotate_webhook_secret(&by, &endpoint.id, false).await.unwrap();
    app.karat.test_webhook(&by, &endpoint.id).await.unwrap();
    let heard = crm.wait_for(1).await;
    assert!(heard[0].is_signed_with(&first) && heard[0].is_signed_with(second.expose()));
    assert_eq!(heard[0].json()["type"], "webhook.test");

    app.advance(24 * 3600 + 1);
    app.karat.test_webhook(&by, &endpoint.id).await.unwrap();
    let heard = crm.wait_for(2).await;
    assert!(!heard[1].is_signed_with(&first) && heard[1].is_signed_with(second.expose()));

    let third = app.karat.rotate_webhook_secret(&by, &endpoint.id, true).await.unwrap();
    app.karat.test_webhook(&by, &endpoint.id).await.unwrap();
    let heard = crm.wait_for(3).await;
    assert!(!heard[2].is_signed_with(second.expose()) && heard[2].is_signed_with(third.expose()));
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn what_failed_is_tried_again_under_the_same_id_and_with_a_time_of_its_own() {
    let crm = Receiver::start(503).await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &allowing(&[&crm])).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let (endpoint, secret) = add(&app, &crm, &["user"]).await;
    lock(&app, "erika@example.com").await;
    crm.wait_for(1).await;
    let waiting = log(&app, &endpoint).await;
    assert_eq!(waiting[0].state, DeliveryState::Waiting);
    crm.answer(200);
    let arrived = reaches(&app, &endpoint, DeliveryState::Arrived, 30).await;
    let heard = crm.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!((&heard[0].id, &heard[0].body), (&heard[1].id, &heard[1].body));
    assert_ne!(heard[0].timestamp, heard[1].timestamp);
    assert!(heard.iter().all(|post| post.is_signed_with(&secret)));
    let said: Vec<_> = arrived.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(said, [Some(503), Some(200)]);

    let by = Authority::operator();
    app.karat.redeliver_webhook(&by, &endpoint.id, &arrived.id).await.unwrap();
    assert_eq!(crm.wait_for(3).await[2].id, arrived.id, "once more, by hand");
    assert!(app.karat.redeliver_webhook(&by, &endpoint.id, "msg_of_somebody_else").await.is_err());
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn who_answers_410_hears_nothing_any_more_and_who_never_answers_is_given_up() {
    let (gone, broken) = (Receiver::start(410).await, Receiver::start(500).await);
    let app = TestApp::start_with(Backends::SqliteAndMemory, &allowing(&[&gone, &broken])).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let (off, _) = add(&app, &gone, &["user"]).await;
    let (never, _) = add(&app, &broken, &["user"]).await;
    lock(&app, "erika@example.com").await;
    reaches(&app, &off, DeliveryState::GivenUp, 0).await;
    let by = Authority::operator();
    let (_, because) = app.karat.webhook(&by, &off.id).await.unwrap().disabled.unwrap();
    assert!(because.contains("410"), "{because}");
    let begun = app.clock_now();
    let given_up = reaches(&app, &never, DeliveryState::GivenUp, 3600).await;
    // Moving the clock on ends leases early, so that two attempts may have been one for the log.
    assert!((12..=16).contains(&given_up.attempts.len()), "{given_up:?}");
    assert!(app.clock_now().since(begun).0 > 48 * 3600, "for days");

    let so_far = broken.heard().len();
    lock(&app, "max@example.com").await;
    broken.wait_for(so_far + 1).await;
    assert_eq!(gone.heard().len(), 1);
    let back = WebhookEntry { enabled: Some(true), ..WebhookEntry::default() };
    app.karat.change_webhook(&by, &off.id, &back).await.unwrap();
    gone.answer(200);
    app.karat.test_webhook(&by, &off.id).await.unwrap();
    gone.wait_for(2).await;
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn endpoints_that_hang_keep_nobody_waiting() {
    let (good, hanging) = (Receiver::start(200).await, Receiver::start(0).await);
    let app = TestApp::start_with(Backends::SqliteAndMemory, &allowing(&[&good, &hanging])).await;
    for number in 0..10 {
        let url = format!("{}/{number}", hanging.url());
        app.karat.add_webhook(&Authority::operator(), &wants(&url, &["user"])).await.unwrap();
    }
    for number in 0..10 {
        lock(&app, &format!("person{number}@example.com")).await;
    }
    let (endpoint, _) = add(&app, &good, &["user"]).await;
    lock(&app, "erika@example.com").await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    let began = Instant::now();
    good.wait_for(1).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    reaches(&app, &endpoint, DeliveryState::Arrived, 0).await;
    // 11 locked people: the mails to them have not waited for those who hang.
    while app.karat.store.kept_mails(100).await.unwrap().len() < 11 {
        assert!(began.elapsed() < Duration::from_secs(8), "the mails wait");
        app.karat.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(hanging.heard().len() >= 2, "they were asked");
    drop(jobs);
}

#[tokio::test]
async fn an_endpoint_is_a_public_host_and_wants_something() {
    let app = TestApp::start().await;
    let by = Authority::operator();
    for (url, events) in [
        ("http://crm.example.com/hook", &["user"][..]),
        ("https://127.0.0.1/hook", &["user"]),
        ("https://169.254.169.254/latest", &["user"]),
        ("https://localhost/hook", &["user"]),
        ("https://crm.example.com:6379/", &["user"]),
        ("https://user:secret@crm.example.com/", &["user"]),
        ("file:///etc/passwd", &["user"]),
        ("https://crm.example.com/hook", &[]),
        ("https://crm.example.com/hook", &["users"]),
        ("https://crm.example.com/hook", &["webhook.test"]),
    ] {
        assert!(app.karat.add_webhook(&by, &wants(url, events)).await.is_err(), "{url} {events:?}");
    }
    assert!(app.karat.add_webhook(&by, &wants("https://crm.example.com/hook", &["user"])).await.is_ok());
}

/// Killed before the endpoint has answered, the message comes after the restart, under the same id.
#[tokio::test]
async fn a_message_survives_the_death_of_the_server() {
    let crm = Receiver::start(0).await;
    let more = format!("[mail]\ntransport = \"none\"\n[registration]\nenabled = false\n{}", allowing(&[&crm]));
    let installation = Installation::with(&more);
    let server = installation.serve().await;
    let added = installation.json(&["webhook", "add", &crm.url(), "--event", "user.registered", "--json"]);
    let (id, secret) = (added["webhook"]["id"].as_str().unwrap(), added["secret"].as_str().unwrap());
    assert!(!installation.karat(&["webhook", "show", id]).succeeded().out.contains(secret), "shown once");
    let made = installation.json(&["user", "add", "--email", "erika@example.com", "--json"]);
    let before = crm.wait_for(1).await;
    server.signal("KILL");
    drop(server);

    crm.answer(200);
    let server = installation.serve().await;
    // The lease of the dead one has to run out.
    let mut heard = crm.heard();
    for _ in 0..1200 {
        if heard.len() > before.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        heard = crm.heard();
    }
    assert_eq!(heard[1].id, before[0].id);
    assert!(heard[1].is_signed_with(secret));
    assert_eq!(heard[1].json()["data"]["user_id"], made["id"]);
    for _ in 0..100 {
        let sent = installation.json(&["webhook", "deliveries", id, "--json"]);
        if sent[0]["state"] == "arrived" {
            assert_eq!(sent[0]["id"], heard[1].id.as_str());
            server.stop().await;
            installation.karat(&["webhook", "remove", id]).succeeded();
            assert_eq!(installation.json(&["webhook", "list", "--json"]), json!([]));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the log does not say that it arrived");
}

/// Every kind is in the document for receivers, with an example, and nothing else is.
#[test]
fn the_document_for_receivers_lists_every_event() {
    let document = include_str!("../../docs/webhooks.md");
    let table = document.split("| type | `data` |").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let listed: Vec<(&str, &str)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').splitn(2, " | ").collect();
            (cells[0].trim().trim_matches('`'), cells[1])
        })
        .collect();
    let kinds: Vec<&str> = WebhookEvent::ALL.iter().map(|event| event.as_str()).collect();
    assert_eq!(listed.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), kinds);
    for (kind, example) in listed {
        let example = example.split('`').nth(1).unwrap().replace("\\|", "|");
        assert!(serde_json::from_str::<Value>(&example).unwrap().is_object(), "{kind}: {example}");
    }
}
