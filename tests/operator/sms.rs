//! Text messages on their way out: sent once, again while the code lives, and never late; nothing of them is kept or logged.

use std::time::Duration;

use karat::domain::sms::SmsPurpose;
use karat::domain::time::Seconds;
use karat::jobs::Jobs;
use karat::storage::outbox::Sms;

use crate::outbox::drained;
use crate::support::twilio::FakeTwilio;
use crate::support::{Backends, TestApp};

const NUMBER: &str = "+4915112345678";

async fn start(twilio: &FakeTwilio) -> TestApp {
    TestApp::start_with(Backends::SqliteAndMemory, &twilio.configuration("")).await
}

async fn put(app: &TestApp, id: &str, lives: i64) {
    let now = app.clock_now();
    let sms = Sms {
        to: NUMBER.to_owned(),
        text: "Karat: 747723 is your code.".to_owned(),
        purpose: SmsPurpose::LogIn,
        locale: "en".to_owned(),
        expires_at: now.plus(Seconds(lives)),
    };
    let mut change = app.karat.store.begin().await.unwrap();
    change.send_sms(id, sms, "DE".parse().unwrap(), now).await.unwrap();
    change.commit().await.unwrap();
    app.karat.outbox_bell.notify_one();
}

async fn text(app: &TestApp, sql: &'static str) -> String {
    let (found,): (String,) = app.karat.store.db().read(sql).one().await.unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_once_and_nothing_of_it_stays() {
    let twilio = FakeTwilio::start().await;
    let app = start(&twilio).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    put(&app, "one", 300).await;
    drained(&app, 0).await;
    assert_eq!(twilio.messages().len(), 1);
    assert_eq!(twilio.messages()[0]["To"], NUMBER);
    assert_eq!(app.karat.store.sms_status("one").await.unwrap().as_deref(), Some("accepted"));
    assert_eq!(text(&app, "SELECT COALESCE(outcome, '') FROM outbox WHERE id = 'one'").await, "arrived");
    let (kept,): (i64,) =
        app.karat.store.db().read("SELECT COUNT(*) FROM outbox WHERE sealed IS NOT NULL").one().await.unwrap();
    assert_eq!(kept, 0, "the payload is erased");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_tried_again_while_its_code_lives() {
    let twilio = FakeTwilio::start().await;
    twilio.fail_with(503, 20500);
    let app = start(&twilio).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    put(&app, "one", 300).await;
    for _ in 0..100 {
        if twilio.asked() >= 2 {
            break;
        }
        app.advance(5);
        app.karat.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert!(twilio.asked() >= 2 && twilio.messages().is_empty());
    let why = text(&app, "SELECT COALESCE(last_error, '') FROM outbox WHERE id = 'one'").await;
    assert_eq!(why, "twilio: answered 503 with code 20500", "neither number nor text");
    twilio.recover();
    drained(&app, 5).await;
    assert_eq!(twilio.messages().len(), 1);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_late_is_not_sent() {
    let twilio = FakeTwilio::start().await;
    let app = start(&twilio).await;
    put(&app, "late", 300).await;
    app.advance(300);
    put(&app, "fresh", 300).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    drained(&app, 0).await;
    assert_eq!(twilio.asked(), 1, "the late one was not even tried");
    assert_eq!(text(&app, "SELECT COALESCE(outcome, '') FROM outbox WHERE id = 'late'").await, "not sent: too late");
    assert_eq!(app.karat.store.sms_status("fresh").await.unwrap().as_deref(), Some("accepted"));
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_the_gateway_refuses_is_not_tried_again() {
    let twilio = FakeTwilio::start().await;
    twilio.fail_with(400, 21211);
    let app = start(&twilio).await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    put(&app, "one", 300).await;
    drained(&app, 1).await;
    assert_eq!(twilio.asked(), 1);
    let outcome = text(&app, "SELECT COALESCE(outcome, '') FROM outbox WHERE id = 'one'").await;
    assert_eq!(outcome, "refused: twilio: answered 400 with code 21211");
    assert!(jobs.stop(Duration::from_secs(5)).await);
}
