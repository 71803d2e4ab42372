//! Webhook endpoints in the console: made with a secret that is shown once, changed by who has seen them, tried out, paused, removed.

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::flow::webhooks::WebhookEntry;
use karat::storage::webhooks::deliveries::{DeliveryAttempt, DeliveryState};

use super::desk;
use crate::support::{Backends, Page, TestApp};

const NEW: &str = "/admin/webhooks/new";
const URL: &str = "https://hooks.example.com/karat";

fn secret_of(page: &Page) -> String {
    let rest = page.body.split("id=\"webhook-secret\"").nth(1).expect("a secret is shown");
    rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
}

async fn an_endpoint_is_added_tried_changed_paused_and_removed(backends: Backends) {
    let app = TestApp::on(backends).await;
    let olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let none = olga.open("/admin/webhooks").await;
    assert!(none.body.contains("id=\"empty\"") && none.body.contains("id=\"webhook-new\""), "{}", none.text());
    let form = olga.open(NEW).await;
    let wrong = [("url", "http://127.0.0.1/"), ("description", "ledger")];
    let page = olga.press(&form, NEW, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("id=\"url-error\"") && page.body.contains("http://127.0.0.1/"), "{}", page.text());
    let unsaid = olga.press(&page, NEW, &[("url", URL)]).await;
    assert!(unsaid.body.contains("id=\"events-error\""), "{}", unsaid.text());
    let right = [("url", URL), ("description", "ledger"), ("event-user", "yes"), ("event-kyc.changed", "yes")];
    let made = olga.press(&unsaid, NEW, &right).await;
    let secret = secret_of(&made);
    assert!(secret.starts_with("whsec_"), "{secret}");
    let endpoint = app.karat.webhooks(&Authority::operator()).await.unwrap().remove(0);
    assert_eq!((endpoint.url.as_str(), endpoint.wanted.to_string().as_str()), (URL, "kyc.changed user"));
    let path = format!("/admin/webhooks/{}", endpoint.id);
    let act = |what: &str| format!("{path}/{what}");
    assert!(!olga.open(&path).await.body.contains(&secret), "once");

    let page = olga.open(&path).await;
    let tested = olga.press(&page, &act("test"), &[]).await;
    assert!(tested.text().contains("A test is on its way"), "{}", tested.text());
    let sent = app.karat.webhook_deliveries(&Authority::operator(), &endpoint.id, "", 10).await.unwrap().remove(0);
    let failed = DeliveryAttempt { at: app.clock_now(), status: Some(503), millis: 12, error: None };
    app.karat.note_webhook(&sent, failed, DeliveryState::GivenUp).await.unwrap();
    let log = olga.open(&path).await;
    for told in ["webhook.test", sent.id.as_str(), "given up", "503"] {
        assert!(log.text().contains(told), "{told}: {}", log.text());
    }
    let again = olga.press(&log, &act("again"), &[("message", &sent.id)]).await;
    assert!(again.text().contains("under the id that it had"), "{}", again.text());

    let rotated = olga.press(&again, &act("rotate"), &[]).await;
    assert_ne!(secret_of(&rotated), secret);
    assert!(rotated.text().contains("signs beside it for 24 hours"), "{}", rotated.text());
    let at_once = olga.press(&rotated, &act("rotate"), &[("at_once", "yes")]).await;
    assert!(!at_once.text().contains("signs beside it"), "{}", at_once.text());

    let form = olga.open(&act("edit")).await;
    assert!(form.body.contains("name=\"event-user\" type=\"checkbox\" value=\"yes\" checked"), "{}", form.body);
    let saved = olga.press(&form, &act("edit"), &[("url", URL), ("event-all", "yes")]).await;
    assert!(saved.text().contains("The endpoint is saved."), "{}", saved.text());
    assert_eq!(app.karat.webhook(&Authority::operator(), &endpoint.id).await.unwrap().wanted.to_string(), "*");

    let paused = olga.press(&saved, &act("pause"), &[]).await;
    assert!(paused.body.contains("id=\"paused\"") && !paused.body.contains("test-submit"), "{}", paused.text());
    let on = olga.press(&paused, &act("resume"), &[]).await;
    assert!(on.body.contains("test-submit") && !on.body.contains("remove-submit"), "{}", on.text());
    let stale = olga.press(&paused, &act("remove"), &[]).await;
    assert!(stale.text().contains("it was changed meanwhile"), "{}", stale.text());
    let paused = olga.press(&on, &act("pause"), &[]).await;
    let gone = olga.press(&paused, &act("remove"), &[]).await;
    assert!(gone.text().contains("is removed") && gone.body.contains("id=\"empty\""), "{}", gone.text());

    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let log = adele.open(&format!("/admin/audit?about=webhook%3A{}", endpoint.id)).await;
    assert!(log.text().contains("webhooks.change") && !log.body.contains(&secret), "{}", log.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_added_tried_changed_paused_and_removed_on_sqlite() {
    an_endpoint_is_added_tried_changed_paused_and_removed(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_added_tried_changed_paused_and_removed_on_postgres() {
    an_endpoint_is_added_tried_changed_paused_and_removed(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_an_endpoint_the_second_sees_what_the_first_did() {
    let app = TestApp::start().await;
    let by = Authority::operator();
    let wants = |url: &str, event: &str| WebhookEntry {
        url: Some(url.to_owned()),
        events: Some(vec![event.to_owned()]),
        ..WebhookEntry::default()
    };
    let id = app.karat.add_webhook(&by, &wants(URL, "user")).await.unwrap().0.id;
    let path = format!("/admin/webhooks/{id}/edit");
    let mut olga = desk(&app, "olga@example.com", &[Role::Owner]).await;
    let form = olga.open(&path).await;
    app.karat.change_webhook(&by, &id, &wants("https://other.example.com/", "kyc")).await.unwrap();
    let mine = [("url", "https://mine.example.com/"), ("event-all", "yes")];
    let told = olga.press(&form, &path, &mine).await;
    assert_eq!(told.status, 409);
    for side in ["https://other.example.com/", "https://mine.example.com/", "Changed meanwhile"] {
        assert!(told.text().contains(side) || told.body.contains(side), "{side}: {}", told.text());
    }
    assert_eq!(app.karat.webhook(&by, &id).await.unwrap().url, "https://other.example.com/", "not written over");
    // What was typed outlives the passkey, and so does what it was typed about.
    app.advance(Seconds::minutes(11).0);
    let asked = olga.press(&told, &path, &mine).await;
    let back = olga.show_passkey(&app, &asked).await;
    assert!(back.body.contains("https://mine.example.com/"), "{}", back.text());
    let saved = olga.press(&back, &path, &mine).await;
    assert!(saved.text().contains("The endpoint is saved."), "{}", saved.text());
    assert_eq!(app.karat.webhook(&by, &id).await.unwrap().url, "https://mine.example.com/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_messages_turns_its_pages() {
    let app = TestApp::start().await;
    let by = Authority::operator();
    let entry =
        WebhookEntry { url: Some(URL.to_owned()), events: Some(vec!["kyc".to_owned()]), ..WebhookEntry::default() };
    let id = app.karat.add_webhook(&by, &entry).await.unwrap().0.id;
    for _ in 0..30 {
        app.karat.test_webhook(&by, &id).await.unwrap();
    }
    let adele = desk(&app, "adele@example.com", &[Role::Auditor]).await;
    let path = format!("/admin/webhooks/{id}");
    let first = adele.open(&path).await;
    let rows = |page: &Page| page.body.matches("webhook.test").count();
    assert!(rows(&first) == 25 && !first.body.contains("again-1"), "{}", first.text());
    let next = first.body.split("id=\"further\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let second = adele.open(next.split('"').next().unwrap()).await;
    assert!(rows(&second) == 5 && second.body.contains("id=\"newest\""), "{}", second.text());
    let nowhere = adele.browser.get(&format!("{path}?before=x")).await;
    assert_eq!(nowhere.status, 422);
    assert!(nowhere.text().contains("leads to no place") && rows(&nowhere) == 0, "{}", nowhere.text());
}
