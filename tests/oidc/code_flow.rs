//! The whole way: a browser is sent, a person logs in and agrees, the app gets tokens that work.

use reqwest::Method;

use crate::support::app::{native_client, service_client, web_client};
use crate::support::relying_party::claims;
use crate::support::{Backends, Browser, RelyingParty, TestApp};

async fn a_person_logs_in_for_an_app(backends: Backends) {
    let app = TestApp::on(backends).await;
    let person = app.person("erika@example.com").await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;

    let browser = Browser::new(&app.base);
    let scope = "openid profile email offline_access";
    let login = browser.get(&rp.authorize_path(&[("scope", scope), ("nonce", "n-1")])).await;
    assert_eq!(login.path(), "/login");
    assert!(login.text().contains("The trading app"), "{}", login.text());
    let back = rp.go_through(&browser, login, &person).await;
    assert!(back.url.starts_with("https://trading.test/cb?code="), "{}: {}", back.url, back.text());
    assert_eq!(back.param("state").as_deref(), Some("some-state"));
    assert_eq!(back.param("iss").as_deref(), Some(app.base.as_str()));

    let tokens = rp.redeem(&back.param("code").unwrap()).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    let id_token = claims(tokens.text("id_token"));
    assert_eq!(id_token["sub"], person.id.to_string());
    assert_eq!((&id_token["nonce"], &id_token["aud"]), (&"n-1".into(), &"trading".into()));
    let info = rp.userinfo(tokens.text("access_token")).await;
    assert_eq!((info.status, info.text("email")), (200, "erika@example.com"), "{info:?}");
    assert_eq!(info.text("sub"), person.id.to_string());
    assert!(rp.is_active(tokens.text("access_token")).await);

    let again = rp.refresh(tokens.text("refresh_token")).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert!(rp.is_active(again.text("access_token")).await);
    let revoked = rp.revoke(again.text("refresh_token")).await;
    assert_eq!(revoked.status, 200);
    assert_eq!(rp.refresh(again.text("refresh_token")).await.error(), "invalid_grant");
    assert!(!rp.is_active(again.text("access_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_for_an_app_on_sqlite_and_memory() {
    a_person_logs_in_for_an_app(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_for_an_app_on_postgres_and_redis() {
    a_person_logs_in_for_an_app(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_nothing_to_answer_is_sent_back_at_once() {
    let app = TestApp::start().await;
    let person = app.person("erika@example.com").await;
    let rp = RelyingParty::register(&app, web_client("trading")).await;
    let browser = Browser::new(&app.base);
    let start = rp.authorize_path(&[("nonce", "n-1")]);
    let first = browser.send(browser.request(Method::GET, &start)).await;
    assert!(first.location().unwrap().starts_with("/authorize/"), "there is somebody to ask: {:?}", first.location());
    rp.go_through(&browser, browser.follow(first).await, &person).await;

    let again = browser.send(browser.request(Method::GET, &start)).await;
    let back = browser.follow(again).await;
    assert!(back.url.starts_with("https://trading.test/cb?code="), "{}", back.url);
    assert_eq!(back.param("state").as_deref(), Some("some-state"));
    let tokens = rp.redeem(&back.param("code").unwrap()).await;
    assert_eq!(claims(tokens.text("id_token"))["nonce"], "n-1");
    assert_eq!(rp.redeem(&back.param("code").unwrap()).await.error(), "invalid_grant", "a code works once");

    // Whoever is to be asked is asked, session or not.
    for more in [("prompt", "login"), ("prompt", "consent"), ("scope", "openid email")] {
        let asked = browser.send(browser.request(Method::GET, &rp.authorize_path(&[more]))).await;
        assert!(asked.location().unwrap().starts_with("/authorize/"), "{more:?}: {:?}", asked.location());
    }
    // Another browser has no session.
    let stranger = Browser::new(&app.base).get(&start).await;
    assert_eq!(stranger.path(), "/login");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_app_logs_in_with_pkce() {
    let app = TestApp::start().await;
    let person = app.person("wanda@example.com").await;
    let rp = RelyingParty::register(&app, native_client("wallet")).await;
    let tokens = rp.tokens(&person, "openid email").await;
    assert!(tokens.body.get("refresh_token").is_none());
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.text("email"), "wanda@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_gets_a_token_for_itself() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, service_client("bot", "trade:read wallet:read")).await;
    let answer = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", "trade:read")]).await;
    assert_eq!((answer.status, answer.text("scope")), (200, "trade:read"), "{answer:?}");
    assert_eq!(claims(answer.text("access_token"))["sub"], "bot");
    assert!(rp.is_active(answer.text("access_token")).await);
    let wide = rp.post("/token", &[("grant_type", "client_credentials"), ("scope", "trade:spot")]).await;
    assert_eq!(wide.error(), "invalid_scope");
}
