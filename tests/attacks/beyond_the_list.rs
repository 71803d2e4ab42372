//! Attacks that the list does not name: steps skipped, other people's ids, consents stretched, names that look alike.

use karat::domain::client::{Client, GrantType};
use reqwest::Method;

use crate::common::{count, logged_in, own_client};
use crate::person::{register, registered, try_log_in};
use crate::support::app::{native_client, web_client};
use crate::support::mails::newest_to;
use crate::support::relying_party::claims;
use crate::support::{Backends, Browser, PASSWORD, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_demanded_log_in_cannot_be_skipped_by_going_straight_to_a_later_step() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for more in [
        &[("prompt", "login")][..],
        &[("max_age", "0")],
        &[("prompt", "login consent")],
        &[("prompt", "select_account login")],
    ] {
        let login = browser.get(&rp.authorize_path(more)).await;
        assert_eq!(login.path(), "/login", "{more:?}");
        let interaction = login.param("interaction").unwrap();
        let csrf = login.form().1.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
        for path in [format!("/consent?interaction={interaction}"), format!("/authorize/{interaction}")] {
            assert_eq!(browser.get(&path).await.path(), "/login", "{more:?} {path}");
        }
        for (path, field) in [("/consent", ("decision", "allow")), ("/select-account", ("choice", "continue"))] {
            let fields = [("interaction", interaction.as_str()), ("csrf", &csrf), field];
            let page = browser.post(path, &fields).await;
            assert_eq!(page.path(), "/login", "{more:?} {path}: {}", page.url);
        }
    }
    let back = rp.log_in(&browser, &person, &[("prompt", "login")]).await;
    assert!(back.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_log_in_counts_for_its_own_interaction_alone() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    let first = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
    let second = browser.get(&rp.authorize_path(&[("prompt", "login")])).await;
    let done = browser.submit(&first, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert!(done.param("code").is_some());
    let other = second.param("interaction").unwrap();
    assert_eq!(browser.get(&format!("/authorize/{other}")).await.path(), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_expects_one_person_is_never_given_another() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada@example.com").await, app.person("eve@example.com").await);
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let hint = rp.tokens(&ada, "openid").await.text("id_token").to_owned();
    let browser = logged_in(&rp, &eve).await;
    let of_ada = format!("{{\"id_token\":{{\"sub\":{{\"value\":\"{}\"}}}}}}", ada.id);
    for expectation in [("id_token_hint", hint.as_str()), ("claims", of_ada.as_str())] {
        let silent = browser.get(&rp.authorize_path(&[("prompt", "none"), expectation])).await;
        assert_eq!(silent.param("error").as_deref(), Some("login_required"), "{}", silent.url);
        let login = browser.get(&rp.authorize_path(&[expectation])).await;
        assert_eq!(login.path(), "/login");
        let as_eve = browser.submit(&login, &[("email", &eve.email), ("password", PASSWORD)]).await;
        assert_eq!(as_eve.path(), "/login", "still another person: {}", as_eve.url);
    }
    let of_eve = format!("{{\"id_token\":{{\"sub\":{{\"value\":\"{}\"}}}}}}", eve.id);
    assert!(browser.get(&rp.authorize_path(&[("claims", &of_eve), ("prompt", "none")])).await.param("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_consent_is_not_stretched_by_single_claims_another_client_or_a_look_alike() {
    let app = TestApp::start().await;
    let person = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let second = RelyingParty::register(&app, web_client("app2")).await;
    let wallet = RelyingParty::register(&app, native_client("wallet")).await;
    let browser = logged_in(&rp, &person).await;
    let silent = async |rp: &RelyingParty<'_>, more: &[(&str, &str)]| {
        let all = [more, &[("prompt", "none")]].concat();
        let page = browser.get(&rp.authorize_path(&all)).await;
        page.param("error").unwrap_or_else(|| "none".to_owned())
    };
    assert_eq!(silent(&rp, &[]).await, "none");
    for wider in [
        ("scope", "openid email"),
        ("claims", r#"{"userinfo":{"email":null}}"#),
        ("claims", r#"{"id_token":{"phone_number":{"essential":true}}}"#),
    ] {
        assert_eq!(silent(&rp, &[wider]).await, "consent_required", "{wider:?}");
    }
    assert_eq!(silent(&second, &[]).await, "consent_required", "another client's");
    // Anybody on the device can listen where a native app does: its consent is never taken as read.
    wallet.log_in(&browser, &person, &[]).await;
    assert_eq!(silent(&wallet, &[]).await, "consent_required");
    // A claim that was agreed to alone is told alone.
    let claims_for_email = [("claims", r#"{"userinfo":{"email":null}}"#)];
    let back = rp.log_in(&browser, &person, &claims_for_email).await;
    let told = rp.userinfo(rp.redeem(&back.param("code").unwrap()).await.text("access_token")).await;
    assert!(told.body.get("email").is_some() && told.body.get("phone_number").is_none(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_others_open_nothing() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.person("ada@example.com").await, app.person("eve@example.com").await);
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let victim = logged_in(&rp, &ada).await;
    let tokens = rp.tokens_in(&victim, &ada, "openid offline_access").await;
    let session = claims(tokens.text("id_token"))["sid"].as_str().unwrap().to_owned();
    let evil = logged_in(&rp, &eve).await;
    let page = evil.get("/account/sessions").await;
    let (action, hidden) = page.form_to("/account/sessions/end");
    for id in [session.as_str(), "", "x", "' OR 1=1--", "00000000-0000-0000-0000-000000000000", &session.to_uppercase()]
    {
        let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.retain(|(name, _)| *name != "session");
        fields.push(("session", id));
        let answer = evil.post(&action, &fields).await;
        assert!(!answer.status.is_server_error(), "{id}: {}", answer.status);
    }
    let alive = victim.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert!(alive.param("code").is_some(), "the victim's session goes on: {}", alive.url);
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.status, 200);
    assert!(!page.body.contains(&session), "nor is it shown");
    let own = evil.get("/account/sessions").await;
    assert_eq!(own.body.matches("name=\"session\"").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_in_a_url_log_nobody_in() {
    let app = TestApp::start().await;
    app.person("ada@example.com").await;
    let browser = Browser::new(&app.base);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", "ada@example.com"), ("password", PASSWORD)])
        .finish();
    let page = browser.get(&format!("/login?{query}")).await;
    assert_eq!(browser.cookie("karat_session"), None);
    assert!(!page.body.contains(&format!("value=\"{PASSWORD}\"")));
    let form = browser.get("/login").await;
    let posted = browser.request(Method::POST, &format!("/login?{query}"));
    let posted = posted.header("sec-fetch-site", "same-origin").header("origin", &app.base).form(&form.form().1);
    browser.send(posted).await;
    assert_eq!(browser.cookie("karat_session"), None);
    try_log_in(&browser, "ada@example.com", PASSWORD).await;
    assert!(browser.cookie("karat_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_only_looks_like_anothers_is_refused() {
    let app = TestApp::start().await;
    app.person("kurt@example.com").await;
    // U+212A, the sign of the kelvin, is a k in lower case.
    for look_alike in
        ["\u{212a}urt@example.com", "\u{ff4b}urt@example.com", "kurt\u{ad}@example.com", "k\u{fc}rt@example.com"]
    {
        let page = register(&Browser::new(&app.base), look_alike, PASSWORD).await;
        assert_eq!(page.path(), "/register", "{look_alike}: {}", page.text());
        let browser = Browser::new(&app.base);
        try_log_in(&browser, look_alike, PASSWORD).await;
        assert_eq!(browser.cookie("karat_session"), None, "{look_alike}");
    }
    assert_eq!(count(&app, "SELECT COUNT(*) FROM outbox").await, 0);
    try_log_in(&Browser::new(&app.base), "KURT@Example.com", PASSWORD).await;
    assert_eq!(count(&app, "SELECT COUNT(*) FROM sessions").await, 1, "upper case is the same person");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_app_gets_nothing_for_itself() {
    let app = TestApp::start().await;
    let wallet = RelyingParty::register(&app, native_client("wallet")).await;
    let asked = wallet.post("/token", &[("grant_type", "client_credentials"), ("scope", "openid")]).await;
    assert_eq!(asked.error(), "unauthorized_client");
    for kind in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "Authorization_Code",
        "",
    ] {
        let asked = wallet
            .post("/token", &[("grant_type", kind), ("username", "ada@example.com"), ("password", PASSWORD)])
            .await;
        assert!(["unsupported_grant_type", "invalid_request"].contains(&asked.error()), "{kind}: {asked:?}");
    }
    // Even one that was registered with the grant by mistake.
    let mistaken = Client { grant_types: [GrantType::ClientCredentials].into(), ..native_client("mistaken") };
    let rp = RelyingParty::register(&app, mistaken).await;
    let asked = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", "openid")]).await;
    assert_ne!(asked.status, 200, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_comes_back_under_a_deleted_address_is_somebody_else() {
    let app = TestApp::start().await;
    let gone = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = Browser::new(&app.base);
    let tokens = rp.tokens_in(&browser, &gone, "openid offline_access").await;
    let page = browser.get("/account/delete").await;
    browser.submit(&page, &[("password", PASSWORD), ("confirm", "yes")]).await;
    assert!(app.karat.store.user(gone.id).await.unwrap().is_none());
    app.advance(1);
    let fresh = Browser::new(&app.base);
    registered(&app, &fresh, "ada@example.com", PASSWORD).await;
    try_log_in(&fresh, "ada@example.com", PASSWORD).await;
    let back = fresh.get(&rp.authorize_path(&[])).await;
    let new = rp.redeem(&back.param("code").unwrap()).await;
    assert_ne!(claims(new.text("id_token"))["sub"], gone.id.to_string());
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401);
    assert!(newest_to(&app, "ada@example.com").await.text.len() > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_cannot_fill_the_store_with_requests_that_nobody_finishes() {
    let more = "[throttle]\ninteractions_per_address = \"20 per 30m\"\n";
    let app = TestApp::start_with(Backends::SqliteAndMemory, more).await;
    let person = app.person("ada@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let browser = logged_in(&rp, &person).await;
    for _ in 0..40 {
        let page = browser.get(&rp.authorize_path(&[])).await;
        assert!(page.param("code").is_some(), "what is finished is not counted: {}", page.text());
    }
    let open = async || browser.send(browser.request(Method::GET, &rp.authorize_path(&[("prompt", "login")]))).await;
    let mut opened = Vec::new();
    for _ in 0..20 {
        opened.push(open().await.location().expect("begun"));
    }
    for header in ["", "x-forwarded-for", "forwarded", "x-real-ip"] {
        let mut request = browser.request(Method::GET, &rp.authorize_path(&[("prompt", "login")]));
        if !header.is_empty() {
            request = request.header(header, "203.0.113.9");
        }
        let refused = browser.send(request).await;
        assert_eq!((refused.status.as_u16(), refused.location()), (503, None), "{header}");
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|wait| wait > 0));
    }
    let posted = rp.http().post(app.url("/authorize")).form(&[
        ("client_id", "app"),
        ("redirect_uri", rp.redirect_uri()),
        ("response_type", "code"),
        ("scope", "openid"),
    ]);
    assert_eq!(posted.send().await.unwrap().status(), 503, "nor by POST");
    let answered = browser.send(browser.request(Method::GET, &rp.authorize_path(&[]))).await;
    let sent_to = answered.location().unwrap_or_default();
    assert!(sent_to.contains("code="), "where nothing is asked, nothing is kept: {sent_to}");
    // From elsewhere, other people log in.
    let elsewhere = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .local_address(Some("127.0.0.2".parse().unwrap()))
        .build()
        .unwrap();
    assert_eq!(elsewhere.get(app.url(&rp.authorize_path(&[]))).send().await.unwrap().status(), 303);
    // What was begun can be finished, and makes room.
    let login = browser.get(&opened[0]).await;
    let back = browser.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert!(back.param("code").is_some(), "{}: {}", back.url, back.text());
    assert_eq!(open().await.status, 303);
}
