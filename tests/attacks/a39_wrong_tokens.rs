//! What is not a live access token of this issuer for this audience opens nothing (RFC 9068 section 4, RFC 8725 section 3).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use karat::domain::client::Client;
use karat::domain::jose::Algorithm;
use serde_json::{Value, json};

use crate::common::own_client;
use crate::support::app::{service_client, web_client};
use crate::support::relying_party::{answer, claims, header};
use crate::support::{RelyingParty, TestApp};

/// Makes right claims wrong.
type Spoil<'a> = &'a dyn Fn(&mut Value);

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The same payload under another header, with the signature it had.
fn with_header(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut changed = header(token);
    change(&mut changed);
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", part(&changed))
}

fn with_claims(token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut changed = claims(token);
    change(&mut changed);
    let mut parts = token.split('.');
    let (head, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    format!("{head}.{}.{signature}", part(&changed))
}

async fn assert_worthless(rp: &RelyingParty<'_>, token: &str, what: &str) {
    let told = rp.userinfo(token).await;
    assert_eq!((told.status, told.error()), (401, "invalid_token"), "{what}: {told:?}");
    assert!(told.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"), "{what}");
    let introspected = rp.introspect(token).await;
    assert_eq!(introspected.status, 200, "{what}");
    assert_eq!(introspected.body, json!({"active": false}), "{what}: nothing more is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_access_token_is_an_access_token() {
    let app = TestApp::start().await;
    let person = app.person("anna@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid email offline_access").await;
    let access = tokens.text("access_token");
    let refresh = rp.userinfo(tokens.text("refresh_token")).await;
    assert_eq!((refresh.status, refresh.error()), (401, "invalid_token"));
    assert_worthless(&rp, tokens.text("id_token"), "an ID token").await;

    let ring = app.karat.keys.ring();
    let body = claims(access);
    for typ in ["JWT", "logout+jwt", "oauth-authz-req+jwt", "dpop+jwt", "at+jwt2", "", "token-introspection+jwt"] {
        let token = ring.sign(Algorithm::Es256, typ, &body).unwrap();
        assert_worthless(&rp, &token, typ).await;
    }
    let logout = json!({
        "iss": app.base, "aud": "app", "sub": person.id.to_string(), "iat": app.clock_now().unix(),
        "exp": app.clock_now().unix() + 120, "jti": "x",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    assert_worthless(&rp, &ring.sign(Algorithm::Rs256, "logout+jwt", &logout).unwrap(), "a logout token").await;
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let token = ring.sign(Algorithm::Es256, typ, &body).unwrap();
        assert_eq!(rp.userinfo(&token).await.status, 200, "the twin of type {typ}");
    }
    assert_eq!(rp.userinfo(access).await.text("email"), "anna@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_or_altered_token_is_worthless() {
    let app = TestApp::start().await;
    let person = app.person("anna@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid email").await;
    let access = tokens.text("access_token").to_owned();
    let (head, payload) = (header(&access), claims(&access));
    let jwks: Value = rp.http().get(app.url("/jwks")).send().await.unwrap().json().await.unwrap();
    let stranger = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();

    let mut forged = vec![
        (
            "alg none",
            format!("{}.{}.", part(&json!({"alg": "none", "typ": "at+jwt", "kid": head["kid"]})), part(&payload)),
        ),
        ("alg None", with_header(&access, |it| it["alg"] = json!("None"))),
        ("alg RS256 over an ES256 key", with_header(&access, |it| it["alg"] = json!("RS256"))),
        ("an unknown key", with_header(&access, |it| it["kid"] = json!("unknown"))),
        ("no key", with_header(&access, |it| drop(it.as_object_mut().unwrap().remove("kid")))),
        ("a key as a path", with_header(&access, |it| it["kid"] = json!("../../dev/null"))),
        ("a key as SQL", with_header(&access, |it| it["kid"] = json!("' OR 1=1--"))),
        ("a key brought along", with_header(&access, |it| it["jwk"] = jwks["keys"][0].clone())),
        ("a key from elsewhere", with_header(&access, |it| it["jku"] = json!("http://127.0.0.1:9/jwks"))),
        ("critical extensions", with_header(&access, |it| it["crit"] = json!(["exp"]))),
        ("unencoded payload", with_header(&access, |it| it["b64"] = json!(false))),
        ("compression", with_header(&access, |it| it["zip"] = json!("DEF"))),
        ("another person", with_claims(&access, |it| it["sub"] = json!("0190163d-8694-739b-aea5-966c26f8ad91"))),
        ("a wider scope", with_claims(&access, |it| it["scope"] = json!("openid email phone"))),
        ("a longer life", with_claims(&access, |it| it["exp"] = json!(i64::MAX))),
        ("no signature", access.rsplit_once('.').map(|(message, _)| format!("{message}.")).unwrap()),
        ("no third part", access.rsplit_once('.').unwrap().0.to_owned()),
        ("a fourth part", format!("{access}.x")),
        ("a zero signature", format!("{}.{}", access.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode([0; 64]))),
        ("padding", format!("{access}=")),
        ("a space inside", access.replacen('.', ". ", 1)),
        ("nothing but dots", "..".to_owned()),
        ("a huge token", format!("{access}{}", "A".repeat(20_000))),
    ];
    for (what, kid) in [("another key under our name", head["kid"].clone()), ("another key", json!("own"))] {
        let message = format!("{}.{}", part(&json!({"alg": "ES256", "typ": "at+jwt", "kid": kid})), part(&payload));
        let signature = stranger.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        forged.push((what, format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))));
    }
    for (what, token) in &forged {
        assert_worthless(&rp, token, what).await;
    }
    assert_eq!(rp.userinfo(&access).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_another_audience_or_issuer_or_time_is_worthless_at_userinfo() {
    let app = TestApp::start().await;
    let person = app.person("anna@example.com").await;
    let rp = RelyingParty::register(&app, own_client("app")).await;
    let tokens = rp.tokens(&person, "openid email").await;
    let payload = claims(tokens.text("access_token"));
    let ring = app.karat.keys.ring();
    let sign = |change: &dyn Fn(&mut Value)| {
        let mut changed = payload.clone();
        change(&mut changed);
        ring.sign(Algorithm::Es256, "at+jwt", &changed).unwrap()
    };
    let now = app.clock_now().unix();
    let wrong: &[(&str, Spoil<'_>)] = &[
        ("another audience", &|it| it["aud"] = json!("https://api.test")),
        ("other audiences", &|it| it["aud"] = json!(["https://api.test", "app"])),
        ("no audience", &|it| drop(it.as_object_mut().unwrap().remove("aud"))),
        ("an issuer with a slash", &|it| it["iss"] = json!(format!("{}/", app.base))),
        ("another issuer", &|it| it["iss"] = json!("https://evil.test")),
        ("no issuer", &|it| drop(it.as_object_mut().unwrap().remove("iss"))),
        ("an expired one", &|it| it["exp"] = json!(now)),
        ("one without an end", &|it| drop(it.as_object_mut().unwrap().remove("exp"))),
        ("an end as text", &|it| it["exp"] = json!("9999999999")),
        ("one of the future", &|it| it["iat"] = json!(now + 3600)),
        ("not yet", &|it| it["nbf"] = json!(now + 3600)),
        ("an unknown grant", &|it| it["grant_id"] = json!("0190163d-8694-739b-aea5-966c26f8ad91")),
        ("an unknown client", &|it| it["client_id"] = json!("nobody")),
    ];
    for (what, change) in wrong {
        let told = rp.userinfo(&sign(change)).await;
        assert_eq!(told.status, 401, "{what}: {told:?}");
    }
    assert_eq!(rp.userinfo(&sign(&|_| {})).await.status, 200);
    app.advance(301);
    assert_eq!(rp.userinfo(tokens.text("access_token")).await.status, 401, "five minutes later");
    assert!(!rp.is_active(tokens.text("access_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_an_api_alone_or_of_a_service_tells_nothing_about_people() {
    let app = TestApp::start().await;
    let person = app.person("anna@example.com").await;
    let scope = "openid email shop:read".parse().unwrap();
    let client = Client { audience: vec!["https://api.test".to_owned()], scope, ..own_client("app") };
    let rp = RelyingParty::register(&app, client).await;
    let for_api = rp.tokens(&person, "shop:read").await;
    assert_eq!(claims(for_api.text("access_token"))["aud"], "https://api.test");
    assert_eq!(rp.userinfo(for_api.text("access_token")).await.status, 401);
    let for_both = rp.tokens(&person, "openid shop:read").await;
    assert_eq!(rp.userinfo(for_both.text("access_token")).await.status, 200);

    let bot = RelyingParty::register(&app, service_client("bot", "shop:read openid")).await;
    let of_service = bot.post("/token", &[("grant_type", "client_credentials"), ("scope", "shop:read")]).await;
    assert_eq!(bot.userinfo(of_service.text("access_token")).await.status, 401);
    assert!(bot.is_active(of_service.text("access_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_in_one_way_and_never_in_the_query() {
    let app = TestApp::start().await;
    let person = app.person("anna@example.com").await;
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let tokens = rp.tokens(&person, "openid").await;
    let token = tokens.text("access_token");
    let at = app.url("/userinfo");
    let form = [("access_token", token)];
    for (what, request, status) in [
        ("in the query", rp.http().get(format!("{at}?access_token={token}")), 401),
        ("in the query of a POST", rp.http().post(format!("{at}?access_token={token}")), 401),
        ("in header and form", rp.http().post(&at).bearer_auth(token).form(&form), 400),
        ("twice in the form", rp.http().post(&at).form(&[("access_token", token), ("access_token", token)]), 401),
        ("two headers", rp.http().get(&at).bearer_auth(token).header("authorization", format!("Bearer {token}")), 400),
        ("as Basic", rp.http().get(&at).basic_auth(token, Some("")), 400),
        ("as DPoP", rp.http().get(&at).header("authorization", format!("DPoP {token}")), 400),
        ("bare", rp.http().get(&at).header("authorization", token), 400),
        ("in a cookie", rp.http().get(&at).header("cookie", format!("access_token={token}")), 401),
        ("in a GET body", rp.http().get(&at).form(&form), 401),
        ("as JSON", rp.http().post(&at).json(&json!({"access_token": token})), 401),
        (
            "two tokens in one header",
            rp.http().get(&at).header("authorization", format!("Bearer {token}, Bearer {token}")),
            401,
        ),
    ] {
        let refused = answer(request).await;
        assert_eq!(refused.status, status, "{what}: {refused:?}");
        assert!(refused.body.get("sub").is_none(), "{what}");
    }
    assert_eq!(answer(rp.http().post(&at).form(&form)).await.status, 200);
    assert_eq!(answer(rp.http().get(&at).bearer_auth(token)).await.status, 200);
    assert_eq!(answer(rp.http().post(&at).bearer_auth(token)).await.status, 200);
}
