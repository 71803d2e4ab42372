//! What moves money waits after a change to the account, and nothing shortens the wait.

use karat::domain::hold::{Hold, HoldCause};
use karat::domain::time::{Seconds, Timestamp};

use crate::person::{log_in, logged_in, send};
use crate::support::mails::{code_in, link_in, mail_with, newest_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Person, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

async fn hold_until(app: &TestApp, person: &Person) -> Option<Timestamp> {
    app.karat.store.user(person.id).await.unwrap().unwrap().hold_until
}

fn in_hours(app: &TestApp, hours: i64) -> Option<Timestamp> {
    Some(app.clock_now().plus(Seconds::hours(hours)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_begins_a_hold_that_pages_and_mails_tell_of_on_sqlite_and_memory() {
    a_new_password_begins_a_hold_that_pages_and_mails_tell_of(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_begins_a_hold_that_pages_and_mails_tell_of_on_postgres_and_redis() {
    a_new_password_begins_a_hold_that_pages_and_mails_tell_of(Backends::PostgresAndRedis).await;
}

async fn a_new_password_begins_a_hold_that_pages_and_mails_tell_of(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    assert_eq!(hold_until(&app, &person).await, None);
    assert!(!browser.get("/account").await.text().contains("on hold"));

    let page = send(&browser, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(page.text().contains("another 24 hours"), "{}", page.text());
    assert_eq!(hold_until(&app, &person).await, in_hours(&app, 24));
    let told = mail_with(&app, ADA, "password").await;
    assert!(told.text.contains("on hold") && told.html.contains("on hold"), "{}", told.text);

    app.advance(23 * 3600 + 1);
    log_in(&browser, ADA, NEW).await;
    let page = browser.get("/account").await;
    assert!(page.text().contains("another 60 minutes"), "{}", page.text());
    app.advance(3600);
    assert!(!browser.get("/account").await.text().contains("on hold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_holds_longer_from_a_browser_that_the_account_does_not_know() {
    let app = TestApp::start().await;
    for (email, known, hours) in [("known@example.com", true, 24), ("unknown@example.com", false, 48)] {
        let person = app.person(email).await;
        let browser = if known { logged_in(&app, email).await } else { Browser::new(&app.base) };
        send(&browser, "/password/forgotten", &[("email", email)]).await;
        let link = link_in(&app, &mail_with(&app, email, "/password/reset").await, "/password/reset");
        let page = browser.get(&link).await;
        browser.submit(&page, &[("new_password", NEW)]).await;
        assert_eq!(hold_until(&app, &person).await, in_hours(&app, hours), "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_begins_a_hold_that_the_old_address_hears_of() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let asked = [("new_email", "new@example.com"), ("current_password", PASSWORD)];
    let page = send(&browser, "/account/email", &asked).await;
    assert_eq!(hold_until(&app, &person).await, None, "asking alone changes nothing");
    assert!(!newest_to(&app, ADA).await.text.contains("on hold"));
    let code = code_in(&newest_to(&app, "new@example.com").await);
    app.advance(1);
    let (_, fields) = page.form_to("/account/email/code");
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push(("code", &code));
    let done = browser.post("/account/email/code", &fields).await;
    assert_eq!(done.path(), "/account/email/done", "{}", done.text());
    assert!(done.text().contains("another 24 hours"), "{}", done.text());
    assert_eq!(hold_until(&app, &person).await, in_hours(&app, 24));
    assert!(newest_to(&app, ADA).await.text.contains("on hold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_hold_does_not_shorten_a_longer_one_however_many_begin_at_once() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[holds]\nfirst_factor = \"0s\"\n").await;
    let person = app.person(ADA).await;
    let (karat, store, user) = (&app.karat, &app.karat.store, person.id);
    let now = app.clock_now();
    let begin = |hours: i64| async move {
        let mut change = store.begin().await.unwrap();
        let ends_at = now.plus(Seconds::hours(hours));
        let hold = Hold { cause: HoldCause::PasswordChanged, began_at: now, ends_at };
        let until = change.begin_hold(&karat.new_id().to_string(), user, &hold).await.unwrap();
        change.commit().await.unwrap();
        assert!(until >= ends_at);
    };
    futures_util::future::join_all([3, 72, 5, 71, 1].map(begin)).await;
    assert_eq!(hold_until(&app, &person).await, in_hours(&app, 72));
    begin(24).await;
    assert_eq!(hold_until(&app, &person).await, in_hours(&app, 72));
    assert_eq!(store.holds_of(person.id, 10).await.unwrap().len(), 6, "each stands in the history");

    let user = store.user(person.id).await.unwrap().unwrap();
    let mut change = store.begin().await.unwrap();
    let until = app.karat.start_hold(&mut change, &user, HoldCause::FirstFactor).await.unwrap();
    change.commit().await.unwrap();
    assert_eq!(until, in_hours(&app, 72), "a cause without a span changes nothing");
    assert_eq!(store.holds_of(person.id, 10).await.unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_only_a_password_waits_after_adding_the_first_strong_factor() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let until = app.karat.store.user(person.id).await.unwrap().unwrap().hold_until;
    assert_eq!(until, Some(app.clock_now().plus(Seconds::hours(6))));
    // Another in its place ends what the old one had opened, and waits longer.
    let there = logged_in_with(&app, &browser).await;
    app.advance(120);
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    assert!(!crate::person::is_logged_in(&there).await, "a session by the old app is over");
    let until = app.karat.store.user(person.id).await.unwrap().unwrap().hold_until;
    assert_eq!(until, Some(app.clock_now().plus(Seconds::hours(24))));
}

/// A second browser of the same session's person, logged in by a recovery code.
async fn logged_in_with(app: &TestApp, owner: &Browser) -> Browser {
    let codes = crate::recovery_codes::make(owner).await;
    let there = Browser::new(&app.base);
    crate::person::log_in(&there, ADA, PASSWORD).await;
    let page = there.get("/mfa/recovery").await;
    there.submit(&page, &[("code", &codes[0])]).await;
    assert!(crate::person::is_logged_in(&there).await);
    there
}
