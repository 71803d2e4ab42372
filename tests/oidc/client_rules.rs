//! The rules that live on the client: how it proves who it is, algorithms, lifetimes, audience, answers, and its end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::Algorithm as Alg;
use karat::domain::client::{
    Client, ClientAuthentication, GrantType, Lifetimes, ResponseMode, ResponseModes, SecretHash,
};
use karat::domain::jose::Algorithm;
use karat::domain::time::Seconds;
use karat::flow::client_auth::hash_secret;
use serde_json::json;

use crate::checks;
use crate::suite::{Mode, NONCE, Suite};
use crate::support::RelyingParty;
use crate::support::app::{SECRET, native_client, service_client, web_client};
use crate::support::relying_party::{Answer, answer, claims};

#[tokio::test(flavor = "multi_thread")]
async fn id_tokens_are_signed_as_the_client_registered() {
    let suite = Suite::start(Mode::Query).await;
    for (registered, alg) in
        [(Algorithm::Rs256, Alg::RS256), (Algorithm::Es256, Alg::ES256), (Algorithm::EdDsa, Alg::EdDSA)]
    {
        let id = registered.as_str().to_lowercase();
        let rp = suite.register(Client { id_token_alg: registered, ..web_client(&id) }).await;
        let browser = suite.browser();
        let reply = suite.ask(&rp, &browser, &[("scope", "openid offline_access")]).await;
        let first = rp.redeem(reply.code()).await;
        let refreshed = rp.refresh(first.text("refresh_token")).await;
        for (answer, nonce) in [(&first, Some(NONCE)), (&refreshed, None)] {
            let expected = checks::Expected { client: &id, nonce, access_token: answer.text("access_token"), alg };
            checks::id_token(&suite.app, answer.text("id_token"), expected).await;
        }
        // The token is a hint as any other.
        let hint = first.text("id_token");
        suite.ask(&rp, &browser, &[("prompt", "none"), ("id_token_hint", hint)]).await.code();
    }
}

fn token_request<'a>(rp: &RelyingParty<'a>, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let grant = [("grant_type", "client_credentials")];
    rp.http().post(rp.app.url("/token")).form(&[&grant[..], fields].concat())
}

fn unauthorized(found: &Answer) {
    checks::error_answer(found, &["invalid_client"]);
    assert_eq!(found.status, 401);
    assert!(found.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
}

/// RFC 6749 section 2.3: exactly one way, the registered one.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_proves_who_it_is_by_its_registered_method_alone() {
    let suite = Suite::start(Mode::Query).await;
    let secret = || vec![SecretHash(hash_secret(SECRET))];
    let basic = suite.register(service_client("basic", "read")).await;
    let posting = Client {
        authentication: ClientAuthentication::ClientSecretPost { secret: secret() },
        ..service_client("posting", "read")
    };
    suite.register(posting).await;
    let in_header = |id: &str, secret: &str| token_request(&basic, &[]).basic_auth(id, Some(secret));
    let in_body = |id: &str, secret: &str| token_request(&basic, &[("client_id", id), ("client_secret", secret)]);

    checks::token_answer(&answer(in_header("basic", SECRET)).await);
    checks::token_answer(&answer(in_body("posting", SECRET)).await);
    let own_id = token_request(&basic, &[("client_id", "basic")]).basic_auth("basic", Some(SECRET));
    checks::token_answer(&answer(own_id).await);

    let mut refusals = Vec::new();
    for wrong in [
        in_header("posting", SECRET),
        in_body("basic", SECRET),
        in_header("basic", "wrong"),
        in_header("basic", ""),
        in_header("nobody", SECRET),
        in_body("nobody", SECRET),
        in_body("posting", "wrong"),
        token_request(&basic, &[("client_id", "basic")]),
        token_request(&basic, &[("client_id", "posting")]),
        token_request(&basic, &[]),
        token_request(&basic, &[]).bearer_auth("token"),
        token_request(&basic, &[("client_id", "basic"), ("client_assertion_type", "x"), ("client_assertion", "y")]),
    ] {
        let refused = answer(wrong).await;
        unauthorized(&refused);
        refusals.push(refused.body);
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "which part was wrong stays open: {refusals:?}");

    for contradiction in [
        token_request(&basic, &[("client_id", "other")]).basic_auth("basic", Some(SECRET)),
        token_request(&basic, &[("client_secret", SECRET)]).basic_auth("basic", Some(SECRET)),
        token_request(&basic, &[("client_id", "posting"), ("client_id", "posting"), ("client_secret", SECRET)]),
    ] {
        checks::error_answer(&answer(contradiction).await, &["invalid_request"]);
    }
}

/// RFC 6749 section 2.3.1: both are form-encoded in the header. Two secrets are live while one replaces the other.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_form_encoded_in_the_header_and_two_of_them_can_live() {
    let suite = Suite::start(Mode::Query).await;
    let odd = "p%2B /:\u{fc}&=secret-of-sufficient-length";
    let secret = vec![SecretHash(hash_secret(SECRET)), SecretHash(hash_secret(odd))];
    let client = Client {
        authentication: ClientAuthentication::ClientSecretBasic { secret },
        ..service_client("app+1", "read")
    };
    let rp = suite.register(client).await;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    for live in [SECRET, odd] {
        let pair = format!("{}:{}", encode("app+1"), encode(live));
        let request = token_request(&rp, &[]).header("authorization", format!("Basic {}", STANDARD.encode(pair)));
        checks::token_answer(&answer(request).await);
    }
    let raw = format!("{}:{odd}", encode("app+1"));
    let request = token_request(&rp, &[]).header("authorization", format!("Basic {}", STANDARD.encode(raw)));
    unauthorized(&answer(request).await);
}

/// A public client has no secret: showing one is another method, and its code is protected by PKCE alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_names_itself_and_shows_no_secret() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.register(native_client("wallet")).await;
    let page = rp.log_in(&suite.browser(), &suite.person, &[]).await;
    let code = page.param("code").unwrap();
    let with_secret =
        Client { authentication: ClientAuthentication::ClientSecretPost { secret: Vec::new() }, ..rp.client.clone() };
    unauthorized(&RelyingParty::of(&suite.app, with_secret).redeem(&code).await);
    checks::token_answer(&rp.redeem(&code).await);
    let unproven = RelyingParty::of(&suite.app, Client { require_pkce: false, ..rp.client.clone() });
    let page = unproven.log_in(&suite.browser(), &suite.person, &[]).await;
    assert_eq!(page.param("error").as_deref(), Some("invalid_request"), "no challenge: {}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn lifetimes_are_those_of_the_client() {
    let suite = Suite::start(Mode::Query).await;
    let lifetimes = Lifetimes { access_token: Some(Seconds(60)), id_token: Some(Seconds(120)), ..Lifetimes::default() };
    let rp = suite.register(Client { lifetimes, ..web_client("brief") }).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[]).await;
    assert_eq!(tokens.answer.body["expires_in"], 60);
    let lasts = |token: &serde_json::Value| token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap();
    assert_eq!(lasts(&claims(tokens.answer.text("access_token"))), 60);
    assert_eq!(lasts(&tokens.id_token), 120);
    suite.app.advance(60);
    assert_eq!(rp.userinfo(tokens.answer.text("access_token")).await.status, 401);
    let usual = suite.pass(&suite.client().await, &suite.browser(), &[]).await;
    assert_eq!((usual.answer.body["expires_in"].clone(), lasts(&usual.id_token)), (json!(300), 300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_lives_for_a_minute() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let browser = suite.browser();
    let reply = suite.ask(&rp, &browser, &[]).await;
    suite.app.advance(59);
    suite.finish(&rp, reply, Some(NONCE)).await;
    let late = suite.ask(&rp, &browser, &[]).await;
    suite.app.advance(60);
    checks::error_answer(&rp.redeem(late.code()).await, &["invalid_grant"]);
}

/// RFC 6749 sections 4.1.3 and 10.5: the code is its client's, and comes with the redirect URI it was asked with.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_bound_to_its_client_and_redirect_uri() {
    let suite = Suite::start(Mode::Query).await;
    let (rp, thief) = (suite.client().await, suite.register(web_client("second")).await);
    let browser = suite.browser();
    let reply = suite.ask(&rp, &browser, &[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", reply.code()), ("redirect_uri", rp.redirect_uri())];
    checks::error_answer(&thief.post("/token", &fields).await, &["invalid_grant"]);
    suite.finish(&rp, reply, Some(NONCE)).await;
    for other in [None, Some("https://first.test/other"), Some("https://first.test/cb?")] {
        let reply = suite.ask(&rp, &browser, &[]).await;
        let mut fields = vec![("grant_type", "authorization_code"), ("code", reply.code())];
        fields.extend(other.map(|uri| ("redirect_uri", uri)));
        checks::error_answer(&rp.post("/token", &fields).await, &["invalid_grant"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_answered_only_in_its_registered_ways() {
    let suite = Suite::start(Mode::Query).await;
    let query_only = ResponseModes([ResponseMode::Query].into());
    let rp = suite.register(Client { response_modes: query_only, ..web_client("plain") }).await;
    let refused = suite.ask(&rp, &suite.browser(), &[("response_mode", "form_post")]).await;
    refused.error(&["invalid_request"]);
    suite.pass(&rp, &suite.browser(), &[("response_mode", "query")]).await;

    let code_only = [GrantType::AuthorizationCode].into();
    let rp = suite.register(Client { grant_types: code_only, ..web_client("online") }).await;
    let tokens = suite.pass(&rp, &suite.browser(), &[("scope", "openid offline_access")]).await;
    assert_eq!(tokens.answer.text("scope"), "openid");
    assert!(tokens.answer.body.get("refresh_token").is_none());
    let service = suite.register(service_client("bot", "read")).await;
    let foreign = [("client_id", "bot"), ("redirect_uri", "https://bot.test/cb"), ("response_type", "code")];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(foreign).finish();
    suite.shown_error(&suite.browser(), &format!("/authorize?{query}")).await;
    checks::error_answer(&service.post("/token", &[("grant_type", "refresh_token")]).await, &["unauthorized_client"]);
}

/// Registered redirect URIs keep their query, and the answer is added to it (RFC 6749 section 3.1.2).
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_added_to_the_query_of_a_redirect_uri() {
    let suite = Suite::start(Mode::Query).await;
    let kind = karat::domain::redirect_uri::ApplicationType::Web;
    let uri = |text| karat::domain::redirect_uri::RedirectUri::register(text, kind).unwrap();
    let uris = vec![uri("https://first.test/cb?tenant=a%20b&x"), uri("https://first.test")];
    let rp = suite.register(Client { redirect_uris: uris, ..web_client("first") }).await;
    let browser = suite.browser();
    let (_, page) = suite.walk(&browser, &suite.request(&rp, &[])).await;
    assert!(page.url.starts_with("https://first.test/cb?tenant=a%20b&x&code="), "{}", page.url);
    checks::token_answer(&rp.redeem(&page.param("code").unwrap()).await);
    let (_, page) = suite.walk(&browser, &suite.request(&rp, &[("redirect_uri", "https://first.test")])).await;
    assert!(page.url.starts_with("https://first.test/?code="), "{}", page.url);
    suite.shown_error(&browser, &suite.request(&rp, &[("redirect_uri", "https://first.test/")])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_client_and_all_it_holds_are_dead_at_once() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite.client().await;
    let other = suite.register(Client { audience: vec!["first".into()], ..web_client("second") }).await;
    let browser = suite.browser();
    let tokens = suite.pass(&rp, &browser, &[("scope", "openid offline_access")]).await;
    let reply = suite.ask(&rp, &browser, &[]).await;
    let waiting = suite.browser();
    let login = waiting.get(&suite.request(&rp, &[])).await;
    suite.app.update_client(&Client { disabled: true, ..rp.client.clone() }).await;

    unauthorized(&rp.redeem(reply.code()).await);
    unauthorized(&rp.refresh(tokens.answer.text("refresh_token")).await);
    assert_eq!(rp.userinfo(tokens.answer.text("access_token")).await.status, 401);
    suite.shown_error(&browser, &suite.request(&rp, &[])).await;
    let (_, shown) = suite.walk_on(&waiting, login).await;
    assert!(!shown.url.contains("code="), "nor for a request that was under way: {}", shown.url);
    suite.pass(&other, &browser, &[]).await;

    suite.app.update_client(&rp.client).await;
    checks::token_answer(&rp.refresh(tokens.answer.text("refresh_token")).await);
}

/// RFC 6749 section 4.4, for a client that acts for itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_gets_tokens_for_itself_and_never_for_people() {
    let suite = Suite::start(Mode::Query).await;
    let rp = suite
        .register(Client { audience: vec!["https://api.test".into()], ..service_client("bot", "read write") })
        .await;
    let own = [("grant_type", "client_credentials")];
    let all = rp.post("/token", &own).await;
    checks::token_answer(&all);
    assert_eq!(all.text("scope"), "read write", "all that it is registered for");
    assert!(all.body.get("refresh_token").is_none() && all.body.get("id_token").is_none());
    let token = claims(all.text("access_token"));
    assert_eq!(
        (&token["sub"], &token["client_id"], &token["aud"]),
        (&json!("bot"), &json!("bot"), &json!("https://api.test"))
    );
    for personal in ["auth_time", "acr", "amr", "sid"] {
        assert!(token.get(personal).is_none(), "{token}");
    }
    let narrow = rp.post("/token", &[own[0], ("scope", "read")]).await;
    assert_eq!(narrow.text("scope"), "read");
    for wide in ["read openid", "admin", "read  write", "offline_access"] {
        checks::error_answer(&rp.post("/token", &[own[0], ("scope", wide)]).await, &["invalid_scope"]);
    }
    assert_eq!(rp.userinfo(all.text("access_token")).await.status, 401, "it is about nobody");
    assert_eq!(rp.introspect(all.text("access_token")).await.body["active"], true);
    rp.revoke(all.text("access_token")).await;
    assert!(!rp.is_active(all.text("access_token")).await && rp.is_active(narrow.text("access_token")).await);

    // Without any scope of its own the answer says none, rather than an empty one.
    let bare = suite.register(service_client("bare", "")).await;
    let answer = bare.post("/token", &own).await;
    checks::token_answer(&answer);
    assert!(answer.body.get("scope").is_none() && claims(answer.text("access_token")).get("scope").is_none());
    assert!(bare.is_active(answer.text("access_token")).await);

    // A web app may act for itself, too, when it is registered so: not with what it has of people.
    let grant_types = [GrantType::AuthorizationCode, GrantType::ClientCredentials].into();
    let scope = "openid email read".parse().unwrap();
    let both = suite.register(Client { grant_types, scope, ..web_client("both") }).await;
    assert_eq!(both.post("/token", &own).await.text("scope"), "read");
    checks::error_answer(&both.post("/token", &[own[0], ("scope", "email")]).await, &["invalid_scope"]);
}
