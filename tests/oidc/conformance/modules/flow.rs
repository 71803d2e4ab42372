//! The way itself: request, log-in, code, tokens.

use jsonwebtoken::{Algorithm, decode_header};
use karat::domain::client::{Client, ClientAuthentication, SecretHash};
use karat::flow::client_auth::hash_secret;
use reqwest::Method;
use serde_json::json;

use crate::checks;
use crate::suite::{NONCE, STATE, Suite};
use crate::support::app::{SECRET, web_client};
use crate::support::relying_party::{CHALLENGE, VERIFIER, claims};
use crate::support::{Browser, RelyingParty};

pub async fn oidcc_server(suite: &Suite) {
    let (first, second) = (suite.client().await, suite.register(web_client("second")).await);
    let browser = suite.browser();
    let one = suite.pass(&first, &browser, &[]).await;
    assert_eq!(one.pages, ["/login", "/consent"]);
    let two = suite.pass(&second, &browser, &[]).await;
    assert_eq!(two.pages, ["/consent"], "the person is logged in, but the app is another");
    let again = suite.pass(&first, &browser, &[]).await;
    assert_eq!(again.pages, Vec::<String>::new());
    assert_eq!(one.id_token["sub"], two.id_token["sub"]);
    assert_ne!(one.answer.text("access_token"), again.answer.text("access_token"));
}

pub async fn oidcc_response_type_missing(suite: &Suite) {
    let rp = suite.client().await;
    let refused = suite.ask(&rp, &suite.browser(), &[("response_type", "")]).await;
    refused.error(&["unsupported_response_type", "invalid_request"]);
    for other in ["token", "id_token", "code id_token", "code token", "none"] {
        let refused = suite.ask(&rp, &suite.browser(), &[("response_type", other)]).await;
        refused.error(&["unsupported_response_type"]);
    }
    suite.pass(&rp, &suite.browser(), &[("response_type", "code")]).await;
}

/// A client that names no algorithm gets RS256.
pub async fn oidcc_idtoken_signature(suite: &Suite) {
    let rp = suite.client().await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    let id_token = tokens.answer.text("id_token");
    checks::verified(&suite.app, id_token, Algorithm::RS256, "first").await;
    let kid = decode_header(id_token).unwrap().kid;
    let keys = checks::published_keys(&suite.app).await;
    assert!(keys.keys.iter().filter(|key| key.common.key_id == kid).count() == 1);
}

/// `none` is not offered, and what is not signed is not believed.
pub async fn oidcc_idtoken_unsigned(suite: &Suite) {
    let offered = checks::discovery(&suite.app).await["id_token_signing_alg_values_supported"].clone();
    assert_eq!(offered, json!(["RS256", "ES256", "EdDSA"]));
    let rp = suite.client().await;
    let browser = suite.browser();
    let tokens = suite.pass(&rp, &browser, &[]).await;
    let signed = tokens.answer.text("id_token");
    let payload = signed.split('.').nth(1).unwrap();
    // {"alg":"none"}
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let refused = suite.ask(&rp, &browser, &[("id_token_hint", &unsigned)]).await;
    refused.error(&["invalid_request"]);
    suite.pass(&rp, &browser, &[("id_token_hint", signed)]).await;
}

pub async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite: &Suite) {
    let rp = suite.client().await;
    let without = suite.pass(&rp, &suite.browser(), &[("nonce", "")]).await;
    assert!(without.id_token.get("nonce").is_none());
    let with = suite.pass(&rp, &suite.browser(), &[]).await;
    assert_eq!(with.id_token["nonce"], NONCE);
}

/// Neither the order of the scope's values nor that of the parameters means anything.
pub async fn oidcc_alternate_happy_flow(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    let forth = suite.pass(&rp, &browser, &[("scope", "openid email profile")]).await;
    let path = suite.request(&rp, &[("scope", "profile email openid")]);
    let mut parameters: Vec<&str> = path.split_once('?').unwrap().1.split('&').collect();
    parameters.reverse();
    let (pages, page) = suite.walk(&browser, &format!("/authorize?{}", parameters.join("&"))).await;
    let back = suite.finish(&rp, suite.reply(&rp, page, pages), Some(NONCE)).await;
    assert_eq!(forth.userinfo, back.userinfo);
    assert_eq!(forth.answer.body["scope"], back.answer.body["scope"]);
    assert!(back.pages.is_empty(), "it is the same scope: {:?}", back.pages);
}

pub async fn oidcc_ensure_request_with_unknown_parameter_succeeds(suite: &Suite) {
    let rp = suite.client().await;
    suite.pass(&rp, &suite.browser(), &[("extra", "foobar"), ("another[]", "{\"a\":1}")]).await;
}

/// The app's own page posts the request: the browser sends no `SameSite=Lax` cookie with it, and the person's session
/// counts all the same once the browser has come.
pub async fn oidcc_ensure_post_request_succeeds(suite: &Suite) {
    let rp = suite.client().await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &[]).await;
    let elsewhere = Browser::new(&suite.app.base);
    let path = suite.request(&rp, &[]);
    let request = elsewhere
        .request(Method::POST, "/authorize")
        .header("origin", "https://first.test")
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(path.split_once('?').unwrap().1.to_owned());
    let posted = elsewhere.send(request).await;
    assert_eq!(posted.status, 303);
    let page = browser.follow(posted).await;
    let (pages, page) = suite.walk_on(&browser, page).await;
    assert!(pages.is_empty(), "{pages:?}");
    suite.finish(&rp, suite.reply(&rp, page, pages), Some(NONCE)).await;

    let as_json = elsewhere.request(Method::POST, "/authorize").json(&json!({ "client_id": "first" }));
    assert_eq!(elsewhere.send(as_json).await.status, 400);
}

pub async fn oidcc_server_client_secret_post(suite: &Suite) {
    let secret = vec![SecretHash(hash_secret(SECRET))];
    let client = Client { authentication: ClientAuthentication::ClientSecretPost { secret }, ..web_client("posting") };
    let posting = suite.register(client.clone()).await;
    let browser = suite.browser();
    suite.pass(&posting, &browser, &[]).await;

    // Another method than the registered one is refused, right secret or not, and the code stays good.
    let reply = suite.ask(&posting, &browser, &[]).await;
    let secret = vec![SecretHash(hash_secret(SECRET))];
    let in_header = ClientAuthentication::ClientSecretBasic { secret };
    let wrong_way = RelyingParty::of(&suite.app, Client { authentication: in_header, ..client });
    let refused = wrong_way.redeem(reply.code()).await;
    checks::error_answer(&refused, &["invalid_client"]);
    assert_eq!(refused.status, 401);
    suite.finish(&posting, reply, Some(NONCE)).await;
}

pub async fn oidcc_ensure_request_with_valid_pkce_succeeds(suite: &Suite) {
    let challenge = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let rp = suite.register(Client { require_pkce: true, ..web_client("proving") }).await;
    let browser = suite.browser();
    suite.pass(&rp, &browser, &challenge).await;

    for (verifier, codes) in [
        (None, ["invalid_grant", "invalid_request"]),
        (Some("the-wrong-verifier-of-sufficient-length-0123456789"), ["invalid_grant"; 2]),
        (Some(CHALLENGE), ["invalid_grant"; 2]),
    ] {
        let reply = suite.ask(&rp, &browser, &challenge).await;
        let mut fields =
            vec![("grant_type", "authorization_code"), ("code", reply.code()), ("redirect_uri", rp.redirect_uri())];
        fields.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        checks::error_answer(&rp.post("/token", &fields).await, &codes);
        let right = [fields[0], fields[1], fields[2], ("code_verifier", VERIFIER)];
        checks::error_answer(&rp.post("/token", &right).await, &["invalid_grant"]);
    }
    for refused in [
        [("code_challenge", ""), ("code_challenge_method", "")],
        [("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
        [("code_challenge", VERIFIER), ("code_challenge_method", "")],
        [("code_challenge", "short"), ("code_challenge_method", "S256")],
    ] {
        suite.ask(&rp, &browser, &refused).await.error(&["invalid_request"]);
    }
}

/// Refresh tokens work for the client they were given to, and the ID token tells the same log-in.
pub async fn oidcc_refresh_token(suite: &Suite) {
    let (first, second) = (suite.client().await, suite.register(web_client("second")).await);
    let browser = suite.browser();
    let asked = [("scope", "openid email offline_access"), ("prompt", "consent")];
    let tokens = suite.pass(&first, &browser, &asked).await;
    let refresh_token = tokens.answer.text("refresh_token");
    let without = suite.pass(&first, &browser, &[("scope", "openid email")]).await;
    assert!(without.answer.body.get("refresh_token").is_none(), "nobody asked for offline access");

    suite.app.advance(40);
    checks::error_answer(&second.refresh(refresh_token).await, &["invalid_grant"]);
    checks::error_answer(&first.refresh("not-a-token").await, &["invalid_grant"]);
    let refreshed = first.refresh(refresh_token).await;
    checks::token_answer(&refreshed);
    let access_token = refreshed.text("access_token");
    assert_ne!(access_token, tokens.answer.text("access_token"));
    let expected = checks::Expected { client: "first", nonce: None, access_token, alg: Algorithm::RS256 };
    let id_token = checks::id_token(&suite.app, refreshed.text("id_token"), expected).await;
    for same in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(id_token[same], tokens.id_token[same], "{same}");
    }
    assert_eq!(id_token["iat"].as_i64(), tokens.id_token["iat"].as_i64().map(|before| before + 40));
    let told = first.userinfo(access_token).await;
    assert_eq!((told.status, &told.body), (200, &tokens.userinfo));
    assert_eq!(claims(access_token)["client_id"], "first");
    assert_eq!(STATE.len(), 128);
}
