//! What protects an account is changed by who has just shown the strongest of it, in a session that still runs, and its owner
//! hears of it (OWASP ASVS 6.3.7 and 7.5.1).

use karat::flow::Refused;

use crate::common::count;
use crate::person::{reset_link, try_log_in};
use crate::second_factor::{MANY_GUESSES, form_token, half_logged_in, is_logged_in, traces};
use crate::support::mails::mails_to;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "umbrella 7 quiet harbour";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_not_enrolled_or_replaced_upon_an_old_proof_or_half_a_log_in() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    app.person(ADA).await;
    let owner = Browser::new(&app.base);
    try_log_in(&owner, ADA, PASSWORD).await;
    // The first one, upon the password: a session that was left open for a while enrols nothing.
    let form = owner.get("/account/security/totp").await;
    let prepared = AuthenticatorApp::scan(&form);
    app.advance(301);
    let late = owner.submit(&form, &[("code", &prepared.code(app.clock_now(), 0))]).await;
    assert_eq!(late.path(), "/mfa/password", "{}", late.text());
    let wrong = owner.submit(&late, &[("password", "wrong password 77")]).await;
    assert_eq!(wrong.path(), "/mfa/password");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 0);
    let form = owner.submit(&wrong, &[("password", PASSWORD)]).await;
    assert_eq!(form.path(), "/account/security/totp", "{}", form.text());
    let phone = AuthenticatorApp::scan(&form);
    owner.submit(&form, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 1);

    // Another in its place, upon the app: the password is not enough any more.
    let form = owner.get("/account/security/totp").await;
    let other = AuthenticatorApp::scan(&form);
    app.advance(301);
    let before = traces(&app).await;
    let late = owner.submit(&form, &[("code", &other.code(app.clock_now(), 0))]).await;
    assert_eq!(late.path(), "/mfa/totp", "{}", late.text());
    assert_eq!(owner.get("/mfa/password?next=totp").await.path(), "/mfa/totp", "the way is not offered");
    let token = form_token(&late);
    let posted = owner.post("/mfa/password", &[("csrf", &token), ("next", "totp"), ("password", PASSWORD)]).await;
    assert_eq!(posted.path(), "/mfa/totp");
    let (half, page) = half_logged_in(&app, ADA).await;
    for path in ["/account/security/totp", "/account/security/recovery-codes", "/account/security/enrol"] {
        assert_eq!(half.get(path).await.path(), "/login", "{path}");
        let fields = [("csrf", form_token(&page)), ("code", phone.code(app.clock_now(), 0))];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(half.post(path, &fields).await.path(), "/login", "{path}");
    }
    assert_eq!(traces(&app).await, before);
    let form = owner.submit(&late, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(form.path(), "/account/security/totp");
    let told = mails_to(&app, ADA).await.len();
    let other = AuthenticatorApp::scan(&form);
    owner.submit(&form, &[("code", &other.code(app.clock_now(), 0))]).await;
    assert_eq!(mails_to(&app, ADA).await.len(), told + 1, "the owner hears of it");
}

/// Somebody else's secret, or one of another session, is not what a form confirms.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_enrolled_with_the_secret_of_its_own_session_alone() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    app.person(ADA).await;
    let (here, there) = (Browser::new(&app.base), Browser::new(&app.base));
    for browser in [&here, &there] {
        try_log_in(browser, ADA, PASSWORD).await;
    }
    let (own, other) = (here.get("/account/security/totp").await, there.get("/account/security/totp").await);
    let foreign = AuthenticatorApp::scan(&other).code(app.clock_now(), 0);
    let refused = here.submit(&own, &[("code", &foreign)]).await;
    assert_eq!(refused.path(), "/account/security/totp", "{}", refused.text());
    // A secret that the form names is not taken: the server's own is.
    let named = [("code", foreign.as_str()), ("secret", "JBSWY3DPEHPK3PXP"), ("seed", "JBSWY3DPEHPK3PXP")];
    assert_eq!(here.submit(&own, &named).await.path(), "/account/security/totp");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 0);
    let right = AuthenticatorApp::scan(&own).code(app.clock_now(), 0);
    assert_ne!(here.submit(&own, &[("code", &right)]).await.path(), "/account/security/totp");
    assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 1);
}

/// The thief is in, the owner resets the password: a form of the thief's that was let through before and goes on after it
/// leaves no way back in.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_thrown_out_at_this_moment_changes_nothing_any_more() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        for (email, is_thrown_out) in [(ADA, true), ("bob@example.com", false)] {
            app.person(email).await;
            let thief = Browser::new(&app.base);
            try_log_in(&thief, email, PASSWORD).await;
            let binding = karat::crypto::token::TokenHash::of_text("the thief's", "browser");
            let browser = karat::flow::login::Browser {
                address: [127, 0, 0, 1].into(),
                agent: "Karat-Test/1.0 (Linux)".to_owned(),
                device: None,
                binding,
            };
            let cookie = thief.cookie("karat_session").unwrap();
            let signed_in = app.karat.signed_in(&cookie, &browser).await.unwrap().expect("the thief is in");
            let owner = karat::flow::account::Owner { signed_in: &signed_in, browser: &browser };
            let phone = AuthenticatorApp::typed(&app.karat.new_totp(owner).await.unwrap().typed);
            if is_thrown_out {
                let page = Browser::new(&app.base);
                let reset = page.get(&reset_link(&app, email).await).await;
                page.submit(&reset, &[("new_password", NEW)]).await;
                assert!(!is_logged_in(&thief).await);
            }
            let before = traces(&app).await;
            let code = phone.code(app.clock_now(), 0);
            let codes = app.karat.make_recovery_codes(owner).await;
            let added = app.karat.add_totp(owner, "Mine", &code).await;
            match is_thrown_out {
                true => {
                    assert!(matches!(codes, Err(Refused::Gone)) && matches!(added, Err(Refused::Gone)));
                    assert_eq!(traces(&app).await, before);
                }
                // Codes are made for who has a factor; see a71.
                false => assert!(added.is_ok(), "the twin: the owner goes on"),
            }
        }
    }
}
