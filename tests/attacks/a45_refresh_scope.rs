//! A refresh never widens: not the scope, not the audience, not what the person or client may have now (RFC 6749 section 6).

use karat::domain::client::Client;

use crate::common::own_client;
use crate::support::relying_party::claims;
use crate::support::{RelyingParty, TestApp};

const FIELDS: [(&str, &str); 1] = [("grant_type", "refresh_token")];

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_wider_than_the_grant_is_refused() {
    let app = TestApp::start().await;
    let person = app.person("greta@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid email offline_access").await;
    let token = tokens.text("refresh_token");
    let with_scope =
        async |scope: &str| rp.post("/token", &[FIELDS[0], ("refresh_token", token), ("scope", scope)]).await;
    for wide in [
        "openid phone",
        "openid email offline_access profile",
        "made-up",
        "openid made-up",
        "openid  email",
        " openid",
        "openid\temail",
        "*",
        "OPENID",
        "openid\0",
    ] {
        let refused = with_scope(wide).await;
        assert_eq!((refused.status, refused.error()), (400, "invalid_scope"), "{wide:?}: {refused:?}");
    }
    let narrow = with_scope("openid").await;
    assert_eq!((narrow.status, narrow.text("scope")), (200, "openid"));
    assert!(rp.userinfo(narrow.text("access_token")).await.body.get("email").is_none());
    let empty = with_scope("").await;
    assert_eq!(empty.text("scope"), "email offline_access openid", "empty is omitted: what was granted, and no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audience_cannot_be_asked_for_at_refresh() {
    let app = TestApp::start().await;
    let person = app.person("greta@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid offline_access").await;
    let before = claims(tokens.text("access_token"))["aud"].clone();
    for name in [
        "resource",
        "audience",
        "authorization_details",
        "requested_token_type",
        "subject_token",
        "claims",
        "acr_values",
    ] {
        let fields = [FIELDS[0], ("refresh_token", tokens.text("refresh_token")), (name, "https://evil.test")];
        let answer = rp.post("/token", &fields).await;
        if answer.status == 200 {
            let token = claims(answer.text("access_token"));
            assert_eq!((&token["aud"], &token["scope"]), (&before, &"offline_access openid".into()), "{name}");
        } else {
            assert!(["invalid_target", "invalid_request"].contains(&answer.error()), "{name}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_grants_no_more_than_the_client_may_have_now() {
    let app = TestApp::start().await;
    let person = app.person("greta@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid email phone offline_access").await;
    app.update_client(&Client { scope: "openid email offline_access".parse().unwrap(), ..own_client("app") }).await;
    let told = rp.userinfo(tokens.text("access_token")).await;
    assert!(told.body.get("email").is_some() && told.body.get("phone_number").is_none(), "at once: {told:?}");
    assert_eq!(rp.introspect(tokens.text("access_token")).await.text("scope"), "email offline_access openid");
    let refreshed = rp.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("scope"), "email offline_access openid");
    app.update_client(&Client { scope: "trade:read".parse().unwrap(), ..own_client("app") }).await;
    assert_eq!(rp.refresh(refreshed.text("refresh_token")).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshed_tokens_tell_of_the_log_in_as_it_was() {
    let app = TestApp::start().await;
    let person = app.person("greta@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid offline_access").await;
    let before = claims(tokens.text("id_token"));
    app.advance(3600);
    let after = claims(rp.refresh(tokens.text("refresh_token")).await.text("id_token"));
    for name in ["sub", "aud", "iss", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 3600);
    assert!(after.get("nonce").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_the_refresh_grant_has_no_refresh_tokens_to_use() {
    use karat::domain::client::GrantType;
    let app = TestApp::start().await;
    let person = app.person("greta@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid offline_access").await;
    let without = Client { grant_types: [GrantType::AuthorizationCode].into(), ..own_client("app") };
    app.update_client(&without).await;
    assert_eq!(rp.refresh(tokens.text("refresh_token")).await.error(), "unauthorized_client");
    let now = rp.tokens(&person, "openid offline_access").await;
    assert!(now.body.get("refresh_token").is_none() && now.text("scope") == "openid", "{now:?}");
}
