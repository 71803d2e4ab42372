//! Who has shown the password and not the second factor has nothing: no page, no code, no session, and no other way to the
//! end of the log-in than the factor (OWASP ASVS 6.3.4).

use karat::domain::user::Condition;
use reqwest::Method;

use crate::common::{at_once, own_client};
use crate::person::try_log_in;
use crate::second_factor::{
    MANY_GUESSES, WRONG, form_token, guarded, half_log_in, half_logged_in, is_logged_in, running_sessions, send_code,
    traces,
};
use crate::support::{Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const MALLORY: &str = "mallory@example.com";

/// Every URL there is, as the contract lists them: a page that is added later is tried, too.
const URLS: &str = include_str!("../oidc/snapshots/oidc__contracts__the_table_of_urls_is_a_contract.snap");

fn urls_below(folder: &str) -> Vec<(&'static str, &'static str)> {
    let lines = URLS.lines().filter(|line| line.starts_with(folder));
    let urls: Vec<_> = lines.filter_map(|line| line.split_once("  ")).collect();
    assert!(urls.len() >= 15, "{urls:?}");
    urls
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_log_in_opens_no_page_of_the_account_and_posts_to_none() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let (token, before) = (form_token(&page), traces(&app).await);
    for (path, methods) in urls_below("/account") {
        if path == "/account-deleted" {
            continue;
        }
        let path = path.replace("{id}", "x");
        if methods.contains("GET") {
            let page = browser.send(browser.request(Method::GET, &path)).await;
            assert_turned_away(&page, &format!("GET {path}"));
        }
        if methods.contains("POST") {
            let fields = [
                ("csrf", token.as_str()),
                ("current_password", PASSWORD),
                ("password", PASSWORD),
                ("new_password", "umbrella 7 quiet harbour"),
                ("new_email", MALLORY),
                ("confirm", "yes"),
                ("code", &phone.code(app.clock_now(), 0)),
                ("name", "Mallory's phone"),
                ("phone", "+4915112345678"),
                ("id", "x"),
            ];
            assert_turned_away(&browser.post_once(&path, &fields).await, &format!("POST {path}"));
        }
        assert_eq!(browser.cookie("karat_session"), None, "{path}");
    }
    assert_eq!(traces(&app).await, before, "nothing has changed");

    // The twin: the same browser, with the code, opens every room; and the code was not spent by what was refused.
    let page = browser.get("/mfa").await;
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    for room in ["", "/password", "/email", "/profile", "/sessions", "/apps", "/delete", "/security/totp"] {
        let page = browser.get(&format!("/account{room}")).await;
        assert_eq!((page.status.as_u16(), page.path()), (200, format!("/account{room}").as_str()));
    }
}

fn assert_turned_away(page: &Page, what: &str) {
    let leads = page.location().unwrap_or_default();
    let to_the_log_in = page.status == 303 && leads.starts_with("/login");
    assert!(to_the_log_in || [400, 401, 403, 415].contains(&page.status.as_u16()), "{what}: {} {leads}", page.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_log_in_gives_no_code_by_any_page_or_wish() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    app.advance(60);
    for wish in [
        &[][..],
        &[("acr_values", "urn:karat:acr:pwd")],
        &[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"urn:karat:acr:pwd"}}}"#)],
        &[("prompt", "login")],
        &[("prompt", "consent")],
        &[("prompt", "select_account")],
        &[("max_age", "0")],
        &[("max_age", "100000")],
        &[("login_hint", ADA)],
    ] {
        app.advance(60);
        let browser = Browser::new(&app.base);
        let page = browser.get(&rp.authorize_path(wish)).await;
        let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(page.path(), "/mfa/totp", "{wish:?}: {}", page.text());
        let interaction = page.param("interaction").unwrap();
        let token = form_token(&page);
        let again = browser.get(&format!("/authorize/{interaction}")).await;
        assert_eq!(again.path(), "/mfa/totp", "{wish:?}");
        for path in ["/consent", "/select-account", "/terms/accept", "/account/security/enrol", "/login"] {
            let opened = browser.get(&format!("{path}?interaction={interaction}")).await;
            assert!(["/mfa/totp", "/login"].contains(&opened.path()), "{wish:?} {path}: {}", opened.url);
            let fields = [
                ("csrf", token.as_str()),
                ("interaction", &interaction),
                ("decision", "allow"),
                ("choice", "continue"),
                ("accept_terms", "yes"),
            ];
            let posted = browser.post(path, &fields).await;
            assert_eq!(posted.param("code"), None, "{wish:?} {path}: {}", posted.url);
        }
        for silent in [&[("prompt", "none")][..], &[("prompt", "none"), ("acr_values", "urn:karat:acr:pwd")]] {
            let page = browser.get(&rp.authorize_path(silent)).await;
            assert_eq!(page.param("error").as_deref(), Some("login_required"), "{}", page.url);
        }
        // Another request finds nobody logged in.
        let page = browser.get(&rp.authorize_path(&[])).await;
        assert_eq!(page.path(), "/login", "{}", page.url);
        assert_eq!(running_sessions(&app).await, 1, "the owner's");
        let page = browser.get(&format!("/mfa?interaction={interaction}")).await;
        let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
        let page = match page.path() {
            "/consent" => browser.submit(&page, &[("decision", "allow")]).await,
            _ => page,
        };
        assert!(page.param("code").is_some(), "{wish:?}: {} {}", page.url, page.text());
        let page = browser.get("/logout").await;
        browser.submit(&page, &[]).await;
    }
}

/// The right code, too, counts for the log-in that it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_tab_and_the_back_button_lead_around_nothing() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    app.advance(60);
    let browser = Browser::new(&app.base);
    let login = browser.get(&rp.authorize_path(&[])).await;
    let other = browser.get(&rp.authorize_path(&[("state", "other tab")])).await.param("interaction").unwrap();
    let waiting = browser.submit(&login, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(waiting.path(), "/mfa/totp");
    // The other tab knows nobody.
    assert_eq!(browser.get(&format!("/authorize/{other}")).await.path(), "/login");
    let code = phone.code(app.clock_now(), 0);
    let posted = browser.submit(&waiting, &[("code", &code), ("interaction", &other)]).await;
    assert_eq!(posted.path(), "/login", "{}", posted.url);
    assert_eq!(browser.cookie("karat_session"), None);
    // Back to the password's page: a wrong one changes nothing, and the page shows no way on.
    let back = browser.get(&format!("/login?interaction={}", login.param("interaction").unwrap())).await;
    let wrong = browser.submit(&back, &[("email", ADA), ("password", "wrong password 77")]).await;
    assert_eq!(wrong.path(), "/login");
    assert!(!is_logged_in(&browser).await);
    let page = browser.submit(&waiting, &[("code", &code)]).await;
    assert_eq!(page.param("state").as_deref(), Some("some-state"), "{}: {}", page.url, page.text());
    assert!(page.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_waits_in_the_browser_that_began_it_and_for_its_own_person() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    let (_, evil, _) = guarded(&app, MALLORY).await;
    app.advance(60);
    let (owner, page) = half_logged_in(&app, ADA).await;
    let code = phone.code(app.clock_now(), 0);
    // A browser that never gave the password; one with a log-in of its own.
    let stranger = Browser::new(&app.base);
    let own = stranger.get("/login").await;
    let fields = [("csrf", form_token(&own)), ("code", code.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let posted = stranger.post("/mfa/totp", &fields).await;
    assert_eq!(posted.path(), "/login", "{}", posted.url);
    let (mallory, theirs) = half_logged_in(&app, MALLORY).await;
    let posted = mallory.submit(&theirs, &[("code", &code)]).await;
    assert!(posted.text().contains(WRONG), "{}", posted.text());
    let (action, hidden) = page.form();
    let mut forged: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    forged.push(("code", &code));
    assert_eq!(mallory.post(&action, &forged).await.status, 403, "a form of another browser");
    // Her own app opens nobody else's log-in.
    let wrong = owner.submit(&page, &[("code", &evil.code(app.clock_now(), 0))]).await;
    assert!(wrong.text().contains(WRONG), "{}", wrong.text());
    assert!(!is_logged_in(&owner).await && !is_logged_in(&mallory).await && !is_logged_in(&stranger).await);
    assert_eq!(owner.submit(&page, &[("code", &code)]).await.path(), "/account");
    assert_eq!(mallory.submit(&theirs, &[("code", &evil.code(app.clock_now(), 0))]).await.path(), "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_log_in_ends_with_its_time() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        let (_, phone, _) = guarded(&app, ADA).await;
        app.advance(60);
        let (browser, page) = half_logged_in(&app, ADA).await;
        let (slow, late) = half_logged_in(&app, ADA).await;
        app.advance(590);
        // Wrong guesses do not prolong it.
        slow.submit(&late, &[("code", "000000")]).await;
        assert_eq!(browser.submit(&page, &[("code", &phone.code(app.clock_now(), -1))]).await.path(), "/account");
        app.advance(11);
        let gone = slow.submit(&late, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert_eq!(gone.path(), "/login", "{}", gone.text());
        assert!(!is_logged_in(&slow).await);
    }
}

/// What an app demands of a running session is not met by half of a log-in, neither while it waits nor after it ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_demanded_fresh_log_in_is_not_met_by_half_of_one() {
    let app = TestApp::start().await;
    let (_, phone, browser) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    for demand in [("prompt", "login"), ("max_age", "0"), ("max_age", "10")] {
        app.advance(60);
        assert!(browser.get(&rp.authorize_path(&[])).await.param("code").is_some(), "there is a session");
        let page = browser.get(&rp.authorize_path(&[demand])).await;
        assert_eq!(page.path(), "/login", "{demand:?}");
        let dispatcher = format!("/authorize/{}", page.param("interaction").unwrap());
        let waiting = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(waiting.path(), "/mfa/totp", "{demand:?}");
        assert_eq!(browser.get(&dispatcher).await.path(), "/mfa/totp");
        // The step-up of the session that is there is none of this log-in.
        let confirm = browser.get("/mfa?next=security").await;
        let elsewhere = browser.submit(&confirm, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert_eq!(elsewhere.path(), "/account/security", "{}", elsewhere.text());
        assert_eq!(browser.get(&dispatcher).await.path(), "/mfa/totp", "{demand:?}");
        app.advance(601);
        assert_eq!(browser.get(&dispatcher).await.path(), "/login", "{demand:?}: it ended, and nothing is met");
        let page = browser.get(&dispatcher).await;
        let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
        let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert!(page.param("code").is_some(), "{demand:?}: {}", page.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_the_account_happens_to_the_waiting_log_in() {
    let app = TestApp::start().await;
    let (person, phone, _) = guarded(&app, ADA).await;
    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let set = async |condition: Condition| {
        let mut change = app.karat.store.begin().await.unwrap();
        change.set_condition(person.id, &condition).await.unwrap();
        change.commit().await.unwrap();
    };
    set(Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() }).await;
    let code = phone.code(app.clock_now(), 0);
    assert_ne!(browser.submit(&page, &[("code", &code)]).await.path(), "/account");
    assert_eq!(browser.cookie("karat_session"), None);
    set(Condition::Active).await;
    assert_eq!(browser.submit(&page, &[("code", &code)]).await.path(), "/account");

    app.advance(60);
    let (browser, page) = half_logged_in(&app, ADA).await;
    let mut change = app.karat.store.begin().await.unwrap();
    change.remove_user(person.id).await.unwrap();
    change.commit().await.unwrap();
    let gone = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(gone.path(), "/login", "{}", gone.text());
}

/// A session that began before there was a factor is no way around it either.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_the_factor_changes_nothing_and_gives_no_code() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let thief = Browser::new(&app.base);
    try_log_in(&thief, ADA, PASSWORD).await;
    let forms = [
        (thief.get("/account/password").await, "/account/password"),
        (thief.get("/account/email").await, "/account/email"),
        (thief.get("/account/delete").await, "/account/delete"),
        (thief.get("/account/security/totp").await, "/account/security/totp"),
        (thief.get("/account/security/recovery-codes").await, "/account/security/recovery-codes"),
    ];
    let prepared = crate::support::AuthenticatorApp::scan(&forms[3].0);
    let owner = Browser::new(&app.base);
    try_log_in(&owner, ADA, PASSWORD).await;
    let phone = crate::support::AuthenticatorApp::add(&owner, app.clock_now()).await;
    let before = traces(&app).await;
    app.advance(30);
    for (form, path) in &forms {
        let fields = [
            ("current_password", PASSWORD),
            ("password", PASSWORD),
            ("new_password", "umbrella 7 quiet harbour"),
            ("new_email", MALLORY),
            ("confirm", "yes"),
            ("code", &prepared.code(app.clock_now(), 0)),
        ];
        let refused = thief.submit(form, &fields).await;
        assert_eq!(refused.path(), "/mfa/totp", "{path}: {}", refused.text());
    }
    for (wish, path) in [(&[][..], "/mfa/totp"), (&[("acr_values", "urn:karat:acr:pwd")], "/mfa/totp")] {
        assert_eq!(thief.get(&rp.authorize_path(wish)).await.path(), path);
    }
    let silent = thief.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("login_required"), "{}", silent.url);
    assert_eq!(traces(&app).await, before);
    app.advance(30);
    let page = thief.get("/mfa?next=password").await;
    assert_eq!(thief.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await.path(), "/account/password");
    assert!(thief.get(&rp.authorize_path(&[])).await.param("code").is_some(), "the twin: with the code it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_waiting_log_in_becomes_one_session_however_many_finish_it() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, MANY_GUESSES).await;
    let other = app.another_node(MANY_GUESSES).await;
    let (_, phone, _) = guarded(&app, ADA).await;
    for _ in 0..3 {
        TestApp::advance_all(&[&app, &other], 120);
        let before = running_sessions(&app).await;
        let browser = Browser::new(&app.base);
        half_log_in(&browser, ADA).await;
        let binding = browser.cookie("karat_browser").unwrap();
        // Copies of the browser with all codes that are good at this moment.
        let mut ready = Vec::new();
        for index in 0..24 {
            let copy = Browser::new(&app.base);
            copy.set_cookie("karat_browser", &binding);
            copy.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
            let page = copy.get("/mfa/totp").await;
            let code = phone.code(app.clock_now(), i64::from(index % 3) - 1);
            ready.push((copy, page, code));
        }
        let racers = ready.iter().map(|(copy, page, code)| send_code(copy, page, code));
        let answers = at_once(racers).await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "a race must not fault");
        let let_in = ready.iter().filter(|(copy, ..)| copy.cookie("karat_session").is_some()).count();
        assert_eq!(let_in, 1);
        assert_eq!(running_sessions(&app).await, before + 1);
    }
}
