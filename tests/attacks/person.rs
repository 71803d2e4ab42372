//! A person at the pages of the account, in the words of the tests.

use crate::support::mails::{code_in, link_in, mails_to, newest_to};
use crate::support::{Browser, Page, TestApp};

pub async fn register(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.get("/register").await;
    browser.submit(&page, &[("email", email), ("password", password), ("accept_terms", "yes")]).await
}

/// Registers in this browser and proves the address with the code; nobody is logged in by it.
pub async fn registered(app: &TestApp, browser: &Browser, email: &str, password: &str) {
    let verify = register(browser, email, password).await;
    let code = code_in(&newest_to(app, email).await);
    let done = browser.submit(&verify, &[("code", &code)]).await;
    assert_eq!(done.path(), "/register/done", "{}", done.text());
}

pub async fn try_log_in(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.get("/login").await;
    browser.submit_once(&page, &[("email", email), ("password", password)]).await
}

/// Whether a browser that nobody knows can log in.
pub async fn can_log_in(app: &TestApp, email: &str, password: &str) -> bool {
    let browser = Browser::new(&app.base);
    try_log_in(&browser, email, password).await;
    browser.cookie("karat_session").is_some()
}

/// Asks for a reset mail and answers its link.
pub async fn reset_link(app: &TestApp, email: &str) -> String {
    let browser = Browser::new(&app.base);
    ask_for_reset(&browser, email).await;
    const PATH: &str = "/password/reset?token=";
    let mails = mails_to(app, email).await;
    let mail = mails.iter().find(|mail| mail.text.contains(PATH)).expect("a mail with a link");
    link_in(app, mail, PATH)
}

pub async fn ask_for_reset(browser: &Browser, email: &str) -> Page {
    let page = browser.get("/password/forgotten").await;
    browser.submit(&page, &[("email", email)]).await
}

/// Opens a page and sends one of its forms.
pub async fn press(browser: &Browser, path: &str, action: &str, typed: &[(&str, &str)]) -> Page {
    let page = browser.get(path).await;
    let (action, hidden) = page.form_to(action);
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| typed.iter().all(|(given, _)| given != name));
    fields.extend_from_slice(typed);
    browser.post(&action, &fields).await
}
