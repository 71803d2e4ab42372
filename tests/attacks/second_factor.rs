//! A person with an authenticator app, in the words of the tests.

use crate::common::count;
use crate::person::try_log_in;
use crate::support::{AuthenticatorApp, Browser, PASSWORD, Page, Person, TestApp};

/// For races, and for what is not about limits: one person does in a second what others do in a year.
pub const MANY_GUESSES: &str = "[authentication]\nfactor_guesses = \"100 per 15m\"\nfactor_guesses_per_day = \"100 per 24h\"\n\
    [throttle]\nguesses_per_account = \"1000 per 15m\"\nguesses_per_address = \"1000 per 15m\"\n\
    logins_per_account = \"1000 per 15m\"\n";

/// What a right code answers to, whether it was used, is of another time or of another app.
pub const WRONG: &str = "not right or was used already";
pub const WAIT: &str = "Too many attempts";

/// A person who has an authenticator app, and the browser in which it was added, logged in. The step of that moment is
/// spent.
pub async fn guarded(app: &TestApp, email: &str) -> (Person, AuthenticatorApp, Browser) {
    let person = app.person(email).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, email, PASSWORD).await;
    let phone = AuthenticatorApp::add(&browser, app.clock_now()).await;
    (person, phone, browser)
}

/// A browser that has shown the password and nothing else, and the page that it is at.
pub async fn half_logged_in(app: &TestApp, email: &str) -> (Browser, Page) {
    let browser = Browser::new(&app.base);
    let page = half_log_in(&browser, email).await;
    (browser, page)
}

pub async fn half_log_in(browser: &Browser, email: &str) -> Page {
    let page = browser.get("/login").await;
    let page = browser.submit(&page, &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    assert_eq!(browser.cookie("karat_session"), None, "half a log-in is no session");
    page
}

/// Sends the code and follows nothing: what a race does.
pub async fn send_code(browser: &Browser, page: &Page, code: &str) -> Page {
    browser.submit_once(page, &[("code", code)]).await
}

/// Whether the account's pages are open to this browser.
pub async fn is_logged_in(browser: &Browser) -> bool {
    let page = browser.get("/account").await;
    page.path() == "/account" && page.status == 200
}

/// Makes a set of recovery codes and reads it off the page.
pub async fn make_recovery_codes(browser: &Browser) -> Vec<String> {
    let page = browser.get("/account/security/recovery-codes").await;
    codes_on(&browser.submit(&page, &[]).await)
}

pub fn codes_on(page: &Page) -> Vec<String> {
    let list = page.body.split("id=\"recovery-codes\"").nth(1).unwrap_or_else(|| panic!("no codes: {}", page.text()));
    let list = list.split("</ol>").next().unwrap();
    let codes: Vec<String> =
        list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    codes
}

/// The form token that a page carries.
pub fn form_token(page: &Page) -> String {
    page.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap_or_else(|| panic!("{}", page.text())).1
}

/// What a break-in would leave behind in the account's protection, counted past the product's code.
#[derive(Debug, PartialEq, Eq)]
pub struct Traces {
    pub sessions: i64,
    pub authenticators: i64,
    pub recovery_codes: i64,
    pub grants: i64,
    pub mails: i64,
    pub events: i64,
}

pub async fn traces(app: &TestApp) -> Traces {
    Traces {
        sessions: running_sessions(app).await,
        authenticators: count(app, "SELECT COUNT(*) FROM authenticators").await,
        recovery_codes: count(app, "SELECT COUNT(*) FROM recovery_codes").await,
        grants: count(app, "SELECT COUNT(*) FROM grants").await,
        mails: count(app, "SELECT COUNT(*) FROM outbox").await,
        events: count(app, "SELECT COUNT(*) FROM events").await,
    }
}

pub async fn running_sessions(app: &TestApp) -> i64 {
    count(app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await
}
