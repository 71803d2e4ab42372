//! What the attacks on passkeys share: asking for a challenge, answering it, and what a refusal looks like.

use karat::domain::authenticator::Authenticator;
use karat::storage::events::PastEvent;

use crate::person::try_log_in;
use crate::support::authenticator::{Answer, SoftPasskey};
use crate::support::{Browser, PASSWORD, Page, Person, TestApp};

pub const ENROL: &str = "/account/security/passkeys";
pub const LOGIN: &str = "/login/passkey";
pub const PROOF: &str = "/mfa/passkey";

/// Somebody with one passkey, and the browser that it was enrolled in.
pub struct Holder {
    pub person: Person,
    pub browser: Browser,
    pub key: SoftPasskey,
}

pub async fn holder(app: &TestApp, email: &str, key: SoftPasskey) -> Holder {
    let (person, browser) = (app.person(email).await, Browser::new(&app.base));
    try_log_in(&browser, email, PASSWORD).await;
    let mut holder = Holder { person, browser, key };
    let page = holder.browser.get(ENROL).await;
    let made = holder.key.create(&options(&page), &app.base);
    answer(&holder.browser, &page, ENROL, &made).await;
    assert_eq!(passkeys(app, &holder.person).await.len(), 1, "the passkey is enrolled");
    holder
}

/// What the page asks the browser.
pub fn options(page: &Page) -> String {
    page.data("options").unwrap_or_else(|| panic!("{} asks for no passkey: {}", page.url, page.text()))
}

/// Posts the page's own form with the answer in it, as its script does.
pub async fn answer(browser: &Browser, page: &Page, action: &str, credential: &str) -> Page {
    let (action, hidden) = page.form_to(action);
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.retain(|(name, _)| *name != "credential");
    fields.push(("credential", credential));
    browser.post(&action, &fields).await
}

/// Logs in with the passkey alone, its answer bent.
pub async fn use_alone(
    app: &TestApp,
    browser: &Browser,
    key: &mut SoftPasskey,
    bend: impl FnOnce(&mut Answer),
) -> Page {
    let page = browser.get("/login").await;
    let said = key.get_bent(&options(&page), &app.base, bend);
    answer(browser, &page, LOGIN, &said).await
}

/// Whether the passkey logs a fresh browser in.
pub async fn works(app: &TestApp, key: &mut SoftPasskey) -> bool {
    let browser = Browser::new(&app.base);
    use_alone(app, &browser, key, |_| {}).await;
    is_in(&browser)
}

pub fn is_in(browser: &Browser) -> bool {
    browser.cookie("karat_session").is_some()
}

pub async fn passkeys(app: &TestApp, person: &Person) -> Vec<Authenticator> {
    app.karat.store.authenticators_of(person.id).await.unwrap()
}

pub async fn events(app: &TestApp, person: &Person, kind: &str) -> Vec<PastEvent> {
    let mut events = app.karat.store.events_of(person.id, 100).await.unwrap();
    events.retain(|event| event.kind == kind);
    events
}
