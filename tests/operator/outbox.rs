//! Delivery from the outbox (docs/attacks.md, 60): one target that hangs or fails delays nobody else, attempts are
//! bounded, and what was put in arrives after all.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::config::{Config, MailTls, MailTransport};
use karat::domain::client::Client;
use karat::domain::grant::RevocationReason;
use karat::domain::ids::SessionId;
use karat::flow::logout::Ending;
use karat::jobs::Jobs;
use karat::storage::outbox::{LogoutNotice, Mail, Outgoing};
use serde_json::Value;

use crate::listening_app::{ListeningApp, Manner};
use crate::smtp::{Failure, SmtpServer};
use crate::support::app::{native_client, web_client};
use crate::support::{Backends, Person, RelyingParty, TestApp};

fn smtp_config(app: &TestApp, smtp: &SmtpServer) -> Config {
    let mut config = app.config.clone();
    config.mail.transport = MailTransport::Smtp;
    config.mail.host = "127.0.0.1".to_owned();
    config.mail.port = smtp.port();
    config.mail.tls = MailTls::None;
    config
}

async fn put_mail(app: &TestApp, to: &str) {
    let mail = Mail { to: to.to_owned(), subject: "S".into(), text: "T".into(), html: "<p>H</p>".into() };
    put(app, &Outgoing::Mail(mail)).await;
}

async fn put(app: &TestApp, outgoing: &Outgoing) {
    let mut change = app.karat.store.begin().await.unwrap();
    change.send(&app.karat.new_id().to_string(), outgoing, app.clock_now()).await.unwrap();
    change.commit().await.unwrap();
    app.karat.outbox_bell.notify_one();
}

async fn waiting(app: &TestApp) -> i64 {
    app.karat.store.outbox_backlog().await.unwrap().waiting
}

/// What an attempt is under way for.
async fn in_flight(app: &TestApp) -> i64 {
    let under_way = "SELECT COUNT(*) FROM outbox WHERE finished_at IS NULL AND leased_until > $1";
    let (count,): (i64,) = app.karat.store.db().read(under_way).bind(app.clock_now()).one().await.unwrap();
    count
}

/// Waits until nothing waits any more, moving the clock on so that retries become due. Not while attempts are under way, unless they
/// take for ever: a clock moved past the lease of a busy machine would have them made once more.
pub async fn drained(app: &TestApp, step: i64) {
    for round in 1..=600 {
        if waiting(app).await == 0 {
            return;
        }
        if round % 100 == 0 || in_flight(app).await == 0 {
            app.advance(step);
            app.karat.outbox_bell.notify_one();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} entries are still waiting", waiting(app).await);
}

fn told(client: Client, app: &ListeningApp) -> Client {
    let mut client = client;
    client.logout.backchannel_uri = Some(app.uri());
    client
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn log_out_everywhere(app: &TestApp, person: &Person) {
    let mut change = app.karat.store.begin().await.unwrap();
    app.karat.end_sessions(&mut change, person.id, Ending::All, RevocationReason::LoggedOut).await.unwrap();
    change.commit().await.unwrap();
    app.karat.outbox_bell.notify_one();
}

#[tokio::test]
async fn a_mail_arrives_once_the_server_that_failed_has_recovered() {
    let smtp = SmtpServer::start().await;
    smtp.fail(Failure::Recipient(450));
    let app = TestApp::start().await;
    let jobs = Jobs::start(&app.karat, &smtp_config(&app, &smtp)).unwrap();
    put_mail(&app, "erika@example.com").await;
    for _ in 0..100 {
        if smtp.connections() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((waiting(&app).await, smtp.mails().len()), (1, 0), "it waits for its next attempt");

    smtp.fail(None);
    drained(&app, 30).await;
    assert_eq!(smtp.mails_to("erika@example.com").len(), 1);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_tried_again_and_holds_up_no_other() {
    let smtp = SmtpServer::start().await;
    smtp.fail(Failure::Recipient(550));
    let app = TestApp::start().await;
    let jobs = Jobs::start(&app.karat, &smtp_config(&app, &smtp)).unwrap();
    put_mail(&app, "nobody@example.com").await;
    drained(&app, 0).await;
    smtp.fail(None);
    put_mail(&app, "erika@example.com").await;
    drained(&app, 0).await;
    assert_eq!(smtp.mails().len(), 1);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_silent_mail_server_is_given_up_after_a_bounded_number_of_attempts() {
    let smtp = SmtpServer::start().await;
    smtp.fail(Failure::HangUp);
    let app = TestApp::start().await;
    let jobs = Jobs::start(&app.karat, &smtp_config(&app, &smtp)).unwrap();
    put_mail(&app, "erika@example.com").await;
    drained(&app, 2 * 3600).await;
    assert!((2..=64).contains(&smtp.connections()), "{}", smtp.connections());
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

async fn one_hangs_and_one_fails(backends: Backends) {
    let (good, broken) =
        (ListeningApp::start(Manner::Answers(200)).await, ListeningApp::start(Manner::Answers(500)).await);
    let (hanging, sly) = (ListeningApp::start(Manner::Hangs).await, ListeningApp::start(Manner::Hangs).await);
    sly.behave(Manner::RedirectsTo(good.address));
    let allow: Vec<_> = [&good, &broken, &hanging, &sly].map(|app| format!("'{}'", app.address)).into();
    let more = format!("[outgoing]\nallow = [{}]\ntimeout = '2s'\n", allow.join(", "));
    let app = TestApp::start_with(backends, &more).await;
    let person = app.person("erika@example.com").await;
    let parties = [
        RelyingParty::register(&app, told(web_client("hanging"), &hanging)).await,
        RelyingParty::register(&app, told(web_client("broken"), &broken)).await,
        RelyingParty::register(&app, told(web_client("sly"), &sly)).await,
        RelyingParty::register(&app, told(native_client("good"), &good)).await,
        RelyingParty::register(&app, web_client("deaf")).await,
    ];
    for party in &parties {
        party.tokens(&person, "openid").await;
    }
    // A long line before the hanging app's door, older than everything else.
    for _ in 0..100 {
        let notice = LogoutNotice {
            client_id: parties[0].client.id.clone(),
            user_id: person.id,
            session_id: SessionId::new(app.karat.new_id()),
        };
        put(&app, &Outgoing::LogoutToken(notice)).await;
    }
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;

    let began = Instant::now();
    log_out_everywhere(&app, &person).await;
    let heard = good.wait_for(1).await;
    // One attempt at the app that hangs takes five seconds.
    assert!(heard[0].0.duration_since(began) < Duration::from_secs(4), "others delayed the logout");

    let token = claims(&heard[0].1);
    let head: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(heard[0].1.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(head["typ"], "logout+jwt");
    assert_eq!((&token["aud"], &token["sub"]), (&"good".into(), &person.id.to_string().into()));
    assert_eq!(token["events"], serde_json::json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(token.get("nonce").is_none() && token["sid"].is_string() && token["jti"].is_string());

    // Attempts are bounded, also at those that fail.
    hanging.behave(Manner::Answers(204));
    drained(&app, 120).await;
    for (party, attempts) in [("broken", broken.heard().len()), ("sly: a redirect is a failure", sly.heard().len())] {
        assert!((6..=8).contains(&attempts), "{attempts} attempts at {party}");
    }
    assert_eq!(good.heard().len(), 1);
    let ids: std::collections::BTreeSet<_> =
        hanging.heard().iter().map(|(_, t)| claims(t)["sid"].to_string()).collect();
    assert_eq!(ids.len(), 101, "the one that hung has heard of every session after all");
    assert!(jobs.stop(Duration::from_secs(10)).await);
}

#[tokio::test]
async fn an_app_that_hangs_or_fails_delays_no_other_apps_logout() {
    one_hangs_and_one_fails(Backends::SqliteAndMemory).await;
}

#[tokio::test]
async fn an_app_that_hangs_or_fails_delays_no_other_apps_logout_on_postgres() {
    one_hangs_and_one_fails(Backends::PostgresAndRedis).await;
}

#[tokio::test]
async fn a_mail_stays_readable_in_the_demos_outbox_and_is_erased_elsewhere() {
    let smtp = SmtpServer::start().await;
    let app = TestApp::start().await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    put_mail(&app, "demo@example.com").await;
    drained(&app, 0).await;
    assert!(jobs.stop(Duration::from_secs(5)).await);
    let jobs = Jobs::start(&app.karat, &smtp_config(&app, &smtp)).unwrap();
    put_mail(&app, "real@example.com").await;
    drained(&app, 0).await;
    let kept: Vec<_> = app.karat.store.kept_mails(10).await.unwrap().into_iter().map(|kept| kept.mail.to).collect();
    assert_eq!(kept, ["demo@example.com"]);
    assert_eq!(smtp.mails().len(), 1);
    assert!(jobs.stop(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight() {
    let slow = ListeningApp::start(Manner::Hangs).await;
    let app = TestApp::start_with(
        Backends::SqliteAndMemory,
        &format!("[outgoing]\nallow = ['{}']\ntimeout = '1s'\n", slow.address),
    )
    .await;
    let person = app.person("erika@example.com").await;
    let party = RelyingParty::register(&app, told(web_client("slow"), &slow)).await;
    party.tokens(&person, "openid").await;
    let jobs = Jobs::start(&app.karat, &app.config).unwrap();
    log_out_everywhere(&app, &person).await;
    slow.wait_for(1).await;
    let began = Instant::now();
    assert!(jobs.stop(Duration::from_secs(10)).await, "the attempt ends by its own time limit");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(waiting(&app).await, 1, "and its failure was noted: it waits for the next attempt");
    let lease = app.karat.store.signing_keys(app.clock_now()).await;
    assert!(lease.is_ok(), "the store is still open");
}
