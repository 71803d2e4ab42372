//! Codes of an app are guessed at by one count for each person, at every door, in every browser and on every node, which no
//! right password sets back (NIST SP 800-63B-4 section 3.2.2, OWASP ASVS 6.6.3).

use reqwest::Method;

use crate::common::{at_once, own_client};
use crate::person::try_log_in;
use crate::second_factor::{
    WAIT, WRONG, guarded, half_log_in, half_logged_in, is_logged_in, make_recovery_codes, send_code,
};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
/// As configured.
const GUESSES: usize = 5;
const GUESSES_PER_DAY: usize = 30;

/// What limits log-ins is out of the way: only the factor's own count is looked at.
const LOG_INS: &str = "[throttle]\nguesses_per_account = \"10000 per 15m\"\nguesses_per_address = \"10000 per 15m\"\n\
    logins_per_account = \"10000 per 15m\"\nlogins_per_address = \"10000 per 15m\"\n";

/// A wrong code that no step near `now` has.
fn wrong_code(phone: &AuthenticatorApp, app: &TestApp) -> String {
    let near: Vec<String> = (-3..=3).map(|steps| phone.code(app.clock_now(), steps)).collect();
    (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
}

/// Whether a guess was looked at; a refused one says when to come back, and nothing else.
fn was_looked_at(page: &Page) -> bool {
    assert_eq!(page.status, 200, "{}", page.text());
    let (wrong, wait) = (page.text().contains(WRONG), page.text().contains(WAIT));
    assert_ne!(wrong, wait, "{}", page.text());
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_log_in_and_a_right_password_every_third_guess_set_nothing_back() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, LOG_INS).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let mut looked_at = 0;
    for _ in 0..7 {
        let (browser, page) = half_logged_in(&app, ADA).await;
        for _ in 0..3 {
            looked_at +=
                usize::from(was_looked_at(&browser.submit(&page, &[("code", &wrong_code(&phone, &app))]).await));
        }
    }
    assert_eq!(looked_at, GUESSES);
    // Not even the right one counts now, and the answer is that to a wrong one.
    let (browser, page) = half_logged_in(&app, ADA).await;
    let right = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let wrong = browser.submit(&page, &[("code", &wrong_code(&phone, &app))]).await;
    assert!(!was_looked_at(&right) && !is_logged_in(&browser).await);
    assert_eq!((right.status, right.text(), right.url), (wrong.status, wrong.text(), wrong.url));
    // Somebody else is not kept waiting.
    let (_, bobs, _) = guarded(&app, BOB).await;
    app.advance(60);
    let (bob, page) = half_logged_in(&app, BOB).await;
    assert_eq!(bob.submit(&page, &[("code", &bobs.code(app.clock_now(), 0))]).await.path(), "/account");
}

/// Each door on its own would have given as many tries again.
#[tokio::test(flavor = "multi_thread")]
async fn every_door_spends_from_the_same_count() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, LOG_INS).await;
    let other = app.another_node(LOG_INS).await;
    let (_, phone, owner) = guarded(&app, ADA).await;
    let codes = make_recovery_codes(&owner).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    TestApp::advance_all(&[&app, &other], 60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account", "the twin: a right code is let in, and is no guess");
    TestApp::advance_all(&[&app, &other], 30);
    let stale = Browser::new(&app.base);
    half_log_in(&stale, ADA).await;
    let wrong = wrong_code(&phone, &app);
    let mut looked_at = Vec::new();

    // The log-in.
    let (browser, page) = half_logged_in(&app, ADA).await;
    looked_at.push(("log-in", browser.submit(&page, &[("code", &wrong)]).await.text().contains(WRONG)));
    // The log-in of an app, on the other node.
    let browser = Browser::new(&app.base);
    browser.go_to_node(&other.at);
    let page = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa")])).await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    looked_at.push(("app", browser.submit(&page, &[("code", &wrong)]).await.text().contains(WRONG)));
    // The proof before a change.
    let page = owner.get("/mfa?next=totp").await;
    looked_at.push(("proof", owner.submit(&page, &[("code", &wrong)]).await.text().contains(WRONG)));
    // Adding an app.
    let page = owner.get("/account/security/totp").await;
    looked_at.push(("enrolment", owner.submit(&page, &[("code", &wrong)]).await.text().contains(WRONG)));
    // Recovery codes.
    let page = stale.get("/mfa/recovery").await;
    let guessed = stale.submit(&page, &[("code", "00000-00000")]).await;
    assert!(guessed.text().contains("none of your unused recovery codes"), "{}", guessed.text());
    assert_eq!(looked_at, [("log-in", true), ("app", true), ("proof", true), ("enrolment", true)]);

    // Five are spent: every door is closed, to what is right as well.
    let page = stale.get("/mfa/recovery").await;
    assert!(!is_let_in(&stale, stale.submit(&page, &[("code", &codes[0])]).await).await);
    let right = phone.code(app.clock_now(), 0);
    let page = stale.get("/mfa/totp").await;
    assert!(!is_let_in(&stale, stale.submit(&page, &[("code", &right)]).await).await);
    stale.go_to_node(&other.at);
    assert!(!is_let_in(&stale, stale.submit(&page, &[("code", &right)]).await).await);
    let page = owner.get("/mfa?next=totp").await;
    let proof = owner.submit(&page, &[("code", &right)]).await;
    assert!(proof.text().contains(WAIT), "{}", proof.text());
    let page = owner.get("/account/security/totp").await;
    let new = AuthenticatorApp::scan(&page);
    let added = owner.submit(&page, &[("code", &new.code(app.clock_now(), 0))]).await;
    assert!(added.text().contains(WAIT), "{}", added.text());
}

async fn is_let_in(browser: &Browser, page: Page) -> bool {
    assert!(page.text().contains(WAIT), "{}", page.text());
    is_logged_in(browser).await
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_over_two_nodes_and_connections_are_five() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, LOG_INS).await;
    let other = app.another_node(LOG_INS).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    TestApp::advance_all(&[&app, &other], 60);
    let mut ready = Vec::new();
    for index in 0..50 {
        let browser = Browser::new(&app.base);
        let page = half_log_in(&browser, ADA).await;
        browser.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
        ready.push((browser, page));
    }
    let wrong = wrong_code(&phone, &app);
    let racers = ready.iter().map(|(browser, page)| send_code(browser, page, &wrong));
    let looked_at = at_once(racers).await.iter().filter(|answer| was_looked_at(answer)).count();
    assert_eq!(looked_at, GUESSES);
    let (browser, page) = &ready[0];
    let right = browser.submit(page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(!was_looked_at(&right) && !is_logged_in(browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_that_a_request_claims_begins_another_count() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, LOG_INS).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let (action, mut fields) = page.form();
    fields.push(("code".to_owned(), wrong_code(&phone, &app)));
    let headers = ["x-forwarded-for", "forwarded", "x-real-ip", "client-ip", "true-client-ip", "cf-connecting-ip"];
    let mut looked_at = 0;
    for index in 0..30 {
        let request = browser.request(Method::POST, &action).header("sec-fetch-site", "same-origin");
        let request = request.header("origin", &app.base).header("user-agent", format!("Browser/{index}"));
        let claimed = match headers[index % headers.len()] {
            "forwarded" => ("forwarded", format!("for=203.0.113.{index}")),
            name => (name, format!("203.0.113.{index}")),
        };
        looked_at +=
            usize::from(was_looked_at(&browser.send(request.header(claimed.0, claimed.1).form(&fields)).await));
    }
    assert_eq!(looked_at, GUESSES);
}

/// A patient guesser, quarter of an hour by quarter of an hour, stops well below the hundred of NIST SP 800-63B-4 section 3.2.2.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_guessing_is_thirty_guesses() {
    let patient = format!("[authentication]\nfactor_guesses = \"100 per 15m\"\n{LOG_INS}");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &patient).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let mut looked_at = 0;
    for _ in 0..12 {
        let (browser, page) = half_logged_in(&app, ADA).await;
        for _ in 0..GUESSES {
            looked_at +=
                usize::from(was_looked_at(&browser.submit(&page, &[("code", &wrong_code(&phone, &app))]).await));
        }
    }
    assert_eq!(looked_at, GUESSES_PER_DAY);
}

/// A limit delays, and does not lock anybody out for good.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_waited_is_let_in_again() {
    let quick = format!("[authentication]\nfactor_guesses = \"5 per 3s\"\n{LOG_INS}");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &quick).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let wrong = wrong_code(&phone, &app);
    for _ in 0..GUESSES {
        browser.submit(&page, &[("code", &wrong)]).await;
    }
    let right = phone.code(app.clock_now(), 0);
    assert!(!was_looked_at(&browser.submit(&page, &[("code", &right)]).await));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(browser.submit(&page, &[("code", &right)]).await.path(), "/account");
}

/// Who logs in with right codes all day long is never kept waiting.
#[tokio::test(flavor = "multi_thread")]
async fn right_codes_are_no_guesses() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, LOG_INS).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    for _ in 0..12 {
        app.advance(60);
        let (browser, page) = half_logged_in(&app, ADA).await;
        browser.submit(&page, &[("code", "")]).await;
        browser.submit(&page, &[("code", "12 34")]).await;
        assert_eq!(browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await.path(), "/account");
    }
    try_log_in(&Browser::new(&app.base), ADA, PASSWORD).await;
}
