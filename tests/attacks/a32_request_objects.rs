//! Signed requests that prove nothing, or that were signed for something else (RFC 9101 section 10, RFC 8725). Threats 8, 19, 30
//! to 32.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use karat::domain::client::{AssertionAudience, Client, ClientAuthentication, ClientKeys};
use karat::domain::jose::{Algorithm, AssertionAlgorithm};
use karat::domain::request_objects::RequestObjects;
use serde_json::{Value, json};

use crate::common::{assert_error_page, assert_returned, at_once};
use crate::signed_requests::{BACK, accepted, shown};
use crate::support::app::{service_client, web_client};
use crate::support::client_key::{assertion_claims, post_with};
use crate::support::request_object::{bare_path, bound_to_sign, request_claims, request_claims_with, signing};
use crate::support::{Backends, Browser, ClientKey, RelyingParty, TestApp};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_client_did_not_sign_is_refused() {
    let app = TestApp::start().await;
    let (key, rsa, attacker) =
        (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Rs256), ClientKey::new(Algorithm::Es256));
    let rp = RelyingParty::register(&app, signing("app", &key, RequestObjects::default())).await;
    let claims = request_claims(&rp);
    let mut forged = vec![
        ("another's key".to_owned(), attacker.sign(&claims)),
        ("another's key of another kind".to_owned(), rsa.sign(&claims)),
        ("no JWT".to_owned(), "x".to_owned()),
        ("encrypted".to_owned(), format!("{}.AA.AA.AA.AA", part(&json!({ "alg": "RSA-OAEP", "enc": "A256GCM" })))),
        ("too long".to_owned(), key.sign(&request_claims_with(&rp, &json!({ "x": "x".repeat(16_000) })))),
    ];
    for alg in ["none", "None", "NONE", "nOnE"] {
        forged.push((format!("alg {alg}"), format!("{}.{}.", part(&json!({ "alg": alg })), part(&claims))));
    }
    let jwk = key.jwk();
    for secret in [jwk.to_string(), jwk["x"].as_str().unwrap().to_owned()] {
        let mac = EncodingKey::from_secret(secret.as_bytes());
        let token = jsonwebtoken::encode(&Header::new(jsonwebtoken::Algorithm::HS256), &claims, &mac).unwrap();
        forged.push(("a MAC under the public key".to_owned(), token));
    }
    let good = key.sign(&claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let head = message.split('.').next().unwrap();
    let bent = part(&request_claims_with(&rp, &json!({ "scope": "openid email" })));
    forged.push(("bent".to_owned(), format!("{head}.{bent}.{signature}")));
    forged.push(("no signature".to_owned(), format!("{message}.")));
    forged.push(("r = s = 0".to_owned(), format!("{message}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64]))));
    forged.push(("an RSA name on an elliptic key".to_owned(), {
        format!("{}.{}.{signature}", part(&json!({ "alg": "RS256", "kid": jwk["kid"] })), part(&claims))
    }));
    let own_key = Header { jwk: serde_json::from_value(attacker.jwk()).unwrap(), ..Header::new(attacker.algorithm()) };
    let link = Header { jku: Some("https://evil.test/jwks".to_owned()), ..Header::new(attacker.algorithm()) };
    let known = Header { kid: jwk["kid"].as_str().map(str::to_owned), ..Header::new(attacker.algorithm()) };
    for (case, header) in [("its own key", own_key), ("a link to its key", link), ("a known name", known)] {
        forged.push((case.to_owned(), attacker.sign_with(&header, &claims)));
    }
    for typ in ["client-authentication+jwt", "at+jwt", "logout+jwt", "dpop+jwt"] {
        let header = Header { typ: Some(typ.to_owned()), ..Header::new(key.algorithm()) };
        forged.push((format!("of the type {typ}"), key.sign_with(&header, &claims)));
    }
    for (case, object) in &forged {
        let page = shown(&rp, "request", object).await;
        assert_eq!(page.param("error").as_deref(), Some("invalid_request_object"), "{case}: {}", page.url);
        assert_returned(&page, BACK, "invalid_request_object");
        // Where nothing beside it says where the app is, the person reads it.
        assert_error_page(&Browser::new(&app.base).get(&bare_path(&rp, &[("request", object)])).await, case);
        let lured = rp.authorize_path(&[("request", object), ("redirect_uri", "https://evil.test/cb")]);
        assert_error_page(&Browser::new(&app.base).get(&lured).await, case);
    }
    accepted(&shown(&rp, "request", &good).await, "signed");
    for typ in ["oauth-authz-req+jwt", "application/OAuth-AuthZ-Req+JWT", "JWT"] {
        let header = Header { typ: Some(typ.to_owned()), ..Header::new(key.algorithm()) };
        accepted(&shown(&rp, "request", &key.sign_with(&header, &claims)).await, typ);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_says_who_asks_whom_and_when() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, signing("app", &key, RequestObjects::default())).await;
    // One house, one key, two apps.
    RelyingParty::register(&app, signing("other", &key, RequestObjects::default())).await;
    let now = app.clock_now().unix();
    let show = async |more: &Value| shown(&rp, "request", &key.sign(&request_claims_with(&rp, more))).await;
    for bad in [
        json!({ "client_id": "other", "iss": "other" }),
        json!({ "client_id": "other" }),
        json!({ "client_id": ["app"] }),
        json!({ "iss": "other" }),
        json!({ "iss": null, "client_id": null }),
        json!({ "sub": "app" }),
        json!({ "aud": "https://other.test" }),
        json!({ "aud": ["https://other.test"] }),
        json!({ "aud": [] }),
        json!({ "aud": app.url("/token") }),
        json!({ "aud": 7 }),
        json!({ "exp": now - 60 }),
        json!({ "exp": "tomorrow" }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": now + 61 }),
        json!({ "nbf": "now" }),
        json!({ "iat": now + 61 }),
        json!({ "request": "e30.e30.AAAA" }),
        json!({ "request_uri": "https://app.test/request.jwt" }),
        json!({ "request_uri": "" }),
        json!({ "response_type": "token" }),
        json!({ "response_type": ["code"] }),
        json!({ "scope": ["openid"] }),
        json!({ "prompt": true }),
        json!({ "jti": 7 }),
        json!({ "jti": "" }),
        json!({ "jti": "a", "exp": null }),
        json!({ "jti": "a", "exp": now + 86_400 }),
    ] {
        let page = show(&bad).await;
        assert_eq!(page.param("error").as_deref(), Some("invalid_request_object"), "{bad}: {}", page.url);
        assert_returned(&page, BACK, "invalid_request_object");
    }
    for good in [
        json!({}),
        json!({ "iss": null }),
        json!({ "client_id": null }),
        json!({ "sub": "somebody" }),
        json!({ "aud": null }),
        json!({ "aud": ["https://other.test", app.base] }),
        json!({ "exp": null, "nbf": null }),
        json!({ "exp": now + 365 * 86_400 }),
        json!({ "exp": now - 8 }),
        json!({ "nbf": now + 8, "iat": now + 8 }),
        json!({ "jti": "a", "exp": now + 3_600 }),
    ] {
        accepted(&show(&good).await, &good.to_string());
    }
    // What is signed is judged as everything that is asked.
    for (bad, error) in [
        (json!({ "scope": "made-up" }), "invalid_scope"),
        (json!({ "registration": {} }), "registration_not_supported"),
        (json!({ "max_age": -1 }), "invalid_request"),
        (json!({ "claims": "[]" }), "invalid_request"),
        (json!({ "prompt": "none" }), "login_required"),
        (json!({ "response_mode": "fragment" }), "invalid_request"),
    ] {
        let page = show(&bad).await;
        assert_returned(&page, BACK, error);
        assert_eq!(page.param("state").as_deref(), Some("a-signed-state"), "{}", page.url);
    }
    // Threat 8: no other response type, signed or not.
    let token = key.sign(&request_claims_with(&rp, &json!({ "response_type": "token" })));
    let alone = bare_path(&rp, &[("request", &token)]);
    assert_returned(&Browser::new(&app.base).get(&alone).await, BACK, "unsupported_response_type");
    // Threats 1 and 3: an address that is not the client's is none because it is signed.
    for uri in ["https://evil.test/cb", "https://app.test/cb/x", "javascript:alert(1)"] {
        assert_error_page(&show(&json!({ "redirect_uri": uri })).await, uri);
    }
    for twice in ["request", "state", "client_id"] {
        let object = key.sign(&request_claims(&rp));
        let path = format!("{}&{twice}=x", rp.authorize_path(&[("request", &object)]));
        let page = Browser::new(&app.base).get(&path).await;
        assert!(page.status.is_client_error() || page.param("error").as_deref() == Some("invalid_request"), "{twice}");
    }
    let both =
        rp.authorize_path(&[("request", &key.sign(&request_claims(&rp))), ("request_uri", "https://app.test/r")]);
    assert_returned(&Browser::new(&app.base).get(&both).await, BACK, "invalid_request");
}

/// FAPI 2.0 Message Signing section 5.3.1, for clients that sign every request.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_to_sign_signs_for_us_and_for_now() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, signing("app", &key, bound_to_sign())).await;
    let now = app.clock_now().unix();
    let show = async |more: &Value| shown(&rp, "request", &key.sign(&request_claims_with(&rp, more))).await;
    for bad in [
        json!({ "exp": null }),
        json!({ "nbf": null }),
        json!({ "aud": null }),
        json!({ "exp": now + 70 * 60 }),
        json!({ "nbf": now - 70 * 60, "exp": now + 60 }),
        json!({ "nbf": now - 61 * 60, "exp": now - 60 }),
    ] {
        let page = show(&bad).await;
        assert_eq!(page.param("error").as_deref(), Some("invalid_request_object"), "{bad}: {}", page.url);
    }
    for good in [json!({}), json!({ "nbf": now + 8 }), json!({ "nbf": now - 59 * 60, "exp": now + 30 })] {
        accepted(&show(&good).await, &good.to_string());
    }
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none" })), part(&request_claims(&rp)));
    assert_returned(&shown(&rp, "request", &unsigned).await, BACK, "invalid_request_object");
    for plain in [&[][..], &[("prompt", "none")], &[("registration", "{}")]] {
        assert_returned(&Browser::new(&app.base).get(&rp.authorize_path(plain)).await, BACK, "invalid_request");
    }
    // Still so after a change of something else.
    app.update_client(&Client { name: "Renamed".to_owned(), ..rp.client.clone() }).await;
    assert_returned(&Browser::new(&app.base).get(&rp.authorize_path(&[])).await, BACK, "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_algorithm_is_the_only_one_that_requests_are_signed_with() {
    let app = TestApp::start().await;
    let (elliptic, rsa) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Rs256));
    let objects = RequestObjects { algorithm: Some(AssertionAlgorithm::Es256), ..RequestObjects::default() };
    let keys = json!({ "keys": [elliptic.jwk(), rsa.jwk()] });
    let client = Client { keys: Some(ClientKeys::Set(keys)), ..signing("app", &elliptic, objects) };
    let rp = RelyingParty::register(&app, client.clone()).await;
    let claims = request_claims(&rp);
    assert_returned(&shown(&rp, "request", &rsa.sign(&claims)).await, BACK, "invalid_request_object");
    accepted(&shown(&rp, "request", &elliptic.sign(&claims)).await, "the registered one");
    app.update_client(&Client { request_objects: RequestObjects::default(), ..client }).await;
    accepted(&shown(&rp, "request", &rsa.sign(&claims)).await, "any of its keys");
}

/// RFC 9101 section 10.8: the same keys sign both.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_assertion_is_no_request_and_a_signed_request_proves_no_client() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    let proven = ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Endpoint };
    let rp = RelyingParty::register(
        &app,
        Client { authentication: proven.clone(), ..signing("app", &key, RequestObjects::default()) },
    )
    .await;
    let keys = Some(ClientKeys::Set(key.set()));
    app.add_client(&Client { authentication: proven, keys, ..service_client("bot", "read") }).await;

    let mut assertion = assertion_claims(&app, "app");
    assertion["aud"] = json!(app.base);
    for header in [None, Some("client-authentication+jwt")] {
        let header = Header { typ: header.map(str::to_owned), ..Header::new(key.algorithm()) };
        let page = shown(&rp, "request", &key.sign_with(&header, &assertion)).await;
        assert_returned(&page, BACK, "invalid_request_object");
    }
    // The same, without what makes it an assertion.
    assertion.as_object_mut().unwrap().remove("sub");
    accepted(
        &shown(&rp, "request", &key.sign(&assertion)).await,
        "a request that leaves everything to what is beside it",
    );

    let fields = [("grant_type", "client_credentials")];
    let now = app.clock_now().unix();
    let mut request = json!({ "iss": "bot", "client_id": "bot", "aud": app.base, "exp": now + 60, "jti": "r-1" });
    for typ in [None, Some("JWT"), Some("oauth-authz-req+jwt")] {
        let header = Header { typ: typ.map(str::to_owned), ..Header::new(key.algorithm()) };
        let found = post_with(&app, "/token", &key.sign_with(&header, &request), &fields).await;
        assert_eq!((found.status, found.error()), (401, "invalid_client"), "{typ:?}: {found:?}");
    }
    // Nor when it says what an assertion says, but also that it is a request.
    request["sub"] = json!("bot");
    let header = Header { typ: Some("oauth-authz-req+jwt".to_owned()), ..Header::new(key.algorithm()) };
    let found = post_with(&app, "/token", &key.sign_with(&header, &request), &fields).await;
    assert_eq!((found.status, found.error()), (401, "invalid_client"), "{found:?}");
    assert_eq!(post_with(&app, "/token", &key.sign(&request), &fields).await.status, 200);
}

async fn a_jti_counts_once(backends: Backends) {
    let app = TestApp::start_with(backends, "").await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, signing("app", &key, RequestObjects::default())).await;
    let others = RelyingParty::register(&app, signing("other", &key, RequestObjects::default())).await;
    let named = json!({ "jti": "once" });
    let object = key.sign(&request_claims_with(&rp, &named));
    let forged = ClientKey::new(Algorithm::Es256).sign(&request_claims_with(&rp, &named));
    assert_returned(&shown(&rp, "request", &forged).await, BACK, "invalid_request_object");
    let pages = at_once((0..10).map(|_| shown(&rp, "request", &object))).await;
    assert_eq!(pages.iter().filter(|page| page.path() == "/login").count(), 1);
    for page in pages.iter().filter(|page| page.path() != "/login") {
        assert_returned(page, BACK, "invalid_request_object");
    }
    assert_returned(&shown(&rp, "request", &object).await, BACK, "invalid_request_object");
    accepted(&shown(&others, "request", &key.sign(&request_claims_with(&others, &named))).await, "another client's");
    let unnamed = key.sign(&request_claims(&rp));
    for _ in 0..2 {
        accepted(&shown(&rp, "request", &unnamed).await, "without a name, a page that is loaded again asks again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_with_a_jti_counts_once_however_many_show_it() {
    a_jti_counts_once(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_with_a_jti_counts_once_however_many_show_it_on_postgres_and_redis() {
    a_jti_counts_once(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_keys_or_places_is_told_that_this_is_not_for_it() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, web_client("app")).await;
    let object = key.sign(&request_claims(&rp));
    assert_returned(&shown(&rp, "request", &object).await, BACK, "request_not_supported");
    let uri = "https://app.test/request.jwt";
    assert_returned(&shown(&rp, "request_uri", uri).await, BACK, "request_uri_not_supported");
    app.update_client(&signing("app", &key, RequestObjects::default())).await;
    assert_returned(&shown(&rp, "request_uri", uri).await, BACK, "request_uri_not_supported");
    accepted(&shown(&rp, "request", &object).await, "with keys");
}
