//! A person at a browser, in the words of the tests.

use crate::support::mails::{code_in, link_in, newest_to};
use crate::support::{Browser, PASSWORD, Page, TestApp};

/// Fills in the registration form and sends it.
pub async fn register(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.get("/register").await;
    browser.submit(&page, &[("email", email), ("password", password), ("accept_terms", "yes")]).await
}

pub async fn log_in(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.get("/login").await;
    browser.submit(&page, &[("email", email), ("password", password)]).await
}

/// Whether the browser is logged in.
pub async fn is_logged_in(browser: &Browser) -> bool {
    browser.cookie("karat_session").is_some()
}

/// Whether a fresh browser could log in.
pub async fn can_log_in(app: &TestApp, email: &str, password: &str) -> bool {
    let browser = Browser::new(&app.base);
    log_in(&browser, email, password).await;
    is_logged_in(&browser).await
}

/// A person who registered in this browser and proved the address with the code; not logged in.
pub async fn registered(app: &TestApp, browser: &Browser, email: &str) {
    let verify = register(browser, email, PASSWORD).await;
    let code = code_in(&newest_to(app, email).await);
    let done = browser.submit(&verify, &[("code", &code)]).await;
    assert_eq!(done.path(), "/register/done", "{}", done.text());
}

/// The link of the newest registration mail.
pub async fn confirm_link(app: &TestApp, email: &str) -> String {
    link_in(app, &newest_to(app, email).await, "/register/confirm?token=")
}
