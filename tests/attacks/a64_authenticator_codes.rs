//! A code of an authenticator app is good in its own half minute and one to either side, once, for the app that is enrolled
//! (RFC 6238 section 5.2, OWASP ASVS 6.5.1 and 6.5.5).

use crate::common::{at_once, count, own_client};
use crate::person::try_log_in;
use crate::second_factor::{
    MANY_GUESSES, WRONG, guarded, half_log_in, half_logged_in, is_logged_in, running_sessions, send_code,
};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_at_every_door() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        let (_, phone, owner) = guarded(&app, ADA).await;
        // The code that enrolled the app is spent by that.
        let (browser, page) = half_logged_in(&app, ADA).await;
        let spent = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert!(spent.text().contains(WRONG), "{}", spent.text());
        app.advance(60);
        let code = phone.code(app.clock_now(), 0);
        assert_eq!(browser.submit(&page, &[("code", &code)]).await.path(), "/account");
        // In its window still, and one step later, too: another log-in, the step-up for a change, the one for an app.
        for later in [0, 29] {
            app.advance(later);
            let (second, page) = half_logged_in(&app, ADA).await;
            let again = second.submit(&page, &[("code", &code)]).await;
            assert!(again.text().contains(WRONG), "{}", again.text());
            assert!(!is_logged_in(&second).await);
            for (browser, path) in [(&browser, "/mfa?next=security"), (&owner, "/mfa?next=password")] {
                let page = browser.get(path).await;
                let again = browser.submit(&page, &[("code", &code)]).await;
                assert!(again.text().contains(WRONG), "{path}: {}", again.text());
            }
        }
        app.advance(31);
        let page = browser.get("/mfa?next=security").await;
        let code = phone.code(app.clock_now(), 0);
        assert_eq!(browser.submit(&page, &[("code", &code)]).await.path(), "/account/security");
        // The other way round: what confirmed a change logs nobody in.
        let (second, page) = half_logged_in(&app, ADA).await;
        assert!(second.submit(&page, &[("code", &code)]).await.text().contains(WRONG));
        // Nor does an earlier step come back once a later one was shown.
        let earlier = phone.code(app.clock_now(), -1);
        assert!(second.submit(&page, &[("code", &earlier)]).await.text().contains(WRONG));
        let next = phone.code(app.clock_now(), 1);
        assert_eq!(second.submit(&page, &[("code", &next)]).await.path(), "/account", "the step after it is good");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_and_a_step_up_for_an_app_need_a_code_each() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let code = phone.code(app.clock_now(), 0);
    browser.submit(&page, &[("code", &code)]).await;
    let page = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    let again = browser.submit(&page, &[("code", &code)]).await;
    assert!(again.text().contains(WRONG), "{}", again.text());
    app.advance(30);
    let page = browser.submit(&again, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(page.param("code").is_some(), "{}", page.url);
}

/// Log-ins of many browsers and step-ups of running sessions, on two nodes, with one code.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_uses_of_one_code_at_once_over_two_nodes_and_doors_are_one_use() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, MANY_GUESSES).await;
    let other = app.another_node(MANY_GUESSES).await;
    let (_, phone, owner) = guarded(&app, ADA).await;
    TestApp::advance_all(&[&app, &other], 60);
    let mut ready = Vec::new();
    for index in 0..50 {
        let browser = Browser::new(&app.base);
        let page = match index % 10 {
            // The owner's session in copies.
            9 => {
                for name in ["karat_session", "karat_browser"] {
                    browser.set_cookie(name, &owner.cookie(name).unwrap());
                }
                browser.get("/mfa?next=security").await
            }
            _ => half_log_in(&browser, ADA).await,
        };
        browser.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
        ready.push((browser, page));
    }
    let before = running_sessions(&app).await;
    let code = phone.code(app.clock_now(), 0);
    let racers = ready.iter().map(|(browser, page)| send_code(browser, page, &code));
    let answers = at_once(racers).await;
    assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "a race must not fault");
    let let_on = answers.iter().filter(|answer| {
        let to = answer.location().unwrap_or_default();
        to == "/account" || to == "/account/security"
    });
    assert_eq!(let_on.count(), 1);
    let noted = count(&app, "SELECT COUNT(*) FROM events WHERE kind IN ('user.logged_in', 'session.stepped_up')").await;
    let began = running_sessions(&app).await - before;
    assert!(began <= 1, "{began} sessions of one code");
    // The password-only log-in of the enrolment, its step-up by the new app, and the one that won.
    assert_eq!(noted, 3);

    TestApp::advance_all(&[&app, &other], 60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account", "the next code is good: {}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_one_step_to_either_side() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    for (steps, good) in
        [(-20, false), (-3, false), (-2, false), (2, false), (3, false), (20, false), (-1, true), (1, true)]
    {
        app.advance(120);
        let (browser, page) = half_logged_in(&app, ADA).await;
        let answer = browser.submit(&page, &[("code", &phone.code(app.clock_now(), steps))]).await;
        assert_eq!(answer.path() == "/account", good, "{steps}: {}", answer.text());
        assert_eq!(is_logged_in(&browser).await, good, "{steps}");
        assert!(good || answer.text().contains(WRONG), "{steps}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_ascii_digits_are_a_code_and_nothing_else_is() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let code = phone.code(app.clock_now(), 0);
    let shifted = |zero: u32| -> String {
        code.chars().map(|c| char::from_u32(zero + c.to_digit(10).unwrap()).unwrap()).collect()
    };
    let one_shifted =
        format!("{}{}", &code[..5], char::from_u32(0xff10 + u32::from(code.as_bytes()[5] - b'0')).unwrap());
    for wrong in [
        shifted(0xff10),
        shifted(0x0660),
        shifted(0x0966),
        shifted(0x1d7ce),
        one_shifted,
        code[..5].to_owned(),
        code[1..].to_owned(),
        format!("{code}0"),
        format!("0{code}"),
        format!("+{code}"),
        format!("{code}\0"),
        format!("{code}.0"),
        format!("{code}e0"),
        format!("0x{code}"),
        format!("{code},{code}"),
        format!("{code} OR 1=1"),
        code.repeat(1000),
        String::new(),
        "\u{0}".to_owned(),
    ] {
        let answer = browser.submit(&page, &[("code", &wrong)]).await;
        assert_ne!(answer.path(), "/account", "{wrong:?}");
        assert!(answer.status.as_u16() < 500, "{wrong:?}: {}", answer.status);
        assert_eq!(browser.cookie("karat_session"), None, "{wrong:?}");
    }
    // Two codes in one form are none.
    let (action, hidden) = page.form();
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("code", "000000"), ("code", code.as_str())]);
    assert_eq!(browser.post(&action, &fields).await.status, 400);
    // As apps show it, in two groups.
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(browser.submit(&page, &[("code", &spaced)]).await.path(), "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_another_app_took_its_place_the_old_one_is_dead() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        let (_, old, owner) = guarded(&app, ADA).await;
        app.advance(60);
        let (waiting, page) = half_logged_in(&app, ADA).await;
        let new = AuthenticatorApp::add(&owner, app.clock_now()).await;
        assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 1);
        app.advance(60);
        for steps in [-1, 0, 1] {
            let answer = waiting.submit(&page, &[("code", &old.code(app.clock_now(), steps))]).await;
            assert!(answer.text().contains(WRONG), "{}", answer.text());
        }
        let answer = waiting.submit(&page, &[("code", &new.code(app.clock_now(), 0))]).await;
        assert_eq!(answer.path(), "/account", "{}", answer.text());
    }
}

/// A form that is sent twice, as by an impatient finger, enrols one app: the same secret in two places would have each of its
/// codes accepted twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_enrolled_many_times_at_once_is_enrolled_once() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        app.person(ADA).await;
        let owner = Browser::new(&app.base);
        try_log_in(&owner, ADA, PASSWORD).await;
        let page = owner.get("/account/security/totp").await;
        let phone = AuthenticatorApp::scan(&page);
        let code = phone.code(app.clock_now(), 0);
        let answers = at_once((0..8).map(|_| send_code(&owner, &page, &code))).await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "a race must not fault");
        assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 1);
        app.advance(60);
        let code = phone.code(app.clock_now(), 0);
        let mut let_in = 0;
        for _ in 0..3 {
            let (browser, page) = half_logged_in(&app, ADA).await;
            let_in += usize::from(browser.submit(&page, &[("code", &code)]).await.path() == "/account");
        }
        assert_eq!(let_in, 1);
    }
}
