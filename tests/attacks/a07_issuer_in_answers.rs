//! Every answer of the authorization endpoint says exactly who gives it (RFC 9207 section 2).

use crate::support::app::web_client;
use crate::support::{Browser, PASSWORD, RelyingParty, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn every_redirected_answer_carries_the_exact_issuer() {
    let app = TestApp::start().await;
    let person = app.person("ivan@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let discovery: serde_json::Value =
        rp.http().get(app.url("/.well-known/openid-configuration")).send().await.unwrap().json().await.unwrap();
    assert_eq!(discovery["issuer"], app.base.as_str());
    assert_eq!(discovery["authorization_response_iss_parameter_supported"], true);

    let strange = Browser::new(&app.base);
    let login = strange.get(&rp.authorize_path(&[])).await;
    let consent = strange.submit(&login, &[("email", &person.email), ("password", PASSWORD)]).await;
    assert_eq!(consent.path(), "/consent");
    let denied = strange.submit(&consent, &[("decision", "deny")]).await;
    assert_eq!(denied.param("error").as_deref(), Some("access_denied"));
    let silent = strange.get(&rp.authorize_path(&[("prompt", "none")])).await;
    assert_eq!(silent.param("error").as_deref(), Some("consent_required"));
    let granted = rp.log_in(&strange, &person, &[]).await;
    assert!(granted.param("code").is_some(), "{}", granted.url);

    let mut answers = vec![denied, silent, granted];
    let fresh = Browser::new(&app.base);
    for (name, value, error) in [
        ("prompt", "none", "login_required"),
        ("scope", "phone\u{fc}", "invalid_scope"),
        ("scope", "made-up", "invalid_scope"),
        ("response_type", "id_token", "unsupported_response_type"),
        ("request", "x", "request_not_supported"),
        ("request_uri", "https://app.test/r", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("code_challenge_method", "S256", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("id_token_hint", "x.y.z", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
    ] {
        let answer = fresh.get(&rp.authorize_path(&[(name, value)])).await;
        assert_eq!(answer.param("error").as_deref(), Some(error), "{}", answer.url);
        answers.push(answer);
    }
    for answer in &answers {
        assert!(answer.url.starts_with("https://app.test/cb?"), "{}", answer.url);
        let url = url::Url::parse(&answer.url).unwrap();
        let issuers: Vec<_> =
            url.query_pairs().filter(|(name, _)| name == "iss").map(|(_, iss)| iss.into_owned()).collect();
        assert_eq!(issuers, [app.base.as_str()], "{}", answer.url);
        assert_eq!(answer.param("state").as_deref(), Some("some-state"), "{}", answer.url);
    }
    for more in
        [&[("prompt", "none"), ("response_mode", "form_post")], &[("scope", "x\"y"), ("response_mode", "form_post")]]
    {
        let (_, fields) = fresh.get(&rp.authorize_path(more)).await.form();
        assert!(fields.contains(&("iss".to_owned(), app.base.clone())), "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_cannot_choose_the_issuer_of_its_answer() {
    let app = TestApp::start().await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let answer =
        Browser::new(&app.base).get(&rp.authorize_path(&[("prompt", "none"), ("iss", "https://evil.test")])).await;
    let url = url::Url::parse(&answer.url).unwrap();
    let issuers: Vec<_> =
        url.query_pairs().filter(|(name, _)| name == "iss").map(|(_, iss)| iss.into_owned()).collect();
    assert_eq!(issuers, [app.base.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_deployments_have_two_issuers_and_neither_takes_the_others_tokens() {
    let (one, other) = (TestApp::start().await, TestApp::start().await);
    let person = one.person("ivan@example.com").await;
    let rp = RelyingParty::register(&one, web_client("app")).await;
    let there = RelyingParty::register(&other, web_client("app")).await;
    assert_ne!(one.base, other.base);
    let tokens = rp.tokens(&person, "openid offline_access").await;
    for name in ["access_token", "refresh_token"] {
        assert!(rp.is_active(tokens.text(name)).await);
        assert!(!there.is_active(tokens.text(name)).await);
    }
    assert_eq!(there.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(there.refresh(tokens.text("refresh_token")).await.error(), "invalid_grant");
}
