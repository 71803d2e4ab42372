//! An app gets the class of log-in that it demanded or an error, never a code for less, and its tokens say what was shown and
//! when (OpenID Connect Core sections 2, 3.1.2.1 and 5.5.1.1, RFC 9470).

use karat::crypto::token::OpaqueToken;
use karat::domain::client::Client;
use karat::domain::time::Seconds;
use serde_json::json;

use crate::common::{at_once, own_client};
use crate::person::{reset_link, try_log_in};
use crate::second_factor::{WRONG, form_token, guarded, half_log_in, is_logged_in};
use crate::support::relying_party::claims;
use crate::support::{AuthenticatorApp, Backends, Browser, PASSWORD, Page, RelyingParty, TestApp};

const ADA: &str = "ada@example.com";
const PWD: &str = "urn:karat:acr:pwd";
const MANY_LOG_INS: &str = "[throttle]\nlogins_per_account = \"1000 per 15m\"\n";
const MFA: &str = "urn:karat:acr:mfa";

fn essential(acr: &str) -> String {
    format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{acr}"}}}}}}"#)
}

/// What the tokens of an answer say of the log-in, the same everywhere.
async fn told(rp: &RelyingParty<'_>, page: &Page) -> (String, Vec<String>, i64) {
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}: {}", page.url, page.text()))).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let id = claims(tokens.text("id_token"));
    let access = claims(tokens.text("access_token"));
    let introspected = rp.introspect(tokens.text("access_token")).await.body;
    for name in ["acr", "amr", "auth_time"] {
        assert_eq!(id[name], access[name], "{name}");
        assert_eq!(id[name], introspected[name], "{name}");
    }
    let amr = id["amr"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
    (id["acr"].as_str().unwrap().to_owned(), amr, id["auth_time"].as_i64().unwrap())
}

fn assert_error(page: &Page, error: &str) {
    assert_eq!(page.param("error").as_deref(), Some(error), "{}", page.url);
    assert_eq!(page.param("code"), None, "{}", page.url);
}

async fn password_session(app: &TestApp) -> Browser {
    let browser = Browser::new(&app.base);
    try_log_in(&browser, ADA, PASSWORD).await;
    assert!(is_logged_in(&browser).await);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_never_answers_a_demand_for_more() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let browser = password_session(&app).await;
    assert_eq!(told(&rp, &browser.get(&rp.authorize_path(&[])).await).await.0, PWD, "there is a session");
    let claim = essential(MFA);
    let several = r#"{"id_token":{"acr":{"essential":true,"values":["phr","urn:karat:acr:mfa"]}}}"#;
    let wish = r#"{"id_token":{"acr":{"value":"urn:karat:acr:mfa"}}}"#;
    for demand in [
        &[("acr_values", MFA)][..],
        &[("acr_values", "phr urn:karat:acr:mfa")],
        &[("acr_values", "urn:unknown urn:karat:acr:mfa")],
        &[("claims", &claim)],
        &[("claims", several)],
        &[("claims", wish)],
        // The stronger of two demands counts, whichever way round.
        &[("claims", &claim), ("acr_values", PWD)],
        &[("acr_values", MFA), ("claims", r#"{"id_token":{"acr":{"essential":true,"value":"urn:karat:acr:pwd"}}}"#)],
    ] {
        let page = browser.get(&rp.authorize_path(demand)).await;
        assert_eq!(page.path(), "/account/security/enrol", "{demand:?}: {}", page.url);
        let silent = [demand, &[("prompt", "none")]].concat();
        assert_error(&browser.get(&rp.authorize_path(&silent)).await, "login_required");
        // The pages further on, straight away.
        let (interaction, token) = (page.param("interaction").unwrap(), form_token(&page));
        for path in ["/consent", "/select-account", "/terms/accept"] {
            let fields = [("csrf", token.as_str()), ("interaction", &interaction), ("decision", "allow")];
            let fields = [&fields[..], &[("choice", "continue"), ("accept_terms", "yes")]].concat();
            let posted = browser.post(path, &fields).await;
            assert_eq!(posted.param("code"), None, "{demand:?} {path}: {}", posted.url);
        }
        // The password once more is no second factor.
        let again = browser.get(&format!("/login?interaction={interaction}")).await;
        let again = browser.submit(&again, &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(again.path(), "/account/security/enrol", "{demand:?}: {}", again.url);
        let confirm = browser.get(&format!("/mfa/password?interaction={interaction}")).await;
        assert_eq!(confirm.path(), "/account/security/enrol", "{demand:?}: {}", confirm.url);
        // Who would rather not is answered by an error, in this request alone.
        let page = browser.get(&format!("/authorize/{interaction}")).await;
        assert_error(&browser.submit(&page, &[]).await, "unmet_authentication_requirements");
        assert_eq!(browser.get(&rp.authorize_path(demand)).await.path(), "/account/security/enrol");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_nobody_reaches_or_knows_is_an_error_before_anybody_types() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[passkeys]\nenabled = false\n").await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let browser = password_session(&app).await;
    let (phr, unknown) = (essential("phr"), essential("urn:unknown"));
    for demand in [("acr_values", "phr"), ("acr_values", "phrh phr"), ("claims", &phr), ("claims", &unknown)] {
        for browser in [&browser, &Browser::new(&app.base)] {
            let page = browser.get(&rp.authorize_path(&[demand])).await;
            assert_error(&page, "unmet_authentication_requirements");
        }
    }
    // A wish that nobody here knows is none (OpenID Connect Core section 3.1.2.1).
    let page = browser.get(&rp.authorize_path(&[("acr_values", "urn:unknown")])).await;
    assert_eq!(told(&rp, &page).await.0, PWD);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_less_is_answered_with_what_there_is() {
    let app = TestApp::start().await;
    let (_, phone, _) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    app.advance(60);
    let browser = Browser::new(&app.base);
    let page = half_log_in(&browser, ADA).await;
    let at = app.clock_now().unix();
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    app.advance(100);
    let less = essential(PWD);
    for wish in [&[][..], &[("acr_values", PWD)], &[("claims", &less)], &[("prompt", "none")], &[("max_age", "100")]] {
        let page = browser.get(&rp.authorize_path(wish)).await;
        let (acr, amr, time) = told(&rp, &page).await;
        assert_eq!((acr.as_str(), amr.join(" ").as_str(), time), (MFA, "pwd otp mfa", at), "{wish:?}");
    }
}

/// A code added to an old password proves no new log-in.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_makes_the_session_stronger_and_not_younger() {
    let app = TestApp::start().await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let browser = password_session(&app).await;
    let began = app.clock_now().unix();
    let before = browser.get(&rp.authorize_path(&[("scope", "openid offline_access")])).await;
    let before = rp.redeem(&before.param("code").unwrap()).await;
    let phone = AuthenticatorApp::add(&password_session(&app).await, app.clock_now()).await;
    app.advance(700);
    let page = browser.get(&rp.authorize_path(&[("acr_values", MFA), ("max_age", "1000")])).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.url);
    let page = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let (acr, amr, time) = told(&rp, &page).await;
    assert_eq!((acr.as_str(), amr.join(" ").as_str(), time), (MFA, "pwd otp mfa", began));
    // The tokens of the time before tell of the time before, now as when they are refreshed.
    let refreshed = rp.refresh(before.text("refresh_token")).await;
    for token in [before.text("access_token"), before.text("id_token"), refreshed.text("access_token")] {
        let said = claims(token);
        assert_eq!((&said["acr"], &said["auth_time"]), (&json!(PWD), &json!(began)));
    }
    assert_eq!(rp.introspect(refreshed.text("access_token")).await.text("acr"), PWD);
    // An app that wants a younger log-in gets a whole one: password and code.
    for demand in [("max_age", "600"), ("max_age", "0"), ("prompt", "login")] {
        app.advance(60);
        assert_error(
            &browser.get(&rp.authorize_path(&[("max_age", "600"), ("prompt", "none")])).await,
            "login_required",
        );
        let page = browser.get(&rp.authorize_path(&[demand])).await;
        assert_eq!(page.path(), "/login", "{demand:?}");
        let interaction = page.param("interaction").unwrap();
        // The factor's page is no way around the password.
        let aside = browser.get(&format!("/mfa/totp?interaction={interaction}")).await;
        assert_eq!(aside.path(), "/login", "{demand:?}: {}", aside.url);
        let confirm = browser.get(&format!("/mfa/totp?next=security&interaction={interaction}")).await;
        browser.submit(&confirm, &[("code", &phone.code(app.clock_now(), -1))]).await;
        assert_eq!(browser.get(&format!("/authorize/{interaction}")).await.path(), "/login", "{demand:?}");
        // The form of before the step-up is of another session's token.
        let page = browser.get(&format!("/login?interaction={interaction}")).await;
        let page = browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(page.path(), "/mfa/totp", "{demand:?}");
        let again = browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
        assert_eq!(told(&rp, &again).await.2, app.clock_now().unix(), "{demand:?}");
        app.advance(601);
    }
}

/// The scope that moves money needs more than a password, however the request is put.
#[tokio::test(flavor = "multi_thread")]
async fn scope_that_needs_a_stronger_log_in_is_not_granted_to_a_weaker_one() {
    let app = TestApp::start_with(Backends::SqliteAndMemory, "[holds]\nfirst_factor = \"0s\"\n").await;
    app.verified_person(ADA).await;
    let client = Client { scope: "openid offline_access wallet:withdraw".parse().unwrap(), ..own_client("wallet") };
    let rp = RelyingParty::register(&app, client).await;
    let browser = password_session(&app).await;
    let scope = ("scope", "openid offline_access wallet:withdraw");
    for wish in [&[("prompt", "none")][..], &[("prompt", "none"), ("acr_values", PWD)]] {
        let page = browser.get(&rp.authorize_path(&[&[scope], wish].concat())).await;
        let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}", page.url))).await;
        assert!(!tokens.text("scope").contains("withdraw"), "{tokens:?}");
        // Nor is it had by refreshing once the session is stronger.
        let wider = [
            ("grant_type", "refresh_token"),
            ("refresh_token", tokens.text("refresh_token")),
            ("scope", "openid wallet:withdraw"),
        ];
        assert_eq!(rp.post("/token", &wider).await.error(), "invalid_scope");
    }
    let page = browser.get(&rp.authorize_path(&[scope])).await;
    assert_eq!(page.path(), "/account/security/enrol");
    AuthenticatorApp::add(&browser, app.clock_now()).await;
    let page = browser.get(&format!("/authorize/{}", page.param("interaction").unwrap())).await;
    let tokens = rp.redeem(&page.param("code").unwrap_or_else(|| panic!("{}: {}", page.url, page.text()))).await;
    assert!(tokens.text("scope").contains("wallet:withdraw"), "{tokens:?}");
}

/// Two tabs of a browser, one of which demands more: the weaker is answered as what it is, whoever is first.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_in_one_tab_answers_each_tab_for_itself() {
    let app = TestApp::start_with(Backends::PostgresAndRedis, "").await;
    app.person(ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let browser = password_session(&app).await;
    let began = app.clock_now().unix();
    let phone = AuthenticatorApp::add(&password_session(&app).await, app.clock_now()).await;
    app.advance(60);
    let strong = browser.get(&rp.authorize_path(&[("acr_values", MFA)])).await;
    assert_eq!(strong.path(), "/mfa/totp");
    let code = phone.code(app.clock_now(), 0);
    // The dispatcher of the strong one, again and again, while the code is on its way.
    let dispatcher = format!("/authorize/{}", strong.param("interaction").unwrap());
    let racers: Vec<std::pin::Pin<Box<dyn Future<Output = Page>>>> = (0..12)
        .map(|index| -> std::pin::Pin<Box<dyn Future<Output = Page>>> {
            match index {
                6 => Box::pin(async { browser.submit(&strong, &[("code", &code)]).await }),
                _ => Box::pin(async { browser.get(&dispatcher).await }),
            }
        })
        .collect();
    let mut codes = 0;
    for page in at_once(racers).await {
        assert!(!page.status.is_server_error(), "{}", page.text());
        if page.param("code").is_some() {
            codes += 1;
            let (acr, _, time) = told(&rp, &page).await;
            assert_eq!((acr.as_str(), time), (MFA, began));
        }
    }
    assert_eq!(codes, 1, "the request is answered once, and by the stronger session");
    let page = browser.get("/mfa?next=security").await;
    let again = browser.submit(&page, &[("code", &code)]).await;
    assert!(again.text().contains(WRONG), "{}", again.text());
}

/// A device that is remembered stands for the factor of a log-in, and for nothing that an app demands or a change asks for.
#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_device_meets_no_demand_and_is_forgotten_with_the_factor_and_the_password() {
    let remembering = format!("[authentication]\nremember_devices_for = \"30d\"\n{MANY_LOG_INS}");
    let app = TestApp::start_with(Backends::SqliteAndMemory, &remembering).await;
    let (person, phone, browser) = guarded(&app, ADA).await;
    let rp = RelyingParty::register(&app, own_client("wallet")).await;
    let trust = async || {
        let device = OpaqueToken::parse(&browser.cookie("karat_device").unwrap()).unwrap().hash();
        let mut change = app.karat.store.begin().await.unwrap();
        let until = app.clock_now().plus(Seconds::days(20));
        assert!(change.trust_device(person.id, &device, until).await.unwrap());
        change.commit().await.unwrap();
    };
    let log_in_again = async || {
        browser.forget_cookie("karat_session");
        let page = browser.get("/login").await;
        browser.submit(&page, &[("email", ADA), ("password", PASSWORD)]).await
    };
    trust().await;
    app.advance(400);
    assert_eq!(log_in_again().await.path(), "/account", "the twin: it stands for the factor of a log-in");
    assert_eq!(told(&rp, &browser.get(&rp.authorize_path(&[])).await).await.0, PWD, "and tokens say so");
    let page = browser.get(&rp.authorize_path(&[("acr_values", MFA)])).await;
    assert_eq!(page.path(), "/mfa/totp");
    for room in ["password", "email", "delete", "security/totp", "security/recovery-codes"] {
        assert_eq!(browser.get(&format!("/account/{room}")).await.path(), "/mfa/totp", "{room}");
    }
    // Its cookie is worth nothing to somebody else's account, nor without the password.
    let (_, _, other) = guarded(&app, "bob@example.com").await;
    other.forget_cookie("karat_session");
    other.set_cookie("karat_device", &browser.cookie("karat_device").unwrap());
    let page = other.get("/login").await;
    let page = other.submit(&page, &[("email", "bob@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.url);

    // Another app in the place of the first.
    let page = browser.get("/mfa?next=totp").await;
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    let phone = AuthenticatorApp::add(&browser, app.clock_now()).await;
    app.advance(60);
    let page = log_in_again().await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.url);
    browser.submit(&page, &[("code", &phone.code(app.clock_now(), 0))]).await;
    trust().await;
    assert_eq!(log_in_again().await.path(), "/account");
    // A reset by mail, in this very browser.
    let page = browser.get(&reset_link(&app, ADA).await).await;
    browser.submit(&page, &[("new_password", "umbrella 7 quiet harbour")]).await;
    let page = browser.get("/login").await;
    let page = browser.submit(&page, &[("email", ADA), ("password", "umbrella 7 quiet harbour")]).await;
    assert_eq!(page.path(), "/mfa/totp", "{}", page.url);
}
