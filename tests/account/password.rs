//! Changing the password.

use crate::person::{can_log_in, is_logged_in, logged_in, send};
use crate::support::app::web_client;
use crate::support::mails::{link_in, mail_with, mails_to, newest_to};
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_session_and_every_grant() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let mut client = web_client("trading");
    client.logout.keep_offline_access = true;
    let rp = RelyingParty::register(&app, client).await;
    let (here, there) = (logged_in(&app, ADA).await, Browser::new(&app.base));
    let tokens = rp.tokens_in(&there, &person, "openid offline_access").await;
    let own_tokens = rp.tokens_in(&here, &person, "openid offline_access").await;
    let session = here.cookie("karat_session");

    let page = send(&here, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(page.text().contains("Your password is changed"), "{}", page.text());
    assert!(is_logged_in(&here).await);
    assert_ne!(here.cookie("karat_session"), session, "the session goes on under a new token");
    here.set_cookie("karat_session", &session.unwrap());
    assert!(!is_logged_in(&here).await, "the old token is dead");
    assert!(!is_logged_in(&there).await);
    for tokens in [&tokens, &own_tokens] {
        assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
        assert!(!rp.is_active(tokens.text("access_token")).await);
    }
    assert!(can_log_in(&app, ADA, NEW).await);
    assert!(!can_log_in(&app, ADA, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_told_by_mail_and_kills_what_was_mailed_before() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    let reset = link_in(&app, &mail_with(&app, ADA, "/password/reset").await, "/password/reset");
    send(&browser, "/account/email", &[("new_email", "new@example.com"), ("current_password", PASSWORD)]).await;
    let confirm = link_in(&app, &newest_to(&app, "new@example.com").await, "/account/email/confirm");
    app.advance(1);
    send(&browser, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    let notice = newest_to(&app, ADA).await;
    assert!(notice.subject.to_lowercase().contains("password"), "{}", notice.subject);
    assert_eq!(browser.get(&reset).await.status, 400);
    assert_eq!(browser.get(&confirm).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_password_is_asked_and_wrong_ones_are_counted() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nguesses_per_device = \"3 per 15m\"\n").await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    for _ in 0..3 {
        let wrong = [("current_password", "not the password 7"), ("new_password", NEW)];
        let page = send(&browser, "/account/password", &wrong).await;
        assert!(page.text().contains("This is not your current password"), "{}", page.text());
    }
    let page = send(&browser, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(page.text().contains("Too many attempts"), "{}", page.text());
    app.advance(16 * 60);
    assert!(!can_log_in(&app, ADA, NEW).await);
    assert!(mails_to(&app, ADA).await.iter().all(|mail| !mail.subject.contains("password")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_or_unchanged_password_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let cases = [
        ("password", "among those tried first"),
        ("Mustermann-Erika", "Do not use your name or address"),
        (PASSWORD, "different from the current one"),
        ("", "Enter your password"),
    ];
    for (password, reason) in cases {
        let fields = [("current_password", PASSWORD), ("new_password", password)];
        let page = send(&browser, "/account/password", &fields).await;
        assert!(page.text().contains(reason), "{password}: {}", page.text());
    }
    let page = send(&browser, "/account/password", &[("new_password", NEW)]).await;
    assert!(page.text().contains("Enter your password"), "{}", page.text());
    assert!(can_log_in(&app, ADA, PASSWORD).await);
}
