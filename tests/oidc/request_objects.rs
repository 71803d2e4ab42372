//! Requests that an app signs (RFC 9101, OpenID Connect Core section 6), from the object to the tokens.

use karat::domain::client::{Client, ClientKeys};
use karat::domain::jose::{Algorithm, AssertionAlgorithm};
use karat::domain::request_objects::RequestObjects;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::relying_party::{CHALLENGE, claims};
use crate::support::request_object::{
    NONCE, STATE, bare_path, bound_to_sign, request_claims, request_claims_with, signing,
};
use crate::support::{Backends, Browser, ClientKey, Person, Publisher, RelyingParty, TestApp};

async fn code_at(rp: &RelyingParty<'_>, person: &Person, path: &str) -> (String, Option<String>) {
    let browser = Browser::new(&rp.app.base);
    let page = browser.get(path).await;
    let page = rp.go_through(&browser, page, person).await;
    assert!(page.url.starts_with(rp.redirect_uri()), "{}: {}", page.url, page.text());
    let code = page.param("code").unwrap_or_else(|| panic!("no code at {}", page.url));
    (code, page.param("state"))
}

/// Everything that the request says stands in the object alone.
async fn a_request_that_was_signed_is_a_request(backends: Backends) {
    let app = TestApp::start_with(backends, "").await;
    let person = app.person("erika@example.com").await;
    for kind in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        let key = ClientKey::new(kind);
        let id = format!("signs-{}", kind.as_str().to_lowercase());
        let algorithm = AssertionAlgorithm::parse(kind.as_str());
        let objects = RequestObjects { algorithm, ..RequestObjects::default() };
        let client = Client { require_pkce: true, ..signing(&id, &key, objects) };
        let rp = RelyingParty::register(&app, client).await;
        let claims_asked = json!({ "userinfo": { "name": { "essential": true } } });
        let whole = request_claims_with(
            &rp,
            &json!({
                "scope": "openid email", "max_age": 3600, "claims": claims_asked, "code_challenge": CHALLENGE,
                "code_challenge_method": "S256", "unknown": "ignored", "iat": app.clock_now().unix(),
                "jti": format!("once-{id}"),
            }),
        );
        let (code, state) = code_at(&rp, &person, &bare_path(&rp, &[("request", &key.sign(&whole))])).await;
        assert_eq!(state.as_deref(), Some(STATE));
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", rp.redirect_uri())];
        let unproven = rp.post("/token", &fields).await;
        assert_eq!(unproven.error(), "invalid_grant", "the signed challenge is held to");
        let again = request_claims_with(
            &rp,
            &json!({
                "scope": "openid email", "max_age": 3600, "claims": claims_asked, "code_challenge": CHALLENGE,
                "code_challenge_method": "S256",
            }),
        );
        let (code, _) = code_at(&rp, &person, &bare_path(&rp, &[("request", &key.sign(&again))])).await;
        let tokens = rp.redeem(&code).await;
        assert_eq!((tokens.status, tokens.text("scope")), (200, "email openid"), "{tokens:?}");
        let id_token = claims(tokens.text("id_token"));
        assert_eq!(id_token["nonce"], NONCE);
        assert!(id_token["auth_time"].is_i64());
        let told = rp.userinfo(tokens.text("access_token")).await;
        assert_eq!((&told.body["name"], &told.body["email"]), (&json!("Erika Mustermann"), &json!(person.email)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_signed_is_a_request_on_sqlite_and_memory() {
    a_request_that_was_signed_is_a_request(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_signed_is_a_request_on_postgres_and_redis() {
    a_request_that_was_signed_is_a_request(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_counts_and_what_stands_beside_it_fills_the_gaps() {
    let app = TestApp::start().await;
    let person = app.person("erika@example.com").await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, signing("app", &key, RequestObjects::default())).await;
    let fixed = request_claims_with(&rp, &json!({ "state": null, "nonce": null, "scope": "openid email" }));
    let object = key.sign(&fixed);
    let beside = [("request", object.as_str()), ("state", "mine"), ("nonce", "my-nonce"), ("scope", "openid phone")];
    let (code, state) = code_at(&rp, &person, &rp.authorize_path(&beside)).await;
    assert_eq!(state.as_deref(), Some("mine"));
    let tokens = rp.redeem(&code).await;
    assert_eq!(tokens.text("scope"), "email openid");
    assert_eq!(claims(tokens.text("id_token"))["nonce"], "my-nonce");
    // What is signed as empty is left out, whatever stands beside it; and the signed address wins.
    let empty = key.sign(&request_claims_with(&rp, &json!({ "state": "", "nonce": "" })));
    let wrong = [("request", empty.as_str()), ("state", "x"), ("nonce", "x"), ("redirect_uri", "https://evil.test/cb")];
    let (code, state) = code_at(&rp, &person, &rp.authorize_path(&wrong)).await;
    assert_eq!(state, None);
    assert_eq!(claims(rp.redeem(&code).await.text("id_token")).get("nonce"), None);
    // By a form of the app's own page, as any request.
    let body = bare_path(&rp, &[("request", &key.sign(&request_claims(&rp)))]);
    let browser = Browser::new(&app.base);
    let posted = browser
        .request(Method::POST, "/authorize")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.split_once('?').unwrap().1.to_owned());
    let page = browser.follow(browser.send(posted).await).await;
    assert_eq!(rp.go_through(&browser, page, &person).await.param("state").as_deref(), Some(STATE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_to_sign_is_heard_by_nothing_else() {
    let app = TestApp::start().await;
    let person = app.person("erika@example.com").await;
    let key = ClientKey::new(Algorithm::Es256);
    let rp = RelyingParty::register(&app, signing("app", &key, bound_to_sign())).await;
    let browser = Browser::new(&app.base);
    let plain = browser.get(&rp.authorize_path(&[])).await;
    assert_eq!(plain.param("error").as_deref(), Some("invalid_request"), "{}", plain.url);

    let sign = |more: Value| key.sign(&request_claims_with(&rp, &more));
    let beside = [("state", "unsigned"), ("nonce", "unsigned"), ("scope", "openid email"), ("prompt", "none")];
    let whole = sign(json!({ "state": null, "nonce": null }));
    let (code, state) =
        code_at(&rp, &person, &rp.authorize_path(&[&beside[..], &[("request", &whole)]].concat())).await;
    assert_eq!(state, None);
    let tokens = rp.redeem(&code).await;
    assert_eq!((tokens.text("scope"), claims(tokens.text("id_token")).get("nonce")), ("openid", None));
    // Without an address of its own it leads nowhere.
    let nowhere = sign(json!({ "redirect_uri": null }));
    let page = browser.get(&rp.authorize_path(&[("request", &nowhere)])).await;
    assert_eq!((page.status.as_u16(), page.location()), (400, None), "{}", page.text());
    let typeless = sign(json!({ "response_type": null }));
    let page = browser.get(&rp.authorize_path(&[("request", &typeless)])).await;
    assert!(page.param("error").is_some() && page.param("code").is_none(), "{}", page.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_fetched_from_a_registered_place_each_time_anew() {
    let host = Publisher::start_tls("requests").await;
    let app = TestApp::start_with(Backends::SqliteAndMemory, &host.section()).await;
    let person = app.person("erika@example.com").await;
    let (key, next) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Rs256));
    let jwks = host.publish("/jwks", key.set().to_string());
    let uri = host.url("/request.jwt");
    let objects = RequestObjects { uris: vec![format!("{uri}#first")], ..RequestObjects::default() };
    let client = Client { keys: Some(ClientKeys::At(jwks)), ..signing("app", &key, objects) };
    let rp = RelyingParty::register(&app, client).await;
    for (index, fragment) in ["#first", "", "#second"].into_iter().enumerate() {
        let state = format!("state-{index}");
        // As an editor leaves it.
        host.publish("/request.jwt", key.sign(&request_claims_with(&rp, &json!({ "state": state }))) + "\n");
        let path = bare_path(&rp, &[("request_uri", &format!("{uri}{fragment}"))]);
        let (code, answered) = code_at(&rp, &person, &path).await;
        assert_eq!(answered, Some(state));
        assert_eq!(claims(rp.redeem(&code).await.text("id_token"))["nonce"], NONCE);
    }
    assert_eq!(host.times_asked("/request.jwt"), 3);
    // A key that the app publishes later is found, as for its assertions.
    app.advance(60);
    host.publish("/jwks", next.set().to_string());
    host.publish("/request.jwt", next.sign(&request_claims(&rp)));
    let (_, state) = code_at(&rp, &person, &bare_path(&rp, &[("request_uri", &uri)])).await;
    assert_eq!((state.as_deref(), host.times_asked("/jwks")), (Some(STATE), 2));
}
