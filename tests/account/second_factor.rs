//! Logging in with password and authenticator app, and what the session and the tokens say of it.

use karat::domain::authentication::Acr;

use crate::person::{is_logged_in, log_in, logged_in, send};
use crate::support::app::web_client;
use crate::support::mails::newest_to;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const NEW: &str = "turbid lantern 9 pigeon";

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_app_is_asked_for_its_code_and_has_no_session_before() {
    for backends in [Backends::SqliteAndMemory, Backends::PostgresAndRedis] {
        let app = TestApp::on(backends).await;
        app.person(ADA).await;
        let phone = AuthenticatorApp::add(&logged_in(&app, ADA).await, app.clock_now()).await;
        assert!(newest_to(&app, ADA).await.text.contains("An authenticator app was added: My phone."));
        app.advance(60);

        let browser = Browser::new(&app.base);
        let page = log_in(&browser, ADA, PASSWORD).await;
        assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
        assert_eq!(browser.cookie("karat_session"), None, "half a log-in is no session");
        assert!(!is_logged_in(&browser).await);
        let page = browser.get("/mfa").await;
        let wrong = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 5))]).await;
        assert!(wrong.text().contains("not right or was used already"), "{}", wrong.text());
        let page = browser.submit(&wrong, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert_eq!(page.path(), "/account", "{}", page.text());
        assert!(is_logged_in(&browser).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_say_how_strong_the_log_in_was_and_refreshing_does_not_change_it() {
    let app = TestApp::start().await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let plain = rp.tokens(&person, "openid offline_access").await;
    assert_eq!(rp.introspect(plain.text("access_token")).await.text("acr"), Acr::Password.as_str());
    let phone = AuthenticatorApp::add(&logged_in(&app, ADA).await, app.clock_now()).await;

    app.advance(90);
    let browser = Browser::new(&app.base);
    let page = browser.get(&rp.authorize_path(&[("scope", "openid offline_access")])).await;
    let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    let logged_in_at = app.clock_now().unix();
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}", page.url))).await;
    app.advance(100);
    let refreshed = rp.refresh(tokens.text("refresh_token")).await;
    for answer in [&tokens, &refreshed] {
        let told = rp.introspect(answer.text("access_token")).await;
        assert_eq!(told.text("acr"), "urn:karat:acr:mfa");
        assert_eq!(told.body["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
        assert_eq!(told.body["auth_time"], logged_in_at);
    }
    let before = rp.refresh(plain.text("refresh_token")).await;
    let told = rp.introspect(before.text("access_token")).await;
    assert_eq!(told.text("acr"), Acr::Password.as_str(), "the app's tokens describe their own log-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_demands_more_than_the_session_is_worth_gets_it_by_a_step_up() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("wallet")).await;
    let browser = logged_in(&app, ADA).await;
    let demand = rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa")]);
    let page = browser.get(&demand).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.text());
    let silent = browser.get(&rp.authorize_path(&[("acr_values", "urn:karat:acr:mfa"), ("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("login_required"), "{}", silent.url);

    // Led to enrol, and back to the app.
    let page = browser
        .get(
            &page
                .body
                .split("href=\"")
                .find_map(|rest| {
                    rest.starts_with("/account/security/totp?")
                        .then(|| rest.split('"').next().unwrap().replace("&amp;", "&"))
                })
                .unwrap(),
        )
        .await;
    let phone = AuthenticatorApp::scan(&page);
    let codes = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(codes.path(), "/account/security/recovery-codes", "{}", codes.text());
    let shown = browser.submit(&codes, &[]).await;
    let next = shown.body.split("id=\"recovery-done\"").next().unwrap().rsplit("href=\"").next().unwrap();
    let page = browser.get(next.split('"').next().unwrap()).await;
    let page = browser.submit(&page, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}", page.url))).await;
    assert_eq!(rp.introspect(tokens.text("access_token")).await.text("acr"), "urn:karat:acr:mfa");

    // Nothing is asked again while the session is worth it.
    assert!(browser.get(&demand).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_goes_back_to_the_app_with_the_error_or_on_with_less() {
    let app = TestApp::start().await;
    app.verified_person(ADA).await;
    let mut client = web_client("wallet");
    client.scope = "openid wallet:withdraw".parse().unwrap();
    let rp = RelyingParty::register(&app, client).await;
    let browser = logged_in(&app, ADA).await;
    let page = browser.get(&rp.authorize_path(&[("acr_values", "phr urn:karat:acr:mfa")])).await;
    let page = browser.submit(&page, &[]).await;
    assert_eq!(page.param("error").as_deref(), Some("unmet_authentication_requirements"), "{}", page.url);
    let page = browser.get(&rp.authorize_path(&[("scope", "openid wallet:withdraw")])).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.text());
    let page = browser.submit(&page, &[]).await;
    let page = browser.submit(&page, &[("decision", "allow")]).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}", page.url))).await;
    assert_eq!(tokens.text("scope"), "openid");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everybody_must_have_a_second_factor_enrolment_comes_before_the_app() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[authentication]\nsecond_factor = \"required\"\n").await;
    let person = app.person(ADA).await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let browser = Browser::new(&app.base);
    let page = rp.log_in(&browser, &person, &[]).await;
    assert_eq!(page.path(), "/account/security/enrol", "{}", page.text());
    assert!(!page.body.contains("enrol-decline"), "there is no way around it");
    let page = browser.post("/account/security/enrol", &[]).await;
    assert_ne!(page.status, 200, "no form token");
    let interaction = browser.get(&rp.authorize_path(&[])).await.param("interaction").unwrap();
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&format!("/authorize/{interaction}")).await;
    let page = rp.go_through(&browser, page, &person).await;
    assert!(page.param("code").is_some(), "{}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_changed_meanwhile_takes_the_waiting_log_in_with_it() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let here = logged_in(&app, ADA).await;
    let phone = AuthenticatorApp::add(&here, app.clock_now()).await;
    app.advance(60);
    let thief = Browser::new(&app.base);
    let waiting = log_in(&thief, ADA, PASSWORD).await;
    assert_eq!(waiting.path(), "/mfa/totp");
    send(&here, "/account/password", &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    let page = thief.submit(&waiting, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/login", "{}", page.text());
    let page = log_in(&thief, ADA, NEW).await;
    let page = thief.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account", "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_the_factor_opens_nothing_until_it_is_shown() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let (here, there) = (logged_in(&app, ADA).await, logged_in(&app, ADA).await);
    let phone = AuthenticatorApp::add(&here, app.clock_now()).await;
    app.advance(60);
    let page = there.get("/account/profile").await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    let page = there.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/profile", "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_asks_for_the_app_first_unless_it_was_shown_just_now() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let browser = logged_in(&app, ADA).await;
    let phone = AuthenticatorApp::add(&browser, app.clock_now()).await;
    assert_eq!(browser.get("/account/password").await.path(), "/account/password");
    let form = browser.get("/account/password").await;
    app.advance(301);
    let page = browser.submit(&form, &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.text());
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    assert_eq!(page.path(), "/account/password", "{}", page.text());
    let page = browser.submit(&page, &[("current_password", PASSWORD), ("new_password", NEW)]).await;
    assert!(page.text().contains("Your password is changed"), "{}", page.text());
}
