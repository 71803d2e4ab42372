//! Recovery codes.

use crate::person::{is_logged_in, log_in, logged_in};
use crate::support::mails::mail_with;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, TestApp};

const ADA: &str = "ada@example.com";

/// Makes a set and reads it off the page.
pub async fn make(browser: &Browser) -> Vec<String> {
    let page = browser.get("/account/security/recovery-codes").await;
    let page = browser.submit(&page, &[]).await;
    let list = page.body.split("id=\"recovery-codes\"").nth(1).unwrap_or_else(|| panic!("{}", page.text()));
    let list = list.split("</ol>").next().unwrap();
    let codes: Vec<String> =
        list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    codes
}

async fn use_code(app: &TestApp, code: &str) -> (Browser, Page) {
    let browser = Browser::new(&app.base);
    log_in(&browser, ADA, PASSWORD).await;
    let page = browser.get("/mfa/recovery").await;
    let page = browser.submit(&page, &[("code", code)]).await;
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_logs_in_once_and_its_use_is_told() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        app.person(ADA).await;
        let owner = logged_in(&app, ADA).await;
        AuthenticatorApp::add(&owner, app.clock_now()).await;
        let codes = make(&owner).await;
        app.advance(60);
        // Typed as people type.
        let (browser, page) = use_code(&app, &format!(" {} ", codes[0].to_uppercase().replace('-', " "))).await;
        assert_eq!(page.path(), "/account", "{}", page.text());
        assert!(is_logged_in(&browser).await);
        mail_with(&app, ADA, "A recovery code was used. 9 are left.").await;
        let (browser, page) = use_code(&app, &codes[0]).await;
        assert!(page.text().contains("none of your unused recovery codes"), "{}", page.text());
        assert!(!is_logged_in(&browser).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_set_kills_the_old_one_and_none_is_shown_again() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let owner = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&owner, app.clock_now()).await;
    let old = make(&owner).await;
    let new = make(&owner).await;
    let page = owner.get("/account/security/recovery-codes").await;
    assert!(page.text().contains("10 are left") && !page.body.contains(&new[0]), "{}", page.text());
    let (_, refused) = use_code(&app, &old[1]).await;
    assert!(refused.text().contains("none of your unused recovery codes"), "{}", refused.text());
    let (browser, _) = use_code(&app, &new[1]).await;
    assert!(is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_codes_can_be_downloaded_from_the_page_that_shows_them() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let owner = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&owner, app.clock_now()).await;
    let page = owner.get("/account/security/recovery-codes").await;
    let page = owner.submit(&page, &[]).await;
    assert_eq!(page.header("cache-control"), "no-store");
    let file = owner.submit(&page, &[]).await;
    assert!(file.header("content-disposition").starts_with("attachment"), "{:?}", file.headers);
    assert_eq!(file.body.lines().filter(|line| line.len() == 11 && line.contains('-')).count(), 10, "{}", file.body);
}
