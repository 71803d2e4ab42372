//! From the link that the server prints to the first owner.

use karat::domain::role::Role;
use karat::domain::time::Seconds;
use karat::flow::admin::Authority;
use karat::storage::audit::Wanted;

use super::{enrol, press};
use crate::support::authenticator::SoftPasskey;
use crate::support::{Backends, Browser, PASSWORD, Page, TestApp};

const OLGA: &str = "olga@example.com";

async fn link(app: &TestApp) -> String {
    let link = app.karat.setup_link().await.unwrap().expect("there is no owner");
    link.strip_prefix(&app.base).unwrap().to_owned()
}

async fn is_owner(app: &TestApp, email: &str) -> bool {
    let found = app.karat.store.user_by_email(&email.parse().unwrap()).await.unwrap();
    let Some(found) = found else { return false };
    app.karat.store.has_role(found.user.id, Role::Owner).await.unwrap()
}

/// Accepts the terms where they stand in the way.
async fn past_the_terms(browser: &Browser, page: Page) -> Page {
    match page.path() {
        "/terms/accept" => press(browser, &page, "/terms/accept", &[("accept_terms", "yes")]).await,
        _ => page,
    }
}

async fn whoever_holds_the_link_becomes_the_owner_with_a_passkey(backends: Backends) {
    let app = TestApp::on(backends).await;
    let (path, browser) = (link(&app).await, Browser::new(&app.base));
    let page = browser.get(&path).await;
    assert_eq!(page.url, "/setup", "the token is out of the address");
    let account = [("name", "Olga"), ("email", OLGA), ("password", PASSWORD)];
    let page = press(&browser, &page, "/setup/account", &account).await;
    let page = past_the_terms(&browser, page).await;
    assert_eq!(page.url, "/setup", "{}", page.text());
    assert!(page.body.contains("id=\"passkey-link\"") && !page.body.contains("own-submit"), "{}", page.text());
    // The button alone does nothing: a passkey has to be shown.
    let csrf = browser.get("/account/profile").await.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    browser.post("/setup/own", &[("csrf", &csrf)]).await;
    assert!(!is_owner(&app, OLGA).await);

    let page = enrol(&app, &browser, &mut SoftPasskey::new()).await;
    assert_eq!(page.url, "/setup", "from the passkey back to the set-up: {}", page.text());
    let other = link(&app).await;
    let page = press(&browser, &page, "/setup/own", &[]).await;
    assert_eq!((page.url.as_str(), page.status.as_u16()), ("/admin", 200), "{}", page.text());
    assert!(page.text().contains("You are the owner."), "{}", page.text());
    assert!(is_owner(&app, OLGA).await);
    assert!(app.karat.setup_link().await.unwrap().is_none());

    // That one, and every other one, is used up.
    for path in [path, other] {
        let late = Browser::new(&app.base);
        let page = late.get(&path).await;
        assert_eq!((page.url.as_str(), page.status.as_u16()), ("/setup", 410), "{}", page.text());
        assert!(page.text().contains("This link is of no use any more"));
    }
    let entries = app.karat.audited(&Authority::operator(), &Wanted::default(), None, 10).await.unwrap();
    let acts: Vec<_> = entries.iter().map(|one| (one.entry.actor.as_str(), one.entry.act.as_str())).collect();
    assert_eq!(acts, [("setup", "roles.change"), ("setup", "people.add")]);
    assert!(entries[0].entry.address.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_link_becomes_the_owner_with_a_passkey_on_sqlite() {
    whoever_holds_the_link_becomes_the_owner_with_a_passkey(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_the_link_becomes_the_owner_with_a_passkey_on_postgres() {
    whoever_holds_the_link_becomes_the_owner_with_a_passkey(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_the_set_up_follows_the_usual_rules() {
    let app = TestApp::start().await;
    app.person("ben@example.com").await;
    let browser = Browser::new(&app.base);
    let page = browser.get(&link(&app).await).await;
    let wrong = [("email", "nobody"), ("password", "password")];
    let page = press(&browser, &page, "/setup/account", &wrong).await;
    assert!(page.body.contains("id=\"email-error\"") && page.body.contains("id=\"password-error\""), "{}", page.text());
    let taken = [("email", "ben@example.com"), ("password", PASSWORD)];
    let page = press(&browser, &page, "/setup/account", &taken).await;
    assert!(page.text().contains("has an account already"), "{}", page.text());
    // Whose account it is logs in to it, and is led back.
    let page = browser.get("/login?next=setup").await;
    let page = browser.submit(&page, &[("email", "ben@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.url, "/setup");
    assert!(page.body.contains("passkey-link"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_link_that_is_open_there_is_no_set_up() {
    let app = TestApp::start().await;
    for path in ["/setup", "/setup?token=x", "/setup?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let page = Browser::new(&app.base).get(path).await;
        assert_eq!(page.status, 410, "{path}: {}", page.text());
    }
    let (path, browser) = (link(&app).await, Browser::new(&app.base));
    let page = browser.get(&path).await;
    app.advance(Seconds::hours(24).0 + 1);
    let account = [("email", OLGA), ("password", PASSWORD)];
    let late = press(&browser, &page, "/setup/account", &account).await;
    assert_eq!(late.status, 410, "{}", late.text());
    assert!(app.karat.store.user_by_email(&OLGA.parse().unwrap()).await.unwrap().is_none());
}
