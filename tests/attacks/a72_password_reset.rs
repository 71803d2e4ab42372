//! A forgotten password is reset by the mailed link alone, once, and ends everything that stood on the old one
//! (OWASP ASVS 6.4.3, 7.4.3).

use crate::common::{at_once, count, logged_in, own_client};
use crate::person::{ask_for_reset, can_log_in, reset_link, try_log_in};
use crate::second_factor::{MANY_GUESSES, guarded, half_logged_in, is_logged_in, make_recovery_codes};
use crate::support::mails::{link_in, mails_to, newest_to};
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, RelyingParty, TestApp};

const NEW: &str = "umbrella 7 quiet harbour";
const EMAIL: &str = "lena@example.com";
/// For races, in which one person does in a second what others do in a year.
const NO_LIMITS: &str = "[throttle]\nguesses_per_account = \"1000 per 15m\"\nguesses_per_address = \"1000 per 15m\"\n\
                         mails_per_recipient = \"1000 per 15m\"\nmails_per_address = \"1000 per 15m\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_last_step_without_the_mailed_token_changes_nothing() {
    let app = TestApp::start().await;
    app.person(EMAIL).await;
    let link = reset_link(&app, EMAIL).await;
    let token = link.split("token=").nth(1).unwrap().to_owned();
    let browser = Browser::new(&app.base);
    let page = browser.get(&link).await;
    let made_up = "A".repeat(43);
    let (short, long) = (token[1..].to_owned(), format!("{token}A"));
    for wrong in ["", "x", &made_up, &short, &long, &token.to_uppercase(), "\0", "' OR 1=1--", EMAIL] {
        let posted = browser.submit(&page, &[("token", wrong), ("new_password", NEW)]).await;
        assert_eq!(posted.status, 400, "{wrong}: {}", posted.text());
        if wrong != token {
            let opened =
                browser.get(&format!("/password/reset?token={}", wrong.replace(['\0', ' ', '\''], "%00"))).await;
            assert_eq!(opened.status, 400, "{wrong}");
        }
    }
    assert!(can_log_in(&app, EMAIL, PASSWORD).await && !can_log_in(&app, EMAIL, NEW).await);
    let done = browser.submit(&page, &[("new_password", NEW)]).await;
    assert_eq!(done.path(), "/password/done", "{}", done.text());
    assert!(!can_log_in(&app, EMAIL, PASSWORD).await && can_log_in(&app, EMAIL, NEW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_and_the_newest_alone_and_for_half_an_hour() {
    let app = TestApp::start().await;
    app.person(EMAIL).await;
    let browser = Browser::new(&app.base);
    let first = reset_link(&app, EMAIL).await;
    app.advance(1);
    let second = reset_link(&app, EMAIL).await;
    assert_ne!(first, second);
    assert_eq!(browser.get(&first).await.status, 400, "the newer link ended the older");
    // A mail scanner's looking does not use it up.
    for _ in 0..3 {
        assert_eq!(Browser::new(&app.base).get(&second).await.status, 200);
    }
    let page = browser.get(&second).await;
    browser.submit(&page, &[("new_password", NEW)]).await;
    let again = browser.submit(&page, &[("new_password", PASSWORD)]).await;
    assert_eq!(again.status, 400);
    assert!(can_log_in(&app, EMAIL, NEW).await);

    let third = reset_link(&app, EMAIL).await;
    app.advance(30 * 60);
    assert_eq!(browser.get(&third).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_every_session_and_every_token_and_logs_nobody_in_and_the_person_hears_of_it() {
    let app = TestApp::start().await;
    let person = app.person(EMAIL).await;
    let keeping = karat::domain::client::LogoutRules { keep_offline_access: true, ..Default::default() };
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let kept =
        RelyingParty::register(&app, karat::domain::client::Client { logout: keeping, ..own_client("kept") }).await;
    let (one, two) = (logged_in(&rp, &person).await, logged_in(&rp, &person).await);
    let tokens = rp.tokens_in(&one, &person, "openid offline_access").await;
    let offline = kept.tokens_in(&two, &person, "openid offline_access").await;
    let pending = crate::common::code_in(&rp, &two, "openid offline_access").await;

    let link = reset_link(&app, EMAIL).await;
    let resetting = Browser::new(&app.base);
    let page = resetting.get(&link).await;
    let done = resetting.submit(&page, &[("new_password", NEW)]).await;
    assert_eq!(done.path(), "/password/done");
    assert_eq!(resetting.cookie("karat_session"), None, "nobody is logged in by it");
    for browser in [&one, &two] {
        let silent = browser.get(&rp.authorize_path(&[("prompt", "none")])).await;
        assert_eq!(silent.param("error").as_deref(), Some("login_required"));
    }
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(kept.refresh(offline.text("refresh_token")).await.error(), "invalid_grant", "not even offline access");
    assert_eq!(rp.redeem(&pending).await.error(), "invalid_grant");
    let notices = mails_to(&app, EMAIL).await;
    assert!(notices.iter().any(|mail| mail.text.contains("/password/forgotten")), "a notice was sent");
    assert!(notices.iter().all(|mail| !mail.text.contains(NEW) && !mail.html.contains(NEW)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_used_by_many_at_once_sets_one_password() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, NO_LIMITS).await;
    let other = app.another_node(NO_LIMITS).await;
    app.person(EMAIL).await;
    for round in 0..3 {
        app.advance(3600);
        other.advance(3600);
        let link = reset_link(&app, EMAIL).await;
        let passwords: Vec<_> = (0..8).map(|index| format!("umbrella {index} quiet harbour {round}")).collect();
        let mut ready = Vec::new();
        for index in 0..passwords.len() {
            let browser = Browser::new(&app.base);
            browser.go_to_node(if index % 2 == 0 { &app.at } else { &other.at });
            let page = browser.get(&link).await;
            ready.push((browser, page));
        }
        let racers = ready.iter().zip(&passwords).map(|((browser, page), password)| async move {
            browser.submit_once(page, &[("new_password", password)]).await
        });
        let answers = at_once(racers).await;
        let done = answers.iter().filter(|answer| answer.location().as_deref() == Some("/password/done")).count();
        assert_eq!(done, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        let mut fitting = 0;
        for password in &passwords {
            fitting += usize::from(can_log_in(&app, EMAIL, password).await);
        }
        assert_eq!(fitting, 1);
    }
}

/// Whoever knows the old password logs in at the very moment of the reset: what that log-in began must not outlive it.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_with_the_old_password_that_races_the_reset_leaves_no_session() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, NO_LIMITS).await;
    let other = app.another_node(NO_LIMITS).await;
    let person = app.person(EMAIL).await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let mut password = PASSWORD.to_owned();
    for round in 0..12 {
        TestApp::advance_all(&[&app, &other], 3600);
        let link = reset_link(&app, EMAIL).await;
        let owner = Browser::new(&app.base);
        let reset = owner.get(&link).await;
        let mut thieves = Vec::new();
        for _ in 0..4 {
            let browser = Browser::new(&app.base);
            browser.go_to_node(&other.at);
            let page = browser.get("/login").await;
            thieves.push((browser, page));
        }
        let new = format!("umbrella {round} quiet harbour");
        let (new, old) = (new.as_str(), password.as_str());
        let racers: Vec<std::pin::Pin<Box<dyn Future<Output = crate::support::Page>>>> = thieves
            .iter()
            .map(|(browser, page)| {
                Box::pin(async move { browser.submit_once(page, &[("email", EMAIL), ("password", old)]).await }) as _
            })
            .chain([Box::pin(async { owner.submit_once(&reset, &[("new_password", new)]).await }) as _])
            .collect();
        let answers = at_once(racers).await;
        assert_eq!(answers[4].location().as_deref(), Some("/password/done"), "{}", answers[4].text());
        for (thief, _) in &thieves {
            let silent = thief.get(&rp.authorize_path(&[("prompt", "none")])).await;
            assert_eq!(silent.param("code"), None, "round {round}: a session of the old password lives");
        }
        assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 0, "round {round}");
        password = new.to_owned();
    }
    assert_eq!(person.email, EMAIL);
    assert!(can_log_in(&app, EMAIL, &password).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_or_oversized_new_password_is_refused_and_the_link_stays_good() {
    let app = TestApp::start().await;
    app.person(EMAIL).await;
    let link = reset_link(&app, EMAIL).await;
    let browser = Browser::new(&app.base);
    let page = browser.get(&link).await;
    let long = "x9 ".repeat(2_000);
    for bad in ["", "short", "password1", "lena@example.com", &long] {
        let refused = browser.submit(&page, &[("new_password", bad)]).await;
        assert_eq!(refused.path(), "/password/reset", "{}: {}", bad.len(), refused.text());
    }
    assert_eq!(browser.submit(&page, &[("new_password", NEW)]).await.path(), "/password/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_another_purpose_resets_nothing() {
    let app = TestApp::start().await;
    app.person(EMAIL).await;
    let browser = Browser::new(&app.base);
    crate::person::register(&browser, "new@example.com", PASSWORD).await;
    let confirm = link_in(&app, &newest_to(&app, "new@example.com").await, "/register/confirm?token=");
    let token = confirm.split("token=").nth(1).unwrap();
    assert_eq!(browser.get(&format!("/password/reset?token={token}")).await.status, 400);
    let reset = reset_link(&app, EMAIL).await;
    let token = reset.split("token=").nth(1).unwrap();
    assert_eq!(browser.get(&format!("/register/confirm?token={token}")).await.status, 400);
    assert_eq!(browser.get(&reset).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_person_cannot_be_unlocked_by_a_reset() {
    use karat::domain::user::Condition;
    let app = TestApp::start().await;
    let person = app.person(EMAIL).await;
    let link = reset_link(&app, EMAIL).await;
    let browser = Browser::new(&app.base);
    let page = browser.get(&link).await;
    let mut change = app.karat.store.begin().await.unwrap();
    let locked = Condition::Locked { since: app.clock_now(), because: "fraud".to_owned() };
    change.set_condition(person.id, &locked).await.unwrap();
    change.commit().await.unwrap();
    assert_eq!(browser.submit(&page, &[("new_password", NEW)]).await.status, 400);
    let asked = ask_for_reset(&browser, EMAIL).await;
    let unknown = ask_for_reset(&browser, "nobody@example.com").await;
    assert_eq!(asked.text().replace(EMAIL, "X"), unknown.text().replace("nobody@example.com", "X"));
    let fresh = Browser::new(&app.base);
    try_log_in(&fresh, EMAIL, NEW).await;
    assert_eq!(fresh.cookie("karat_session"), None);
}

/// Who reads somebody's mail and nothing else gets a password set, and no further: the second factor is asked for as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_leaves_the_second_factor_in_force_and_ends_all_that_was_under_way() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::start_with(backends, MANY_GUESSES).await;
        let (person, phone, owner) = guarded(&app, EMAIL).await;
        let codes = make_recovery_codes(&owner).await;
        let rp = RelyingParty::register(&app, own_client("app")).await;
        app.advance(60);
        let page = owner.get(&rp.authorize_path(&[("scope", "openid offline_access")])).await;
        let tokens = rp.redeem(&page.param("code").unwrap()).await;
        let (waiting, asked) = half_logged_in(&app, EMAIL).await;
        let enrolment = owner.get("/account/security/totp").await;
        let told = mails_to(&app, EMAIL).await.len();

        // In the owner's own browser, even: the reset logs nobody in there either.
        let thief = Browser::new(&app.base);
        let page = thief.get(&reset_link(&app, EMAIL).await).await;
        let done = thief.submit(&page, &[("new_password", NEW)]).await;
        assert_eq!(done.path(), "/password/done", "{}", done.text());
        assert_eq!(thief.cookie("karat_session"), None);
        assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 0);
        assert_eq!(count(&app, "SELECT COUNT(*) FROM authenticators").await, 1, "the factor stays");
        assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
        assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
        let user = app.karat.store.user(person.id).await.unwrap().unwrap();
        assert!(user.hold_until.is_some_and(|until| until > app.clock_now()), "what moves money waits");
        assert_eq!(mails_to(&app, EMAIL).await.len(), told + 2, "the link, and the notice");

        // Half a log-in upon the old password is none, the code is not spent by it; nor does the owner's open page add an app.
        let code = phone.code(app.clock_now(), 0);
        assert_eq!(waiting.submit(&asked, &[("code", &code)]).await.path(), "/login");
        let late = AuthenticatorApp::scan(&enrolment).code(app.clock_now(), 0);
        assert_eq!(
            owner.submit(&enrolment, &[("code", &late)]).await.status,
            403,
            "the form of a session that is over"
        );

        // The new password is half a log-in, at the account and for apps.
        let page = thief.get("/login").await;
        let page = thief.submit(&page, &[("email", EMAIL), ("password", NEW)]).await;
        assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
        assert!(!is_logged_in(&thief).await);
        let silent = thief.get(&rp.authorize_path(&[("prompt", "none")])).await;
        assert_eq!(silent.param("error").as_deref(), Some("login_required"), "{}", silent.url);
        let app_login = thief.get(&rp.authorize_path(&[])).await;
        let app_login = thief.submit(&app_login, &[("email", EMAIL), ("password", NEW)]).await;
        assert_eq!(app_login.path(), "/mfa/totp", "{}", app_login.url);
        // The owner has the app, or a recovery code.
        let back = Browser::new(&app.base);
        let page = back.get("/login").await;
        let page = back.submit(&page, &[("email", EMAIL), ("password", NEW)]).await;
        assert_eq!(back.submit(&page, &[("code", &code)]).await.path(), "/account");
        let another = Browser::new(&app.base);
        let page = another.get("/login").await;
        another.submit(&page, &[("email", EMAIL), ("password", NEW)]).await;
        let page = another.get("/mfa/recovery").await;
        assert_eq!(another.submit(&page, &[("code", &codes[0])]).await.path(), "/account");
    }
}

/// The code of a log-in with the old password comes at the very moment of the reset.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_that_races_the_reset_leaves_no_session() {
    let more = format!("{MANY_GUESSES}mails_per_recipient = \"1000 per 15m\"\nmails_per_address = \"1000 per 15m\"\n");
    let app = TestApp::start_with(Backends::PostgresAndRedis, &more).await;
    let other = app.another_node(&more).await;
    let (_, phone, _) = guarded(&app, EMAIL).await;
    let mut password = PASSWORD.to_owned();
    for round in 0..8 {
        TestApp::advance_all(&[&app, &other], 3600);
        let thief = Browser::new(&app.base);
        thief.go_to_node(&other.at);
        let page = thief.get("/login").await;
        let asked = thief.submit(&page, &[("email", EMAIL), ("password", &password)]).await;
        assert_eq!(asked.path(), "/mfa/totp", "{}", asked.text());
        let owner = Browser::new(&app.base);
        let reset = owner.get(&reset_link(&app, EMAIL).await).await;
        let new = format!("umbrella {round} quiet harbour");
        let code = phone.code(app.clock_now(), 0);
        let pause = std::time::Duration::from_millis(5 * round);
        let racers: Vec<std::pin::Pin<Box<dyn Future<Output = crate::support::Page>>>> = vec![
            Box::pin(async {
                // The new password is hashed first: so that they meet.
                tokio::time::sleep(pause).await;
                thief.submit_once(&asked, &[("code", &code)]).await
            }),
            Box::pin(async { owner.submit_once(&reset, &[("new_password", &new)]).await }),
        ];
        let answers = at_once(racers).await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "a race must not fault");
        assert_eq!(answers[1].location().as_deref(), Some("/password/done"), "{}", answers[1].text());
        assert!(!is_logged_in(&thief).await, "round {round}");
        assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 0, "round {round}");
        password = new;
    }
}
