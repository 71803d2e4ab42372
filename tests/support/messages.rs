//! Text messages: those that a running Karat leaves in its outbox, and what a person does with them.

use karat::domain::time::Seconds;
use karat::storage::outbox::{Outgoing, Share, Sms};

use super::{Browser, Page, TestApp};

/// A configuration that keeps messages in the outbox.
pub const KEPT: &str = "[sms]\nenabled = true\ngateways = [\"outbox\"]\ncountries = [\"DE\", \"ES\"]\n";
pub const NUMBER: &str = "+4915112345678";

/// Every message to a number so far, the newest first (those of one second by the order of their sending).
pub async fn messages_to(app: &TestApp, number: &str) -> Vec<Sms> {
    messages(app).await.into_iter().filter(|sms| sms.to == number).collect()
}

pub async fn messages(app: &TestApp) -> Vec<Sms> {
    let store = &app.karat.store;
    let now = app.clock_now();
    let all = Share { mails: 1_000, of_one_target: 1_000 };
    for leased in store.lease_outgoing(now, now.plus(Seconds(60)), 1_000, all).await.unwrap().due {
        match leased.payload {
            Outgoing::Sms(_) => store.finish_outgoing(&leased.id, "sent", true, now).await.unwrap(),
            _ => store.retry_outgoing(&leased.id, now, "not a message").await.unwrap(),
        }
    }
    store.kept_sms(1_000).await.unwrap().into_iter().map(|kept| kept.sms).collect()
}

/// The six digits of the newest message to a number.
pub async fn newest_code(app: &TestApp, number: &str) -> String {
    let newest = messages_to(app, number).await.into_iter().find(|sms| sms.text.contains('#')).expect("a message");
    newest.text.rsplit('#').next().unwrap().to_owned()
}

/// Six digits that are not these.
pub fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// Asks for a code to a number on the account's page, whatever it asked for before; the page that answers.
pub async fn ask_for_number(browser: &Browser, number: &str) -> Page {
    let mut page = browser.get("/account/security/phone").await;
    if page.body.contains("phone-cancel") {
        page = press(browser, &page, "/account/security/phone/cancel", &[]).await;
    }
    press(browser, &page, "/account/security/phone", &[("number", number)]).await
}

/// Adds a number to the account that this browser is logged in to.
pub async fn add_number(app: &TestApp, browser: &Browser, number: &str) {
    let page = ask_for_number(browser, number).await;
    let code = newest_code(app, number).await;
    let done = press(browser, &page, "/account/security/phone/code", &[("code", &code)]).await;
    assert_eq!(done.path(), "/account/security/recovery-codes", "{}", done.text());
}

/// Sends the form of a page that posts to `action`.
pub async fn press(browser: &Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    browser.follow(press_once(browser, page, action, fields).await).await
}

pub async fn press_once(browser: &Browser, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
    let (_, hidden) = page.form_to(action);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.retain(|(name, _)| fields.iter().all(|(given, _)| given != name));
    all.extend_from_slice(fields);
    browser.post_once(action, &all).await
}

/// Types address and password, which leads to the page of the code.
pub async fn log_in_to_sms(browser: &Browser, email: &str) -> Page {
    let page = browser.get("/login").await;
    let page = browser.submit(&page, &[("email", email), ("password", super::PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/sms", "{}", page.text());
    page
}

/// As [`log_in_to_sms`], and asks for the code: the page that waits for it.
pub async fn log_in_to_code(browser: &Browser, email: &str) -> Page {
    let page = log_in_to_sms(browser, email).await;
    let page = press(browser, &page, "/mfa/sms/send", &[]).await;
    assert!(page.body.contains("sms-submit"), "{}", page.text());
    page
}
