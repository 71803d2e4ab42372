//! Codes by SMS at the wrong place, at the wrong time, by the wrong person, twice, or guessed; and a number that changes.

use karat::domain::ids::UserId;

use crate::common::{at_once, text};
use crate::person::try_log_in;
use crate::support::app::web_client;
use crate::support::mails::mail_with;
use crate::support::messages::{
    KEPT, NUMBER, add_number, another, ask_for_number, log_in_to_code, log_in_to_sms, messages, messages_to,
    newest_code, press, press_once,
};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const OTHER: &str = "+4917698765432";
const MANY: &str = "messages_per_account = \"1000 per 24h\"\nmessages_per_address = \"1000 per 1h\"\n\
                    messages_per_number = \"1000 per 10m\"\nmessages_per_number_daily = \"1000 per 24h\"\n\
                    messages_per_prefix = \"1000 per 10m\"\nwatchdog_used_percent = 0\n";

async fn start() -> TestApp {
    TestApp::start_with(Backends::SqliteAndMemory, &format!("{KEPT}{MANY}")).await
}

async fn somebody(app: &TestApp, email: &str) -> (UserId, Browser) {
    let person = app.person(email).await;
    let browser = Browser::new(&app.base);
    try_log_in(&browser, email, PASSWORD).await;
    (person.id, browser)
}

/// A person with a number, and the browser that added it.
async fn with_number(app: &TestApp, email: &str, number: &str) -> Browser {
    let (_, browser) = somebody(app, email).await;
    add_number(app, &browser, number).await;
    app.advance(1000);
    browser
}

async fn type_code(browser: &Browser, page: &Page, code: &str) -> Page {
    press(browser, page, "/mfa/sms", &[("code", code)]).await
}

fn is_refused(page: &Page) -> bool {
    page.text().contains("This code is not right, or not valid any more")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_one_log_in_is_none_for_another() {
    let app = start().await;
    with_number(&app, ADA, NUMBER).await;
    let (first, second) = (Browser::new(&app.base), Browser::new(&app.base));
    let first_page = log_in_to_code(&first, ADA).await;
    let code = newest_code(&app, NUMBER).await;

    // Another browser with the right password.
    let page = log_in_to_sms(&second, ADA).await;
    assert!(!page.body.contains("sms-submit"), "nothing waits there");
    app.advance(31);
    let page = log_in_to_code(&second, ADA).await;
    assert!(is_refused(&type_code(&second, &page, &code).await), "the first browser's code");
    let newer = newest_code(&app, NUMBER).await;
    assert!(is_refused(&type_code(&first, &first_page, &newer).await), "the second browser's code");
    assert_eq!(first.cookie("karat_session"), None);

    // The same browser, which began anew, and the interaction of an app.
    app.advance(61);
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let page = second.get(&rp.authorize_path(&[])).await;
    let page = second.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/sms");
    let page = press(&second, &page, "/mfa/sms/send", &[]).await;
    assert!(is_refused(&type_code(&second, &page, &newer).await), "an earlier log-in's code");
    let code = newest_code(&app, NUMBER).await;
    let page = type_code(&second, &page, &code).await;
    assert_eq!(page.path(), "/consent", "its own code is right: {}", page.text());
    let page = second.submit(&page, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&page.param("code").unwrap()).await;
    let told = rp.introspect(tokens.text("access_token")).await;
    assert_eq!(told.text("acr"), "urn:karat:acr:mfa-sms");
    assert_eq!(told.body["amr"], serde_json::json!(["pwd", "sms", "mfa"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_one_purpose_is_none_for_another() {
    let app = start().await;
    let owner = with_number(&app, ADA, NUMBER).await;
    // The log-in's code does not confirm a change, nor a number.
    log_in_to_code(&Browser::new(&app.base), ADA).await;
    let of_log_in = newest_code(&app, NUMBER).await;
    app.advance(1);
    let confirm = owner.get("/account/security/phone").await;
    assert_eq!(confirm.path(), "/mfa/sms", "the proof is asked anew: {}", confirm.text());
    let confirm = press(&owner, &confirm, "/mfa/sms/send", &[]).await;
    let message = messages_to(&app, NUMBER).await.remove(0);
    assert!(message.text.contains("to change your security settings"), "{}", message.text);
    assert!(is_refused(&type_code(&owner, &confirm, &of_log_in).await));
    let of_change = newest_code(&app, NUMBER).await;
    let page = type_code(&owner, &confirm, &of_change).await;
    assert_eq!(page.path(), "/account/security/phone", "{}", page.text());
    app.advance(1);
    let page = ask_for_number(&owner, OTHER).await;
    for code in [of_log_in.as_str(), &of_change] {
        assert!(is_refused(&press(&owner, &page, "/account/security/phone/code", &[("code", code)]).await));
    }
    let code = newest_code(&app, OTHER).await;
    // And the number's code logs nobody in.
    app.advance(31);
    let browser = Browser::new(&app.base);
    let page = log_in_to_code(&browser, ADA).await;
    assert!(is_refused(&type_code(&browser, &page, &code).await));
    let right = newest_code(&app, NUMBER).await;
    assert_eq!(type_code(&browser, &page, &right).await.path(), "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_one_person_is_none_for_another() {
    let app = start().await;
    // The same number, as in a family.
    with_number(&app, ADA, NUMBER).await;
    with_number(&app, BOB, NUMBER).await;
    let (ada, bob) = (Browser::new(&app.base), Browser::new(&app.base));
    let of_ada = log_in_to_code(&ada, ADA).await;
    let code = newest_code(&app, NUMBER).await;
    let of_bob = log_in_to_code(&bob, BOB).await;
    assert!(is_refused(&type_code(&bob, &of_bob, &code).await));
    assert_eq!(type_code(&ada, &of_ada, &code).await.path(), "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_code_kills_the_old_one_and_five_minutes_kill_any() {
    let app = start().await;
    with_number(&app, ADA, NUMBER).await;
    let browser = Browser::new(&app.base);
    let page = log_in_to_code(&browser, ADA).await;
    let old = newest_code(&app, NUMBER).await;
    app.advance(31);
    let page = press(&browser, &page, "/mfa/sms/send", &[]).await;
    let new = newest_code(&app, NUMBER).await;
    assert!(is_refused(&type_code(&browser, &page, &old).await));
    app.advance(300);
    assert!(is_refused(&type_code(&browser, &page, &new).await), "too late");
    let page = log_in_to_code(&browser, ADA).await;
    app.advance(299);
    let code = newest_code(&app, NUMBER).await;
    assert_eq!(type_code(&browser, &page, &code).await.path(), "/account", "in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_uses_of_a_code_one_succeeds() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let generous = "code_tries = 10\n[authentication]\nfactor_guesses = \"100 per 15m\"\nfactor_guesses_per_day = \"100 per 24h\"\n";
        let app = TestApp::start_with(backends, &format!("{KEPT}{MANY}{generous}")).await;
        with_number(&app, ADA, NUMBER).await;
        let browser = Browser::new(&app.base);
        let page = log_in_to_code(&browser, ADA).await;
        let code = newest_code(&app, NUMBER).await;
        let once = async || press_once(&browser, &page, "/mfa/sms", &[("code", &code)]).await;
        let answers = at_once((0..50).map(|_| once())).await;
        let begun = |page: &&Page| {
            page.headers.get_all("set-cookie").iter().any(|c| c.as_bytes().starts_with(b"karat_session="))
        };
        assert_eq!(answers.iter().filter(begun).count(), 1, "{backends:?}");
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{backends:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_dead_after_five_tries_even_for_the_right_digits() {
    let more = "[authentication]\nfactor_guesses = \"100 per 15m\"\nfactor_guesses_per_day = \"100 per 24h\"\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, &format!("{KEPT}{MANY}{more}")).await;
    with_number(&app, ADA, NUMBER).await;
    let browser = Browser::new(&app.base);
    let page = log_in_to_code(&browser, ADA).await;
    let code = newest_code(&app, NUMBER).await;
    let wrong = another(&code);
    let guess = async || press_once(&browser, &page, "/mfa/sms", &[("code", &wrong)]).await;
    at_once((0..5).map(|_| guess())).await;
    let page = type_code(&browser, &page, &code).await;
    assert!(page.text().contains("Too many wrong codes"), "{}", page.text());
    assert_eq!(browser.cookie("karat_session"), None);
    app.advance(31);
    let page = press(&browser, &page, "/mfa/sms/send", &[]).await;
    let code = newest_code(&app, NUMBER).await;
    assert_eq!(type_code(&browser, &page, &code).await.path(), "/account", "a new one works");
}

/// New log-ins, new codes, other doors, right passwords in between: the person has one count.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_counted_for_the_person_and_not_for_the_code() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, &format!("{KEPT}{MANY}")).await;
        let owner = with_number(&app, ADA, NUMBER).await;
        let mut looked_at = 0;
        for _ in 0..10 {
            app.advance(200);
            let browser = Browser::new(&app.base);
            let page = log_in_to_code(&browser, ADA).await;
            let wrong = another(&newest_code(&app, NUMBER).await);
            let guess = async || press_once(&browser, &page, "/mfa/sms", &[("code", &wrong)]).await;
            let answers = at_once((0..10).map(|_| guess())).await;
            looked_at += answers.iter().filter(|answer| is_refused(answer)).count();
        }
        assert!((1..=5).contains(&looked_at), "{backends:?}: {looked_at} of 100 guesses were looked at");
        // The right digits are not looked at either, at this door and at the other.
        let browser = Browser::new(&app.base);
        app.advance(200);
        let page = log_in_to_code(&browser, ADA).await;
        let code = newest_code(&app, NUMBER).await;
        let page = type_code(&browser, &page, &code).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
        let confirm = owner.get("/account/security/phone").await;
        let confirm = press(&owner, &confirm, "/mfa/sms/send", &[]).await;
        let code = newest_code(&app, NUMBER).await;
        let page = type_code(&owner, &confirm, &code).await;
        assert!(page.text().contains("Too many attempts"), "{}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_number_asks_for_the_strongest_factor_tells_the_old_ones_and_holds() {
    let app = start().await;
    let owner = with_number(&app, ADA, NUMBER).await;
    // With the password alone, in another browser, there is no session to change anything in.
    let stranger = Browser::new(&app.base);
    log_in_to_code(&stranger, ADA).await;
    assert_eq!(stranger.get("/account/security/phone").await.path(), "/login");
    // A stronger factor is asked for from the day it is there.
    app.advance(1);
    let page = owner.get("/account/security/totp").await;
    let page = press(&owner, &page, "/mfa/sms/send", &[]).await;
    let code = newest_code(&app, NUMBER).await;
    let page = type_code(&owner, &page, &code).await;
    assert_eq!(page.path(), "/account/security/totp", "{}", page.text());
    let totp = AuthenticatorApp::add(&owner, app.clock_now()).await;
    app.advance(600);
    let page = owner.get("/account/security/phone").await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    assert!(!page.body.contains("way-sms"), "the weaker one is not enough");
    let bypass = owner.post("/mfa/sms/send?next=phone", &[]).await;
    assert_ne!(bypass.path(), "/account/security/phone");
    let page = owner.submit(&page, &[("code", &totp.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/security/phone", "{}", page.text());

    try_log_in(&stranger, ADA, PASSWORD).await;
    let waiting = stranger.get("/mfa/sms").await;
    let waiting = press(&stranger, &waiting, "/mfa/sms/send", &[]).await;
    let before = newest_code(&app, NUMBER).await;
    app.advance(1);
    let page = ask_for_number(&owner, OTHER).await;
    let code = newest_code(&app, OTHER).await;
    let page = press(&owner, &page, "/account/security/phone/code", &[("code", &code)]).await;
    assert!(page.status.is_success() || page.status == 404, "{}", page.text());
    let told = messages_to(&app, NUMBER).await.remove(0);
    assert!(told.text.contains("this number no longer protects your account"), "{}", told.text);
    assert!(!told.text.contains('#'), "no code in it");
    mail_with(&app, ADA, "took the place").await;
    let holds = "SELECT cause FROM holds ORDER BY ends_at DESC, cause DESC LIMIT 1";
    assert_eq!(text(&app, holds).await, "phone_changed");
    // What was sent to the old number for a log-in is dead.
    assert!(is_refused(&type_code(&stranger, &waiting, &before).await));
    let user = app.karat.store.user_by_email(&ADA.parse().unwrap()).await.unwrap().unwrap().user;
    assert_eq!(user.profile.phone_number.as_deref(), Some(OTHER));
    assert!(user.profile.phone_number_verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_removed_hears_of_it_and_its_codes_are_dead() {
    let app = start().await;
    let owner = with_number(&app, ADA, NUMBER).await;
    let stranger = Browser::new(&app.base);
    let waiting = log_in_to_code(&stranger, ADA).await;
    let before = newest_code(&app, NUMBER).await;
    let page = owner.get("/mfa?next=security").await;
    let page = press(&owner, &page, "/mfa/sms/send", &[]).await;
    app.advance(1);
    let confirm = messages(&app).await.into_iter().find(|sms| sms.text.contains("security settings")).unwrap();
    let code = confirm.text.rsplit('#').next().unwrap().to_owned();
    assert_eq!(type_code(&owner, &page, &code).await.path(), "/account/security");
    let user = app.karat.store.user_by_email(&ADA.parse().unwrap()).await.unwrap().unwrap().user;
    let phone = app.karat.store.authenticators_of(user.id).await.unwrap().remove(0);
    let page = owner.get(&format!("/account/security/factor?id={}", phone.id)).await;
    press(&owner, &page, "/account/security/factor/remove", &[]).await;
    assert!(app.karat.store.authenticators_of(user.id).await.unwrap().is_empty());
    let told = messages_to(&app, NUMBER).await;
    assert!(told.iter().any(|sms| sms.text.contains("no longer protects your account")));
    let page = type_code(&stranger, &waiting, &before).await;
    assert_eq!(stranger.cookie("karat_session"), None, "{}", page.text());
    let user = app.karat.store.user(user.id).await.unwrap().unwrap();
    assert!(user.profile.phone_number.is_none() && !user.profile.phone_number_verified, "nobody vouches for it now");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_wants_more_than_sms_is_not_content_with_it() {
    let app = start().await;
    with_number(&app, ADA, NUMBER).await;
    let rp = RelyingParty::register(&app, web_client("wallet")).await;
    let browser = Browser::new(&app.base);
    let page = log_in_to_code(&browser, ADA).await;
    let code = newest_code(&app, NUMBER).await;
    assert_eq!(type_code(&browser, &page, &code).await.path(), "/account");
    let weak = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa-sms")])).await;
    assert_eq!(weak.path(), "/consent", "{}", weak.text());
    let strong = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa")])).await;
    assert_eq!(strong.path(), "/account/security/enrol", "{}", strong.text());
    assert!(!strong.body.contains("enrol-phone"), "SMS is not offered for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_number_nor_code_stands_readable_in_the_database() {
    let app = start().await;
    with_number(&app, ADA, NUMBER).await;
    log_in_to_code(&Browser::new(&app.base), ADA).await;
    let code = newest_code(&app, NUMBER).await;
    assert!(!messages(&app).await.is_empty());
    let tables = "SELECT COALESCE(GROUP_CONCAT(id || purpose || country || status), '') FROM sms_messages";
    let authenticators = "SELECT COALESCE(GROUP_CONCAT(name || facts || COALESCE(lookup, '')), '') FROM authenticators";
    let events = "SELECT COALESCE(GROUP_CONCAT(kind || detail), '') FROM events";
    for all in [text(&app, tables).await, text(&app, authenticators).await, text(&app, events).await] {
        assert!(!all.is_empty());
        for secret in [NUMBER, "15112345678", &code] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_without_sms_has_no_such_pages_and_counts_no_number() {
    let app = TestApp::start().await;
    let (_, browser) = somebody(&app, ADA).await;
    assert_eq!(browser.get("/account/security/phone").await.status, 404);
    assert_eq!(browser.get("/mfa/sms").await.path(), "/account");
}
