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
    browser.get("/account").await.path() == "/account"
}

/// Whether a fresh browser could log in.
pub async fn can_log_in(app: &TestApp, email: &str, password: &str) -> bool {
    let browser = Browser::new(&app.base);
    log_in(&browser, email, password).await;
    is_logged_in(&browser).await
}

/// A browser in which the person is logged in.
pub async fn logged_in(app: &TestApp, email: &str) -> Browser {
    let browser = Browser::new(&app.base);
    log_in(&browser, email, PASSWORD).await;
    assert!(is_logged_in(&browser).await);
    browser
}

/// Opens a page of the account and sends its form.
pub async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    browser.submit(&page, fields).await
}

/// Sends the form of a page that posts to `action`.
pub async fn press(browser: &Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let (_, hidden) = page.form_to(action);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend_from_slice(fields);
    browser.post(action, &all).await
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
