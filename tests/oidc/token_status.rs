//! What a token is worth now: introspection by its client and its audience, revocation, userinfo.

use karat::domain::client::Client;
use serde_json::json;

use crate::checks;
use crate::suite::{Mode, Suite, Tokens};
use crate::support::RelyingParty;
use crate::support::app::{native_client, service_client, web_client};
use crate::support::relying_party::claims;

const OFFLINE: [(&str, &str); 1] = [("scope", "openid email offline_access")];

async fn logged_in<'a>(suite: &'a Suite, client: Client) -> (RelyingParty<'a>, Tokens) {
    let rp = suite.register(client).await;
    let tokens = suite.pass(&rp, &suite.browser(), &OFFLINE).await;
    (rp, tokens)
}

/// RFC 7662 section 2.2.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_and_the_audience_may_introspect_and_nobody_else() {
    let suite = Suite::start(Mode::Query).await;
    let api = suite.register(service_client("api", "read")).await;
    let stranger = suite.register(web_client("stranger")).await;
    let (rp, tokens) = logged_in(&suite, Client { audience: vec!["api".into()], ..web_client("first") }).await;
    let token = tokens.answer.text("access_token");
    let told = rp.introspect(token).await;
    checks::not_kept(&told);
    let own = claims(token);
    for same in ["iss", "sub", "aud", "exp", "iat", "jti", "scope", "client_id", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(told.body[same], own[same], "{same}");
    }
    assert_eq!((&told.body["active"], &told.body["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!(told.body["sub"], suite.person.id.to_string());
    checks::assert_nothing_hollow(&told.body);
    assert_eq!(api.introspect(token).await.body, told.body, "the audience hears the same");
    assert_eq!(claims(token)["aud"], json!(["api", suite.app.base]));

    let inactive = json!({ "active": false });
    for (caller, token) in [
        (&stranger, token),
        (&api, tokens.answer.text("refresh_token")),
        (&stranger, tokens.answer.text("refresh_token")),
        (&rp, tokens.answer.text("id_token")),
        (&rp, "nonsense"),
        (&rp, &format!("{token}x")),
    ] {
        let told = caller.introspect(token).await;
        assert_eq!((told.status, &told.body), (200, &inactive), "{}: {token}", caller.client.id);
    }
    let refresh_token = rp.introspect(tokens.answer.text("refresh_token")).await.body;
    assert_eq!((&refresh_token["active"], &refresh_token["client_id"]), (&json!(true), &json!("first")));
    assert_eq!(refresh_token["scope"], "email offline_access openid");

    let hinted = [("token", token), ("token_type_hint", "refresh_token")];
    assert_eq!(rp.post("/introspect", &hinted).await.body["active"], true, "a wrong hint is only a hint");
    suite.app.advance(300);
    assert_eq!(rp.introspect(token).await.body, inactive, "it has expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_cannot_introspect() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(native_client("wallet")).await;
    let tokens = rp.tokens(&suite.person, "openid").await;
    let refused = rp.introspect(tokens.text("access_token")).await;
    assert_eq!((refused.status, refused.error()), (401, "invalid_client"));
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 200);
}

/// RFC 7009 section 2.1: a refresh token takes the family along, an access token goes alone.
#[tokio::test(flavor = "multi_thread")]
async fn revocation_reaches_the_family_through_the_refresh_token_and_one_token_through_itself() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, tokens) = logged_in(&suite, web_client("first")).await;
    let (access, refresh) = (tokens.answer.text("access_token"), tokens.answer.text("refresh_token"));
    let answer = rp.revoke(access).await;
    assert_eq!(answer.status, 200);
    assert!(!rp.is_active(access).await);
    assert_eq!(rp.userinfo(access).await.error(), "invalid_token");
    assert!(rp.is_active(refresh).await);
    let refreshed = rp.refresh(refresh).await;
    checks::token_answer(&refreshed);

    assert_eq!(rp.revoke(refreshed.text("refresh_token")).await.status, 200);
    assert!(!rp.is_active(refreshed.text("access_token")).await);
    for dead in [refresh, refreshed.text("refresh_token")] {
        checks::error_answer(&rp.refresh(dead).await, &["invalid_grant"]);
    }
    for again in [access, refresh, "nonsense"] {
        assert_eq!(rp.revoke(again).await.status, 200, "revoking what is dead or unknown is no error");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_revokes_anothers_tokens() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, tokens) = logged_in(&suite, web_client("first")).await;
    let thief = suite.register(web_client("second")).await;
    for name in ["access_token", "refresh_token"] {
        let token = tokens.answer.text(name);
        assert_eq!(thief.revoke(token).await.status, 200, "it is told nothing");
        assert!(rp.is_active(token).await);
    }
    let unproven = Client { authentication: karat::domain::client::ClientAuthentication::None, ..rp.client.clone() };
    let unproven = RelyingParty::of(&suite.app, unproven);
    checks::error_answer(&unproven.revoke(tokens.answer.text("refresh_token")).await, &["invalid_client"]);
    assert!(rp.is_active(tokens.answer.text("refresh_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_revokes_its_own_tokens() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(native_client("wallet")).await;
    let tokens = rp.tokens(&suite.person, "openid offline_access").await;
    let refreshed = rp.refresh(tokens.text("refresh_token")).await;
    checks::token_answer(&refreshed);
    assert_eq!(rp.revoke(refreshed.text("refresh_token")).await.status, 200);
    checks::error_answer(&rp.refresh(refreshed.text("refresh_token")).await, &["invalid_grant"]);
    assert_eq!(rp.userinfo(refreshed.text("access_token")).await.status, 401);
}

/// RFC 9068 section 2: the access token is a JWT of its own type, which no one takes for an ID token.
#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_a_jwt_by_rfc_9068() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, tokens) = logged_in(&suite, web_client("first")).await;
    let token = tokens.answer.text("access_token");
    assert_eq!(crate::support::relying_party::header(token)["typ"], "at+jwt");
    let told = checks::verified(&suite.app, token, jsonwebtoken::Algorithm::ES256, &suite.app.base).await;
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope", "auth_time", "acr", "amr"] {
        assert!(told.get(name).is_some(), "{name}: {told}");
    }
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 300);
    assert_eq!(tokens.answer.body["expires_in"], 300);
    for personal in ["email", "name", "phone_number"] {
        assert!(told.get(personal).is_none());
    }
    suite.app.advance(299);
    assert_eq!(rp.userinfo(token).await.status, 200);
    suite.app.advance(1);
    assert_eq!(rp.userinfo(token).await.error(), "invalid_token");
}
