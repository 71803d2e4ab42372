//! A recovery code is good once, its set until there is another, and only its owner has ever seen it (OWASP ASVS 6.5.1 and
//! 6.5.2, NIST SP 800-63B-4 section 3.1.2).

use crate::common::{at_once, count, own_client};
use crate::second_factor::{
    MANY_GUESSES, WAIT, codes_on, guarded, half_log_in, half_logged_in, is_logged_in, make_recovery_codes,
    running_sessions, send_code,
};
use crate::support::mails::mails_to;
use crate::support::{Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const NONE: &str = "none of your unused recovery codes";

const UNUSED: &str = "SELECT COUNT(*) FROM recovery_codes WHERE used_at IS NULL";

/// A browser at the page that asks for a recovery code instead of the app's.
async fn at_recovery(app: &TestApp, email: &str) -> (Browser, Page) {
    let browser = Browser::new(&app.base);
    half_log_in(&browser, email).await;
    let page = browser.get("/mfa/recovery").await;
    assert_eq!(page.path(), "/mfa/recovery", "{}", page.text());
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_is_good_once_at_every_door_and_for_its_own_person() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        let (_, _, owner) = guarded(&app, ADA).await;
        let codes = make_recovery_codes(&owner).await;
        let (_, _, other) = guarded(&app, BOB).await;
        let theirs = make_recovery_codes(&other).await;
        app.advance(60);
        let (browser, page) = at_recovery(&app, ADA).await;
        for wrong in [theirs[0].as_str(), "00000-00000", &codes[0][1..], &codes.concat(), "' OR 1=1--", "\0"] {
            let refused = browser.submit(&page, &[("code", wrong)]).await;
            assert!(refused.text().contains(NONE), "{wrong}: {}", refused.text());
        }
        assert_eq!(count(&app, UNUSED).await, 20);
        assert_eq!(browser.submit(&page, &[("code", &codes[0])]).await.path(), "/account");
        // Once more: another log-in, the proof before a change, an app that wants more.
        let (second, page) = at_recovery(&app, ADA).await;
        assert!(second.submit(&page, &[("code", &codes[0])]).await.text().contains(NONE));
        let page = owner.get("/mfa/recovery?next=security").await;
        assert!(owner.submit(&page, &[("code", &codes[0])]).await.text().contains(NONE));
        assert_eq!(owner.submit(&page, &[("code", &codes[1])]).await.path(), "/account/security");
        let page = second.get("/mfa/recovery").await;
        assert!(second.submit(&page, &[("code", &codes[1])]).await.text().contains(NONE));
        assert!(!is_logged_in(&second).await);
        assert_eq!(count(&app, UNUSED).await, 18);
        let mails = mails_to(&app, ADA).await;
        let told = mails.iter().filter(|mail| mail.text.contains("A recovery code was used")).count();
        assert_eq!(told, 2, "its owner hears of each use");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_uses_of_one_recovery_code_at_once_over_two_nodes_are_one_use() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, MANY_GUESSES).await;
    let other = app.another_node(MANY_GUESSES).await;
    let (_, _, owner) = guarded(&app, ADA).await;
    let codes = make_recovery_codes(&owner).await;
    TestApp::advance_all(&[&app, &other], 60);
    for (many, code) in [(50, &codes[0]), (2, &codes[1]), (2, &codes[2])] {
        let mut ready = Vec::new();
        for index in 0..many {
            let (browser, page) = at_recovery(&app, ADA).await;
            browser.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
            ready.push((browser, page));
        }
        let (sessions, unused) = (running_sessions(&app).await, count(&app, UNUSED).await);
        let racers = ready.iter().map(|(browser, page)| send_code(browser, page, code));
        let answers = at_once(racers).await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "a race must not fault");
        let let_in = answers.iter().filter(|answer| answer.location().as_deref() == Some("/account")).count();
        assert_eq!(let_in, 1);
        assert_eq!(running_sessions(&app).await, sessions + 1);
        assert_eq!(count(&app, UNUSED).await, unused - 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_recovery_codes_and_at_the_app_are_one_count() {
    let app = TestApp::start().await;
    let (_, phone, owner) = guarded(&app, ADA).await;
    let codes = make_recovery_codes(&owner).await;
    app.advance(60);
    let (browser, page) = at_recovery(&app, ADA).await;
    for index in 0..5 {
        let guessed = browser.submit(&page, &[("code", &format!("00000-0000{index}"))]).await;
        assert!(guessed.text().contains(NONE), "{}", guessed.text());
    }
    // After that, the right one is not looked at, nor is the app's, and neither is spent.
    let late = browser.submit(&page, &[("code", &codes[0])]).await;
    assert!(late.text().contains(WAIT), "{}", late.text());
    let (browser, page) = half_logged_in(&app, ADA).await;
    let late = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert!(late.text().contains(WAIT), "{}", late.text());
    assert_eq!(count(&app, UNUSED).await, 10);
    assert!(!is_logged_in(&browser).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_set_ends_the_old_one_whole_and_two_at_once_make_one() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        let (_, _, owner) = guarded(&app, ADA).await;
        let old = make_recovery_codes(&owner).await;
        let page = owner.get("/account/security/recovery-codes").await;
        let answers = at_once((0..4).map(|_| owner.submit_once(&page, &[]))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers[0].status);
        assert_eq!(count(&app, "SELECT COUNT(*) FROM recovery_codes").await, 10, "one set is in force");
        app.advance(60);
        let (browser, page) = at_recovery(&app, ADA).await;
        for code in &old {
            assert!(browser.submit(&page, &[("code", code)]).await.text().contains(NONE), "{code}");
        }
        let mut good = 0;
        for set in answers.iter().map(codes_on) {
            let (browser, page) = at_recovery(&app, ADA).await;
            good += usize::from(browser.submit(&page, &[("code", &set[9])]).await.path() == "/account");
        }
        assert_eq!(good, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_codes_are_shown_in_one_answer_and_stand_nowhere_else() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    let (_, _, owner) = guarded(&app, ADA).await;
    let page = owner.get("/account/security/recovery-codes").await;
    let shown = owner.submit(&page, &[]).await;
    let codes = codes_on(&shown);
    assert_eq!(shown.header("cache-control"), "no-store");
    for path in ["/account/security/recovery-codes", "/account", "/account/sessions", "/mfa/recovery?next=security"] {
        let page = owner.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(codes.iter().all(|code| !page.body.contains(code.as_str())), "{path}");
    }
    for mail in mails_to(&app, ADA).await {
        assert!(codes.iter().all(|code| !mail.text.contains(code.as_str()) && !mail.html.contains(code.as_str())));
    }
    // Neither as typed nor as compared, and not as a hash that anybody could make of it.
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(app.database().folder()).unwrap() {
        stored.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |needle: &str| stored.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds(ADA), "the right file was read");
    for code in &codes {
        let plain = code.replace('-', "");
        assert!(!holds(code) && !holds(&plain), "{code}");
        for text in [code, &plain] {
            assert!(!holds(karat::crypto::token::TokenHash::of_text("recovery code", text).as_str()), "{code}");
        }
    }
}

/// A set is made by who has just shown the second factor: with half a log-in, or a session that is left open, nobody prints a
/// way in.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_made_by_who_has_just_shown_the_factor_and_by_nobody_else() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, MANY_GUESSES).await;
    let (_, phone, owner) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let form = owner.get("/account/security/recovery-codes").await;
    app.advance(301);
    let late = owner.submit(&form, &[]).await;
    assert_eq!(late.path(), "/mfa/totp", "{}", late.text());
    let (half, page) = half_logged_in(&app, ADA).await;
    let token = crate::second_factor::form_token(&page);
    let refused = half.post("/account/security/recovery-codes", &[("csrf", &token)]).await;
    assert_eq!(refused.path(), "/login", "{}", refused.text());
    assert_eq!(count(&app, "SELECT COUNT(*) FROM recovery_codes").await, 0);
    let page = owner.submit(&late, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/security/recovery-codes");
    let codes = codes_on(&owner.submit(&page, &[]).await);
    // And what a recovery code is worth in a token is what the ladder says.
    let browser = Browser::new(&app.base);
    let page = browser.get(&rp.authorize_path(&[])).await;
    browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    let page = browser.get(&format!("/mfa/recovery?interaction={}", page.param("interaction").unwrap())).await;
    let page = browser.submit(&page, &[("code", &codes[0])]).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}", page.url))).await;
    let told = rp.introspect(tokens.text("access_token")).await;
    assert_eq!((told.text("acr"), &told.body["amr"]), ("urn:karat:acr:mfa", &serde_json::json!(["pwd", "otp", "mfa"])));
}

/// A recovery code is for one log-in: it makes no browser that is let in without a code from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_has_no_browser_remembered() {
    let remembering =
        MANY_GUESSES.replacen("[authentication]\n", "[authentication]\nremember_devices_for = \"30d\"\n", 1);
    let app = TestApp::start_with(Backends::SqliteAndMemory, &remembering).await;
    let (_, phone, owner) = guarded(&app, ADA).await;
    let codes = make_recovery_codes(&owner).await;
    app.advance(60);
    let (browser, page) = at_recovery(&app, ADA).await;
    assert_eq!(browser.submit(&page, &[("code", &codes[0]), ("remember", "yes")]).await.path(), "/account");
    browser.forget_cookie("karat_session");
    let asked = half_log_in(&browser, ADA).await;
    let right = phone.code(app.clock_now(), 0);
    assert_eq!(browser.submit(&asked, &[("code", &right), ("remember", "yes")]).await.path(), "/account");
    browser.forget_cookie("karat_session");
    let page = browser.get("/login").await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/account", "the twin: the app's code has it remembered");
}
