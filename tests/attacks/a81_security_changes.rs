//! 81: changes to what protects an account without the strongest factor, without a notice, or without a hold. And of 72: a
//! reset is no way around the second factor.

use karat::domain::time::Seconds;

use crate::person::{can_log_in, register, try_log_in};
use crate::support::mails::{link_in, mail_with, mails_to, newest_to};
use crate::support::{AuthenticatorApp, Browser, PASSWORD, Page, Person, TestApp};

const EMAIL: &str = "lena@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

/// A session of a person with an app, which was proven with it a while ago: what a thief of a cookie has.
async fn stolen_session(app: &TestApp) -> (Person, Browser, AuthenticatorApp) {
    let person = app.person(EMAIL).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, EMAIL, PASSWORD).await;
    let phone = AuthenticatorApp::add(&browser, app.clock_now()).await;
    app.advance(6 * 60);
    (person, browser, phone)
}

/// Posts as the page's own form would, without having been shown it.
async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get("/account/security").await;
    let csrf = page.form_to("/account/security/approval").1;
    let csrf = csrf.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    browser.post(path, &all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_alone_changes_nothing_that_protects_the_account() {
    let app = TestApp::start().await;
    let (person, thief, _) = stolen_session(&app).await;
    let factor = app.karat.store.authenticators_of(person.id).await.unwrap().remove(0);
    let changes: [(&str, &[(&str, &str)]); 8] = [
        ("/account/security/factor/remove", &[("id", &factor.id)]),
        ("/account/security/phrase", &[("phrase", "blue heron")]),
        ("/account/security/phrase/remove", &[]),
        ("/account/security/lock", &[("days", "30")]),
        ("/account/security/approval", &[("approval", "on")]),
        ("/account/security/recovery-codes", &[]),
        ("/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]),
        ("/account/email", &[("current_password", PASSWORD), ("new_email", "thief@example.com")]),
    ];
    let told = mails_to(&app, EMAIL).await.len();
    let held = app.karat.store.user(person.id).await.unwrap().unwrap().hold_until;
    for (path, fields) in changes {
        let page = post(&thief, path, fields).await;
        let refused = page.path().starts_with("/mfa") || page.status.is_client_error();
        assert!(refused, "{path} led to {}: {}", page.url, page.text());
    }
    assert_eq!(app.karat.store.authenticators_of(person.id).await.unwrap(), [factor]);
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.protection, Default::default());
    assert_eq!(user.hold_until, held);
    assert!(mails_to(&app, "thief@example.com").await.is_empty());
    assert_eq!(mails_to(&app, EMAIL).await.len(), told);
    assert!(!can_log_in(&app, EMAIL, NEW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_strongest_factor_the_change_is_made_told_and_held() {
    let app = TestApp::start().await;
    let (person, owner, phone) = stolen_session(&app).await;
    let page = owner.get("/account/password").await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    let page = owner.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/password", "{}", page.text());
    app.advance(1);
    let done = owner.submit(&page, &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(done.text().contains("Your password is changed"), "{}", done.text());
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.hold_until, Some(app.clock_now().plus(Seconds::hours(24))));
    let told = newest_to(&app, EMAIL).await;
    assert!(told.text.contains("/freeze?token=") && told.text.contains("on hold"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_no_way_around_the_second_factor() {
    let app = TestApp::start().await;
    let (person, inside, phone) = stolen_session(&app).await;
    let thief = Browser::new(&app.base);
    thief.submit(&thief.get("/password/forgotten").await, &[("email", EMAIL)]).await;
    let link = link_in(&app, &mail_with(&app, EMAIL, "/password/reset").await, "/password/reset");
    let done = thief.submit(&thief.get(&link).await, &[("new_password", NEW)]).await;
    assert_eq!(done.path(), "/password/done");
    assert_eq!(thief.cookie("karat_session"), None, "a reset logs nobody in");
    assert_eq!(inside.get("/account").await.path(), "/login", "other sessions end");
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.hold_until, Some(app.clock_now().plus(Seconds::hours(48))));
    let page = thief.submit(&thief.get("/login").await, &[("email", EMAIL), ("password", NEW)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    assert_eq!(thief.cookie("karat_session"), None);
    for path in ["/account", "/account/security", "/account/security/phrase"] {
        assert_eq!(thief.get(path).await.path(), "/login", "{path}");
    }
    let page = thief.get("/mfa/totp").await;
    let page = thief.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account", "the owner, who has the app, gets in: {}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_does_what_it_was_mailed_for_and_nothing_else() {
    let app = TestApp::start().await;
    let (_, _, _) = stolen_session(&app).await;
    let browser = Browser::new(&app.base);
    let freeze = link_in(&app, &newest_to(&app, EMAIL).await, "/freeze?token=");
    let token = freeze.split("token=").nth(1).unwrap();
    let others = ["/unfreeze", "/approve", "/recovery/start", "/recovery/cancel", "/recovery/finish", "/keep-locked"];
    for path in others {
        assert_eq!(browser.get(&format!("{path}?token={token}")).await.status, 400, "{path}");
    }
    assert_eq!(browser.get(&freeze).await.status, 200);
    register(&browser, "new@example.com", PASSWORD).await;
    let confirm = link_in(&app, &newest_to(&app, "new@example.com").await, "/register/confirm?token=");
    let token = confirm.split("token=").nth(1).unwrap();
    for path in others.into_iter().chain(["/freeze"]) {
        assert_eq!(browser.get(&format!("{path}?token={token}")).await.status, 400, "{path}");
    }
}
