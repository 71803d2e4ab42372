//! Deleting an account.

use karat::storage::outbox::{Outgoing, Share};

use crate::person::{can_log_in, is_logged_in, logged_in, registered, send};
use crate::support::app::web_client;
use crate::support::mails::mails_to;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

async fn a_deleted_account_leaves_nothing_that_works(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let mut client = web_client("trading");
    client.logout.backchannel_uri = Some("https://trading.test/backchannel".into());
    let rp = RelyingParty::register(&app, client).await;
    let (browser, elsewhere) = (logged_in(&app, ADA).await, logged_in(&app, ADA).await);
    let tokens = rp.tokens_in(&browser, &person, "openid email offline_access").await;
    let page = send(&browser, "/account/delete", &[("password", PASSWORD), ("confirm", "yes")]).await;
    assert!(page.text().contains("Your account is deleted"), "{}", page.text());

    assert!(!is_logged_in(&browser).await && !is_logged_in(&elsewhere).await);
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(tokens.text("access_token")).await);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert!(app.karat.store.user(person.id).await.unwrap().is_none());
    assert!(app.karat.store.consents_of(person.id).await.unwrap().is_empty());
    for event in app.karat.store.events_of(person.id, 100).await.unwrap() {
        assert_eq!((event.address, event.detail), (None, serde_json::json!({})), "{}", event.kind);
    }
    assert!(mails_to(&app, ADA).await.iter().any(|mail| mail.subject.contains("deleted")));
    let now = app.clock_now();
    let all = Share { mails: 100, of_one_target: 100 };
    let due = app.karat.store.lease_outgoing(now, now, 100, all).await.unwrap().due;
    assert!(due.iter().any(|leased| matches!(leased.payload, Outgoing::LogoutToken(_))), "the app is told");

    let again = Browser::new(&app.base);
    app.advance(1);
    registered(&app, &again, ADA).await;
    let fresh = app.karat.store.user_by_email(&ADA.parse().unwrap()).await.unwrap().unwrap();
    assert_ne!(fresh.user.id, person.id, "whoever registers the address next is another person");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_nothing_that_works_on_sqlite_and_memory() {
    a_deleted_account_leaves_nothing_that_works(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_nothing_that_works_on_postgres_and_redis() {
    a_deleted_account_leaves_nothing_that_works(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_asks_for_the_password_and_a_yes() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let cases = [
        (vec![("password", PASSWORD)], "Tick the box"),
        (vec![("confirm", "yes")], "Enter your password"),
        (vec![("confirm", "yes"), ("password", "wrong lantern 7")], "This is not your current password"),
    ];
    for (fields, reason) in cases {
        let page = send(&browser, "/account/delete", &fields).await;
        assert!(page.text().contains(reason), "{}", page.text());
    }
    assert!(is_logged_in(&browser).await);
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}
