//! Browsers that stand for a second factor, where the operator allows it.

use crate::person::{is_logged_in, log_in, logged_in, press, send};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, RelyingParty, TestApp, app::web_client};

const ADA: &str = "ada@example.com";
const ALLOWED: &str = "[authentication]\nremember_devices_for = \"30d\"\n";
const DAY: i64 = 86_400;

async fn pass(app: &TestApp, browser: &Browser, phone: &AuthenticatorApp, remember: bool) -> Page {
    let page = log_in(browser, ADA, PASSWORD).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    let code = phone.code(app.clock_now(), 0);
    let fields: &[(&str, &str)] = if remember { &[("remember", "yes"), ("code", &code)] } else { &[("code", &code)] };
    browser.submit(&page, fields).await
}

async fn remembered(app: &TestApp) -> (Browser, AuthenticatorApp) {
    app.person(ADA).await;
    let phone = AuthenticatorApp::add(&logged_in(app, ADA).await, app.clock_now()).await;
    app.advance(90);
    let browser = Browser::new(&app.base);
    assert_eq!(pass(app, &browser, &phone, true).await.path(), "/account");
    (browser, phone)
}

async fn log_out(browser: &Browser) {
    browser.forget_cookie("karat_session");
    assert!(!is_logged_in(browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_browser_skips_the_second_factor_and_tokens_say_so() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, ALLOWED).await;
    let (browser, phone) = remembered(&app).await;
    log_out(&browser).await;
    assert_eq!(log_in(&browser, ADA, PASSWORD).await.path(), "/account");
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let page = browser.get(&rp.authorize_path(&[])).await;
    let page = browser.submit(&page, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&page.param("code").unwrap()).await;
    assert_eq!(rp.introspect(tokens.text("access_token")).await.text("acr"), "urn:karat:acr:pwd");
    app.advance(60);
    let demand = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa")])).await;
    assert_eq!(demand.path(), "/mfa/totp", "an app that demands more still gets it: {}", demand.text());
    let page = browser.submit(&demand, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(page.param("code").is_some(), "{}", page.url);
    let change = browser.get("/account/security/phrase").await;
    assert_eq!(change.path(), "/account/security/phrase", "shown just now: {}", change.url);

    let elsewhere = log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
    assert_eq!(elsewhere.path(), "/mfa/totp", "another browser is asked as ever");
    log_out(&browser).await;
    app.advance(30 * DAY);
    assert_eq!(log_in(&browser, ADA, PASSWORD).await.path(), "/mfa/totp", "it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_browser_is_forgotten_by_its_owner_a_new_password_and_a_removed_factor() {
    for how in ["forget", "password", "nothing"] {
        let app = TestApp::start_with(Backends::SqliteAndMemory, ALLOWED).await;
        let (browser, phone) = remembered(&app).await;
        app.advance(60);
        let other = Browser::new(&app.base);
        pass(&app, &other, &phone, false).await;
        match how {
            "forget" => {
                let page = other.get("/account/security/devices").await;
                assert!(page.text().contains("No second factor asked"), "{}", page.text());
                press(&other, &page, "/account/security/devices/forget-all", &[]).await;
            }
            "password" => {
                let fields = [("current_password", PASSWORD), ("new_password", "turbid lantern 9 pigeon")];
                send(&other, "/account/password", &fields).await;
            }
            _ => {}
        }
        log_out(&browser).await;
        let password = if how == "password" { "turbid lantern 9 pigeon" } else { PASSWORD };
        let path = if how == "nothing" { "/account" } else { "/mfa/totp" };
        assert_eq!(log_in(&browser, ADA, password).await.path(), path, "{how}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_operators_leave_no_browser_is_remembered() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let phone = AuthenticatorApp::add(&logged_in(&app, ADA).await, app.clock_now()).await;
    app.advance(90);
    let browser = Browser::new(&app.base);
    let page = log_in(&browser, ADA, PASSWORD).await;
    assert!(!page.body.contains("name=\"remember\""));
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0)), ("remember", "yes")]).await;
    log_out(&browser).await;
    assert_eq!(log_in(&browser, ADA, PASSWORD).await.path(), "/mfa/totp");
}
