//! The security page: what protects the account, and changing it.

use crate::person::{is_logged_in, log_in, logged_in, press, send};
use crate::support::mails::{link_in, mail_with, mails_to, newest_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, TestApp};

const ADA: &str = "ada@example.com";
const SECURITY: &str = "/account/security";
const DAY: i64 = 86_400;

/// The address of the page of the first authenticator listed.
fn first_factor(page: &Page) -> String {
    let link = page.body.split("href=\"").find(|rest| rest.starts_with("/account/security/factor?id="));
    link.unwrap_or_else(|| panic!("{}", page.text())).split('"').next().unwrap().to_owned()
}

async fn with_code(app: &TestApp, phone: &AuthenticatorApp, email: &str) -> Browser {
    let browser = Browser::new(&app.base);
    let page = log_in(&browser, email, PASSWORD).await;
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(is_logged_in(&browser).await);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_factor_ends_other_sessions_begins_a_hold_and_is_told_on_sqlite_and_memory() {
    removing_a_factor_ends_other_sessions_begins_a_hold_and_is_told(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_factor_ends_other_sessions_begins_a_hold_and_is_told_on_postgres_and_redis() {
    removing_a_factor_ends_other_sessions_begins_a_hold_and_is_told(Backends::PostgresAndRedis).await;
}

async fn removing_a_factor_ends_other_sessions_begins_a_hold_and_is_told(backends: Backends) {
    let app = TestApp::start_with(backends, "[holds]\nfirst_factor = \"0s\"\n").await;
    let person = app.person(ADA).await;
    let first = logged_in(&app, ADA).await;
    let page = first.get(SECURITY).await;
    assert!(page.text().contains("Only your password protects"), "{}", page.text());
    let phone = AuthenticatorApp::add(&first, app.clock_now()).await;
    assert!(!first.get(SECURITY).await.text().contains("on hold"), "none has begun yet");
    app.advance(90);
    let here = with_code(&app, &phone, ADA).await;
    let page = here.get(SECURITY).await;
    assert!(page.text().contains("A code from your app is asked for"), "{}", page.text());
    let factor = here.get(&first_factor(&page)).await;
    assert!(factor.text().contains("This is your last one"), "{}", factor.text());
    let renamed = press(&here, &factor, "/account/security/factor/rename", &[("name", "Old phone")]).await;
    assert!(renamed.text().contains("Old phone"), "{}", renamed.text());

    let done = press(&here, &factor, "/account/security/factor/remove", &[]).await;
    assert!(done.text().contains("another 24 hours"), "{}", done.text());
    assert!(done.text().contains("Removed a way to log in · Old phone"), "{}", done.text());
    assert!(is_logged_in(&here).await && !is_logged_in(&first).await);
    let until = app.karat.store.user(person.id).await.unwrap().unwrap().hold_until;
    assert_eq!(until, Some(app.clock_now().plus(karat::domain::time::Seconds::hours(24))));
    let told = mail_with(&app, ADA, "Old phone").await;
    assert!(told.text.contains("on hold") && told.text.contains("/freeze?token="), "{}", told.text);
    assert!(log_in(&Browser::new(&app.base), ADA, PASSWORD).await.path() == "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_others_are_nobodys() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    app.person("eve@example.com").await;
    let ada = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&ada, app.clock_now()).await;
    let factor = first_factor(&ada.get(SECURITY).await);
    let id = factor.split("id=").nth(1).unwrap();
    let eve = logged_in(&app, "eve@example.com").await;
    assert_eq!(eve.get(&factor).await.path(), SECURITY);
    let own = eve.get("/account/security/phrase").await;
    for action in ["/account/security/factor/remove", "/account/security/factor/rename"] {
        let (_, hidden) = own.form_to("/account/security/phrase");
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.extend([("id", id), ("name", "Stolen")]);
        assert_eq!(eve.post(action, &fields).await.path(), SECURITY);
    }
    assert!(ada.get(SECURITY).await.text().contains("My phone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_phrase_stands_in_every_mail_and_is_sealed() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let page = send(&browser, "/account/security/phrase", &[("phrase", "  blue   heron ")]).await;
    assert!(page.text().contains("Your phrase: blue heron"), "{}", page.text());
    let told = newest_to(&app, ADA).await;
    assert!(!told.text.contains("blue heron"), "the mail of the change shows what was before");
    app.advance(1);
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    let reset = newest_to(&app, ADA).await;
    assert!(reset.text.contains("blue heron") && reset.html.contains("blue heron"), "{}", reset.text);
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", "nobody@example.com")]).await;

    let page = browser.get("/account/security/phrase").await;
    let page = press(&browser, &page, "/account/security/phrase/remove", &[]).await;
    assert_eq!(page.path(), SECURITY);
    app.advance(1);
    send(&Browser::new(&app.base), "/password/forgotten", &[("email", ADA)]).await;
    assert!(!newest_to(&app, ADA).await.text.contains("blue heron"));
    for bad in ["", " ", &"x".repeat(41)] {
        let page = send(&browser, "/account/security/phrase", &[("phrase", bad)]).await;
        assert!(page.text().contains("Error:"), "{bad:?}: {}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_settings_are_locked_nothing_that_protects_the_account_changes() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let lock = "/account/security/lock";
    for bad in ["", "0", "31", "x", "-1"] {
        let page = send(&browser, lock, &[("days", bad)]).await;
        assert!(page.text().contains("Choose from 1 to 30 days"), "{bad}: {}", page.text());
    }
    let page = send(&browser, lock, &[("days", "2")]).await;
    assert!(page.text().contains("Unlocking them takes 2 days"), "{}", page.text());
    let new = "turbid lantern 9 pigeon";
    let changes: [(&str, &[(&str, &str)]); 3] = [
        ("/account/password", &[("current_password", PASSWORD), ("new_password", new)]),
        ("/account/email", &[("current_password", PASSWORD), ("new_email", "new@example.com")]),
        ("/account/security/phrase", &[("phrase", "blue heron")]),
    ];
    for (path, fields) in changes {
        let page = send(&browser, path, fields).await;
        assert!(page.text().contains("Your settings are locked"), "{path}: {}", page.text());
    }
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert!(user.protection.phrase.is_none());
    assert!(mails_to(&app, "new@example.com").await.is_empty());

    let unlocking = press(&browser, &browser.get(lock).await, "/account/security/lock/unlock", &[]).await;
    assert!(
        unlocking.text().contains("being unlocked") && unlocking.text().contains("48 hours"),
        "{}",
        unlocking.text()
    );
    let page = send(&browser, "/account/security/phrase", &[("phrase", "blue heron")]).await;
    assert!(page.text().contains("Your settings are locked"), "the delay has only begun: {}", page.text());

    // One click in the mail calls it off, without a session; opening the link does not.
    let link = link_in(&app, &mail_with(&app, ADA, "/keep-locked?token=").await, "/keep-locked?token=");
    let elsewhere = Browser::new(&app.base);
    let page = elsewhere.get(&link).await;
    assert!(browser.get(lock).await.text().contains("being unlocked"));
    elsewhere.submit(&page, &[]).await;
    assert!(browser.get(lock).await.text().contains("Unlocking them takes 2 days"));
    app.advance(3 * DAY);
    log_in(&browser, ADA, PASSWORD).await;
    assert!(browser.get(lock).await.text().contains("Unlocking them takes 2 days"), "it stays locked for good");

    press(&browser, &browser.get(lock).await, "/account/security/lock/unlock", &[]).await;
    app.advance(2 * DAY);
    log_in(&browser, ADA, PASSWORD).await;
    let page = send(&browser, "/account/security/phrase", &[("phrase", "blue heron")]).await;
    assert!(page.text().contains("Your phrase: blue heron"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_gets_past_a_settings_lock_but_holds_as_long_as_unlocking_takes() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    send(&browser, "/account/security/lock", &[("days", "9")]).await;
    send(&browser, "/password/forgotten", &[("email", ADA)]).await;
    let link = link_in(&app, &mail_with(&app, ADA, "/password/reset").await, "/password/reset");
    let page = browser.submit(&browser.get(&link).await, &[("new_password", "turbid lantern 9 pigeon")]).await;
    assert_eq!(page.path(), "/password/done", "{}", page.text());
    let user = app.karat.store.user(person.id).await.unwrap().unwrap();
    assert_eq!(user.hold_until, Some(app.clock_now().plus(karat::domain::time::Seconds::days(9))));
    assert!(user.protection.settings.is_locked(app.clock_now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn known_browsers_are_listed_and_forgotten() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (here, there) = (logged_in(&app, ADA).await, logged_in(&app, ADA).await);
    let devices = "/account/security/devices";
    let page = here.get(devices).await;
    assert_eq!(page.body.matches("id=\"device-forget-").count(), 2, "{}", page.text());
    assert!(page.text().contains("This browser") && page.text().contains("127.0.0.1"), "{}", page.text());
    let page = press(&here, &page, "/account/security/devices/forget", &[]).await;
    assert_eq!(page.body.matches("id=\"device-forget-").count(), 1, "{}", page.text());
    let page = press(&here, &page, "/account/security/devices/forget-all", &[]).await;
    assert_eq!(page.body.matches("id=\"device-forget-").count(), 0, "{}", page.text());
    assert!(is_logged_in(&here).await && is_logged_in(&there).await, "sessions are another thing");
}
