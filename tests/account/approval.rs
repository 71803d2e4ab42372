//! Log-ins from browsers that the account does not know wait for an approval by mail.

use crate::person::{is_logged_in, log_in, logged_in, press};
use crate::support::mails::{link_in, mail_with, mails_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, RelyingParty, TestApp, app::web_client};

const ADA: &str = "ada@example.com";

/// The person of `browser` switches approvals on.
async fn switch_on(browser: &Browser) {
    let page = browser.get("/account/security").await;
    let page = press(browser, &page, "/account/security/approval", &[]).await;
    assert!(page.text().contains("wait for your approval"), "{}", page.text());
}

async fn approve_link(app: &TestApp) -> String {
    link_in(app, &mail_with(app, ADA, "/approve?token=").await, "/approve?token=")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_from_an_unknown_browser_waits_until_it_is_approved_by_mail_on_sqlite_and_memory() {
    a_log_in_from_an_unknown_browser_waits_until_it_is_approved_by_mail(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_from_an_unknown_browser_waits_until_it_is_approved_by_mail_on_postgres_and_redis() {
    a_log_in_from_an_unknown_browser_waits_until_it_is_approved_by_mail(Backends::PostgresAndRedis).await;
}

async fn a_log_in_from_an_unknown_browser_waits_until_it_is_approved_by_mail(backends: Backends) {
    let app = TestApp::on(backends).await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let known = logged_in(&app, ADA).await;
    switch_on(&known).await;
    known.forget_cookie("karat_session");
    assert_eq!(log_in(&known, ADA, PASSWORD).await.path(), "/account", "a known browser does not wait");

    let fresh = Browser::new(&app.base);
    let page = fresh.get(&rp.authorize_path(&[])).await;
    let wrong = fresh.submit(&page, &[("email", ADA), ("password", "not the password 7")]).await;
    assert_eq!(wrong.path(), "/login", "nothing waits before the password is right");
    let page = fresh.submit(&wrong, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/login/approval", "{}", page.text());
    assert_eq!(page.header("refresh"), "5");
    for _ in 0..2 {
        assert_eq!(fresh.get("/login/approval").await.path(), "/login/approval");
        assert!(!is_logged_in(&fresh).await);
        assert_eq!(fresh.get(&rp.authorize_path(&[])).await.path(), "/login", "no app is answered meanwhile");
    }
    let link = approve_link(&app).await;
    let mailbox = Browser::new(&app.base);
    let asked = mailbox.get(&link).await;
    assert!(asked.text().contains("127.0.0.1"), "{}", asked.text());
    assert_eq!(fresh.get("/login/approval").await.path(), "/login/approval", "a mail scanner approves nothing");
    let done = mailbox.submit(&asked, &[]).await;
    assert!(done.text().contains("Approved"), "{}", done.text());
    assert!(!is_logged_in(&mailbox).await, "the link logs nobody in where it is opened");
    assert_eq!(mailbox.submit(&asked, &[]).await.status, 400, "it works once");
    let page = fresh.get("/login/approval").await;
    assert_eq!(page.path(), "/consent", "back in the interaction that it began in: {}", page.url);
    assert!(is_logged_in(&fresh).await);
    fresh.forget_cookie("karat_session");
    assert_eq!(log_in(&fresh, ADA, PASSWORD).await.path(), "/account", "from now on it is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgets_every_browser_still_approves_the_next_one_and_hears_of_it() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let known = logged_in(&app, ADA).await;
    let page = known.get("/account/security/devices").await;
    assert!(page.text().contains("This browser"), "{}", page.text());
    let page = press(&known, &page, "/account/security/devices/forget-all", &[]).await;
    assert!(page.text().contains("Forgotten"), "{}", page.text());
    assert!(!page.text().contains("This browser"), "it is not listed any more: {}", page.text());
    let before = mails_to(&app, ADA).await.len();
    log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
    let mails = mails_to(&app, ADA).await;
    assert!(mails.len() == before + 1 && mails.iter().any(|mail| mail.subject.starts_with("New log-in")), "{before}");

    switch_on(&known).await;
    let page = known.get("/account/security/devices").await;
    press(&known, &page, "/account/security/devices/forget-all", &[]).await;
    let fresh = Browser::new(&app.base);
    assert_eq!(log_in(&fresh, ADA, PASSWORD).await.path(), "/login/approval");
    known.forget_cookie("karat_session");
    assert_eq!(log_in(&known, ADA, PASSWORD).await.path(), "/login/approval", "it is forgotten, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_comes_after_the_last_factor_and_is_worth_nothing_elsewhere() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let known = logged_in(&app, ADA).await;
    let phone = AuthenticatorApp::add(&known, app.clock_now()).await;
    switch_on(&known).await;
    app.advance(90);
    let fresh = Browser::new(&app.base);
    let page = log_in(&fresh, ADA, PASSWORD).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    assert!(mails_to(&app, ADA).await.iter().all(|mail| !mail.text.contains("/approve?token=")));
    let page = fresh.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/login/approval", "{}", page.text());
    let link = approve_link(&app).await;
    let mailbox = Browser::new(&app.base);
    mailbox.submit(&mailbox.get(&link).await, &[]).await;
    let thief = Browser::new(&app.base);
    assert_eq!(thief.get("/login/approval").await.path(), "/login", "it is for the browser that waits");
    assert_eq!(fresh.get("/login/approval").await.path(), "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_expires_and_the_operator_can_ask_everybody_for_it() {
    let more = "[authentication]\napprove_new_devices = true\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    app.person(ADA).await;
    let first = logged_in(&app, ADA).await;
    assert!(first.get("/account/security").await.text().contains("On, for everybody"));
    let fresh = Browser::new(&app.base);
    assert_eq!(log_in(&fresh, ADA, PASSWORD).await.path(), "/login/approval");
    let link = approve_link(&app).await;
    app.advance(20 * 60 + 1);
    assert_eq!(fresh.get(&link).await.status, 400);
    assert_eq!(fresh.get("/login/approval").await.path(), "/login");
}
