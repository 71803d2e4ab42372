//! The way back for who lost every second factor: slow, loud, and stopped by one click.

use karat::domain::time::Seconds;
use karat::flow::admin::Authority;

use crate::person::{is_logged_in, log_in, logged_in, press};
use crate::support::mails::{link_in, mail_with, mails_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Person, TestApp};

const ADA: &str = "ada@example.com";
const HOUR: i64 = 3_600;

/// A person with an app, and the browser in which the recovery was begun by mail.
async fn begun(app: &TestApp) -> (Person, AuthenticatorApp, Browser) {
    let person = app.person(ADA).await;
    let phone = AuthenticatorApp::add(&logged_in(app, ADA).await, app.clock_now()).await;
    app.advance(90);
    let browser = Browser::new(&app.base);
    let page = log_in(&browser, ADA, PASSWORD).await;
    assert!(page.body.contains("id=\"lost-link\""), "{}", page.text());
    let lost = browser.get("/mfa/lost").await;
    assert!(lost.text().contains("waiting for 72 hours"), "{}", lost.text());
    let sent = browser.submit(&lost, &[]).await;
    assert!(sent.text().contains("Check your mail"), "{}", sent.text());
    assert!(running(app, &person).await.is_none(), "the mailbox has to be shown, too");
    let link = link_in(app, &mail_with(app, ADA, "/recovery/start?token=").await, "/recovery/start?token=");
    let page = browser.get(&link).await;
    assert!(running(app, &person).await.is_none(), "a mail scanner begins nothing");
    let page = browser.submit(&page, &[]).await;
    assert!(page.text().contains("The wait has begun"), "{}", page.text());
    assert_eq!(browser.get(&link).await.status, 400);
    (person, phone, browser)
}

async fn running(app: &TestApp, person: &Person) -> Option<karat::storage::recoveries::Recovery> {
    app.karat.store.open_recovery(person.id, app.clock_now()).await.unwrap()
}

async fn cancel_link(app: &TestApp) -> String {
    link_in(app, &mail_with(app, ADA, "/recovery/cancel?token=").await, "/recovery/cancel?token=")
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_factors_are_removed_after_the_wait_and_never_before_on_sqlite_and_memory() {
    lost_factors_are_removed_after_the_wait_and_never_before(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_factors_are_removed_after_the_wait_and_never_before_on_postgres_and_redis() {
    lost_factors_are_removed_after_the_wait_and_never_before(Backends::PostgresAndRedis).await;
}

async fn lost_factors_are_removed_after_the_wait_and_never_before(backends: Backends) {
    let app = TestApp::on(backends).await;
    let (person, _, browser) = begun(&app).await;
    assert_eq!(app.karat.remind_of_recoveries().await.unwrap(), 0);
    let mut told = 0;
    for _ in 0..71 {
        app.advance(HOUR);
        told += app.karat.remind_of_recoveries().await.unwrap();
        assert_eq!(app.karat.remind_of_recoveries().await.unwrap(), 0, "once a day");
    }
    assert_eq!(told, 2);
    assert!(mails_to(&app, ADA).await.iter().all(|mail| !mail.text.contains("/recovery/finish")), "not before");
    app.advance(HOUR);
    assert_eq!(app.karat.remind_of_recoveries().await.unwrap(), 1, "when it is ripe");
    let link = link_in(&app, &mail_with(&app, ADA, "/recovery/finish?token=").await, "/recovery/finish?token=");
    let page = browser.get(&link).await;
    let wrong = browser.submit(&page, &[("password", "not the password 7")]).await;
    assert!(wrong.text().contains("This is not your current password"), "{}", wrong.text());
    assert_eq!(app.karat.store.authenticators_of(person.id).await.unwrap().len(), 1);
    let done = browser.submit(&page, &[("password", PASSWORD)]).await;
    assert!(done.text().contains("add a passkey or an app"), "{}", done.text());
    assert!(app.karat.store.authenticators_of(person.id).await.unwrap().is_empty());
    assert!(!is_logged_in(&browser).await, "nobody is logged in by it");
    let until = app.karat.store.user(person.id).await.unwrap().unwrap().hold_until;
    assert_eq!(until, Some(app.clock_now().plus(Seconds::hours(72))));
    assert_eq!(browser.get(&link).await.status, 400, "the link is used up");
    let page = browser.submit(&done, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/account/security", "{}", page.text());
    assert!(page.text().contains("on hold") && page.text().contains("Add a passkey"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_stops_it_and_nothing_of_it_is_left() {
    let app = TestApp::start().await;
    let (person, _, thief) = begun(&app).await;
    let first = cancel_link(&app).await;
    app.advance(72 * HOUR);
    app.karat.remind_of_recoveries().await.unwrap();
    let finish = link_in(&app, &mail_with(&app, ADA, "/recovery/finish?token=").await, "/recovery/finish?token=");
    let page = thief.get(&finish).await;
    let owner = Browser::new(&app.base);
    let asked = owner.get(&first).await;
    assert!(running(&app, &person).await.is_some(), "looking stops nothing");
    let tokens = [&first, &finish].map(|link| link.split("token=").nth(1).unwrap());
    assert_eq!(owner.get(&format!("/recovery/finish?token={}", tokens[0])).await.status, 400);
    assert_eq!(owner.get(&format!("/recovery/cancel?token={}", tokens[1])).await.status, 400);
    let stopped = owner.submit(&asked, &[]).await;
    assert!(stopped.text().contains("The recovery is stopped"), "{}", stopped.text());
    assert!(running(&app, &person).await.is_none());
    assert_eq!(thief.submit(&page, &[("password", PASSWORD)]).await.status, 400);
    assert_eq!(app.karat.store.authenticators_of(person.id).await.unwrap().len(), 1);
    assert_eq!(app.karat.remind_of_recoveries().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_with_the_factor_that_was_said_to_be_lost_stops_it() {
    let app = TestApp::start().await;
    let (person, phone, _) = begun(&app).await;
    app.advance(60);
    let owner = Browser::new(&app.base);
    let page = log_in(&owner, ADA, PASSWORD).await;
    assert!(running(&app, &person).await.is_some(), "the password alone does not");
    owner.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(is_logged_in(&owner).await);
    assert!(running(&app, &person).await.is_none());
    assert!(mail_with(&app, ADA, "recovery of your account was stopped").await.text.contains("/freeze?token="));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_password_nobody_comes_near_it_and_mails_are_limited() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let stranger = Browser::new(&app.base);
    assert_eq!(stranger.get("/mfa/lost").await.path(), "/login");
    for path in ["/recovery/start", "/recovery/cancel", "/recovery/finish"] {
        assert_eq!(stranger.get(&format!("{path}?token={}", "A".repeat(43))).await.status, 400, "{path}");
    }
    AuthenticatorApp::add(&logged_in(&app, ADA).await, app.clock_now()).await;
    log_in(&stranger, ADA, PASSWORD).await;
    let lost = stranger.get("/mfa/lost").await;
    for _ in 0..5 {
        assert!(stranger.submit(&lost, &[]).await.text().contains("Check your mail"));
    }
    let refused = stranger.submit(&lost, &[]).await;
    assert!(refused.text().contains("Too many attempts"), "{}", refused.text());
}

/// Opens the link that a log-in to the frozen account causes, and logs in with the password.
async fn unfreezing(app: &TestApp) -> (Browser, crate::support::Page) {
    let browser = Browser::new(&app.base);
    log_in(&browser, ADA, PASSWORD).await;
    let link = link_in(app, &mail_with(app, ADA, "/unfreeze?token=").await, "/unfreeze?token=");
    let page = browser.submit(&browser.get(&link).await, &[]).await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_froze_the_account_and_lost_the_phone_gets_back_in_unless_the_operator_locked_it() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    press(&browser, &browser.get("/account/security/freeze").await, "/account/security/freeze", &[]).await;
    app.advance(90);
    let (owner, page) = unfreezing(&app).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    owner.submit(&owner.get("/mfa/lost").await, &[]).await;
    let start = link_in(&app, &mail_with(&app, ADA, "/recovery/start?token=").await, "/recovery/start?token=");
    let user = || async { app.karat.store.user(person.id).await.unwrap().unwrap() };
    app.karat.lock_account(&Authority::operator(), &user().await, "fraud").await.unwrap();
    assert_eq!(owner.get(&start).await.status, 400, "the operator's lock outweighs it");
    app.karat.unlock_account(&Authority::operator(), &user().await, "").await.unwrap();
    let page = owner.submit(&owner.get(&start).await, &[]).await;
    assert!(page.text().contains("The wait has begun"), "{}", page.text());
    app.advance(72 * HOUR);
    app.karat.remind_of_recoveries().await.unwrap();
    let finish = link_in(&app, &mail_with(&app, ADA, "/recovery/finish?token=").await, "/recovery/finish?token=");
    let done = owner.submit(&owner.get(&finish).await, &[("password", PASSWORD)]).await;
    assert!(done.text().contains("add a passkey or an app"), "{}", done.text());
    assert!(app.karat.store.authenticators_of(person.id).await.unwrap().is_empty());
    assert!(user().await.is_frozen(), "a recovery unfreezes nothing");
    let (owner, _) = unfreezing(&app).await;
    assert!(is_logged_in(&owner).await && !user().await.is_frozen());
}
