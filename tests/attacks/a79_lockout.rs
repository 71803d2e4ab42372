//! Guessing at somebody's password delays the guesser and never locks the owner out (OWASP ASVS 6.3.1).

use crate::common::{at_once, count, own_client};
use crate::person::{ask_for_reset, can_log_in, reset_link, try_log_in};
use crate::support::mails::mails_to;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

const OWNER: &str = "owner@example.com";
const WRONG: &str = "wrong password 77";

async fn guess(app: &TestApp, times: usize) -> usize {
    let mut throttled = 0;
    for _ in 0..times {
        let page = try_log_in(&Browser::new(&app.base), OWNER, WRONG).await;
        assert_eq!(page.status, 200);
        throttled += usize::from(page.text().contains("minutes"));
    }
    throttled
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_slowed_down_and_the_owners_known_browser_is_not() {
    let app =
        TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nguesses_per_address = \"1000 per 15m\"\n").await;
    let person = app.person(OWNER).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let known = Browser::new(&app.base);
    rp.log_in(&known, &person, &[]).await;
    let logout = known.get("/logout").await;
    known.submit(&logout, &[]).await;

    assert!(guess(&app, 25).await >= 15, "the eleventh guess waits");
    assert!(!can_log_in(&app, OWNER, PASSWORD).await, "no stranger's guess counts any more, not even a right one");
    try_log_in(&known, OWNER, PASSWORD).await;
    assert!(known.cookie("karat_session").is_some(), "the owner's own browser is counted apart");

    let events = "SELECT COUNT(*) FROM users WHERE locked_at IS NOT NULL";
    assert_eq!(count(&app, events).await, 0, "nothing is locked");
    assert!(mails_to(&app, OWNER).await.len() <= 1, "no mail for each guess");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_without_a_known_browser_gets_in_by_a_reset_though_the_guessing_goes_on() {
    let app =
        TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nguesses_per_address = \"1000 per 15m\"\n").await;
    app.person(OWNER).await;
    guess(&app, 15).await;
    let owner = Browser::new(&app.base);
    try_log_in(&owner, OWNER, PASSWORD).await;
    assert_eq!(owner.cookie("karat_session"), None);
    let page = owner.get(&reset_link(&app, OWNER).await).await;
    let done = owner.submit(&page, &[("new_password", "umbrella 7 quiet harbour")]).await;
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    guess(&app, 5).await;
    try_log_in(&owner, OWNER, "umbrella 7 quiet harbour").await;
    assert!(owner.cookie("karat_session").is_some(), "the browser of the reset is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_cookie_of_another_person_or_made_up_opens_no_counter_of_its_own() {
    let app =
        TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nguesses_per_address = \"1000 per 15m\"\n").await;
    app.person(OWNER).await;
    let attacker = app.person("mallory@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let evil = Browser::new(&app.base);
    rp.log_in(&evil, &attacker, &[]).await;
    guess(&app, 12).await;
    for device in [evil.cookie("karat_device").unwrap(), "A".repeat(43)] {
        let browser = Browser::new(&app.base);
        browser.set_cookie("karat_device", &device);
        try_log_in(&browser, OWNER, PASSWORD).await;
        assert_eq!(browser.cookie("karat_session"), None, "counted with the strangers");
    }
    app.advance(16 * 60);
    assert!(mails_to(&app, OWNER).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_over_two_nodes_slip_past_no_counter() {
    let more = "[throttle]\nguesses_per_address = \"1000 per 15m\"\n";
    let app = TestApp::start_with(Backends::PostgresAndRedis, more).await;
    let other = app.another_node(more).await;
    app.person(OWNER).await;
    let mut ready = Vec::new();
    for index in 0..40 {
        let browser = Browser::new(&app.base);
        browser.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
        let page = browser.get("/login").await;
        ready.push((browser, page));
    }
    // The right password is among the last: were the counter not atomic, it would be let in.
    let racers =
        ready.iter().map(|(browser, page)| browser.submit_once(page, &[("email", OWNER), ("password", WRONG)]));
    let answers = at_once(racers).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 200 && !answer.text().contains("minutes")).count();
    assert!(answers.iter().all(|answer| [200, 503].contains(&answer.status.as_u16())));
    assert!((1..=10).contains(&looked_at), "{looked_at} guesses were looked at");
    assert!(!can_log_in(&app, OWNER, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_try_one_password_on_everybody() {
    let app = TestApp::start().await;
    let mut throttled = 0;
    for index in 0..60 {
        let page = try_log_in(&Browser::new(&app.base), &format!("person{index}@example.com"), WRONG).await;
        throttled += usize::from(page.text().contains("minutes"));
    }
    assert_eq!(throttled, 10, "fifty in a quarter of an hour");
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "client-ip", "true-client-ip", "cf-connecting-ip"] {
        let browser = Browser::new(&app.base);
        let page = browser.get("/login").await;
        let (action, mut fields) = page.form();
        fields.extend([("email".to_owned(), "x@example.com".to_owned()), ("password".to_owned(), WRONG.to_owned())]);
        let request = browser.request(reqwest::Method::POST, &action).header("sec-fetch-site", "same-origin");
        let request = request.header("origin", &app.base).header(header, "203.0.113.9").form(&fields);
        let answer = browser.send(request).await;
        assert!(answer.text().contains("minutes"), "{header} is believed from nobody: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_flooded_with_mails() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nmails_per_address = \"1000 per 1h\"\n").await;
    app.person(OWNER).await;
    for _ in 0..20 {
        ask_for_reset(&Browser::new(&app.base), OWNER).await;
        crate::person::register(&Browser::new(&app.base), OWNER, PASSWORD).await;
    }
    let mails = mails_to(&app, OWNER).await.len();
    assert_eq!(mails, 10, "five of a kind in an hour");
}

/// Registering somebody's address again and again is silent for the attacker and must not be the end of the owner's resets.
#[tokio::test(flavor = "multi_thread")]
async fn mails_that_a_stranger_causes_do_not_keep_the_owner_from_a_reset() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[throttle]\nmails_per_address = \"1000 per 1h\"\n").await;
    app.person(OWNER).await;
    for _ in 0..10 {
        crate::person::register(&Browser::new(&app.base), OWNER, PASSWORD).await;
    }
    app.advance(1);
    let owner = Browser::new(&app.base);
    let page = owner.get(&reset_link(&app, OWNER).await).await;
    let done = owner.submit(&page, &[("new_password", "umbrella 7 quiet harbour")]).await;
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    // Nor does the other way round keep anybody from registering.
    for _ in 0..10 {
        ask_for_reset(&Browser::new(&app.base), "new@example.com").await;
    }
    let verify = crate::person::register(&Browser::new(&app.base), "new@example.com", PASSWORD).await;
    assert_eq!(verify.path(), "/register/verify", "{}", verify.text());
    assert_eq!(mails_to(&app, "new@example.com").await.len(), 1);
}
