//! Clients that prove who they are by a key of their own (RFC 7523, OpenID Connect Core section 9).

use jsonwebtoken::Header;
use karat::domain::client::{AssertionAudience, Client, ClientAuthentication, ClientKeys};
use karat::domain::jose::{Algorithm, AssertionAlgorithm};
use serde_json::{Value, json};

use crate::checks;
use crate::support::app::{service_client, web_client};
use crate::support::client_key::{assertion_claims, post_with};
use crate::support::relying_party::{Answer, VERIFIER};
use crate::support::{Backends, Browser, ClientKey, Publisher, RelyingParty, TestApp};

const FOR_ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn signing(id: &str, keys: ClientKeys) -> Client {
    let authentication = ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Endpoint };
    Client { authentication, keys: Some(keys), ..service_client(id, "read") }
}

fn refused(answer: &Answer) {
    checks::error_answer(answer, &["invalid_client"]);
    assert_eq!(answer.status, 401);
}

async fn signs_at_every_endpoint(backends: Backends) {
    let app = TestApp::on(backends).await;
    for kind in Algorithm::ALL {
        let key = ClientKey::new(kind);
        let id = format!("signing-{}", kind.as_str().to_lowercase());
        app.add_client(&signing(&id, ClientKeys::Set(key.set()))).await;
        let got = post_with(&app, "/token", &key.assertion(&app, &id), &FOR_ITSELF).await;
        checks::token_answer(&got);
        let token = [("token", got.text("access_token"))];
        let told = post_with(&app, "/introspect", &key.assertion(&app, &id), &token).await;
        assert_eq!(told.body["active"], true, "{told:?}");
        assert_eq!(post_with(&app, "/revoke", &key.assertion(&app, &id), &token).await.status, 200);
        let told = post_with(&app, "/introspect", &key.assertion(&app, &id), &token).await;
        assert_eq!(told.body["active"], false, "{told:?}");
    }
    // The same RSA key may sign by PSS.
    let key = ClientKey::new(Algorithm::Rs256);
    app.add_client(&signing("pss", ClientKeys::Set(key.set()))).await;
    let pss = key.sign_with(&Header::new(jsonwebtoken::Algorithm::PS256), &assertion_claims(&app, "pss"));
    checks::token_answer(&post_with(&app, "/token", &pss, &FOR_ITSELF).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_signs_with_its_own_key_at_every_endpoint_on_sqlite_and_memory() {
    signs_at_every_endpoint(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_signs_with_its_own_key_at_every_endpoint_on_postgres_and_redis() {
    signs_at_every_endpoint(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_redeemed_with_an_assertion() {
    let app = TestApp::start().await;
    let person = app.person("erika@example.com").await;
    let key = ClientKey::new(Algorithm::Es256);
    let authentication = ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Endpoint };
    let keys = Some(ClientKeys::Set(key.set()));
    let client = Client { authentication, keys, require_pkce: true, ..web_client("web") };
    let rp = RelyingParty::register(&app, client).await;
    let page = rp.log_in(&Browser::new(&app.base), &person, &[]).await;
    let code = page.param("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", rp.redirect_uri()),
        ("code_verifier", VERIFIER),
        ("client_id", "web"),
    ];
    checks::token_answer(&post_with(&app, "/token", &key.assertion(&app, "web"), &fields).await);
}

/// An ordinary client may name the token endpoint, the issuer, or both; a strict one the issuer alone, as one text.
#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_made_out_to_us_and_to_nobody_else() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Es256);
    let ordinary = signing("ordinary", ClientKeys::Set(key.set()));
    let authentication = ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Issuer };
    app.add_client(&Client { authentication, ..signing("strict", ClientKeys::Set(key.set())) }).await;
    app.add_client(&ordinary).await;
    let (issuer, endpoint) = (app.base.clone(), app.url("/token"));
    let cases = [
        (json!(issuer), true, true),
        (json!(endpoint), true, false),
        (json!([endpoint]), true, false),
        (json!([issuer, endpoint]), true, false),
        (json!([issuer]), true, false),
        (json!([issuer, "https://other.example"]), false, false),
        (json!(format!("{issuer}/")), false, false),
        (json!(issuer.to_uppercase()), false, false),
        (json!(app.url("/introspect")), false, false),
        (json!("https://other.example/token"), false, false),
        (json!([]), false, false),
        (json!(""), false, false),
        (Value::Null, false, false),
        (json!({ "issuer": issuer }), false, false),
    ];
    for (audience, for_ordinary, for_strict) in cases {
        for (id, accepted) in [("ordinary", for_ordinary), ("strict", for_strict)] {
            let mut claims = assertion_claims(&app, id);
            claims["aud"] = audience.clone();
            let got = post_with(&app, "/token", &key.sign(&claims), &FOR_ITSELF).await;
            assert_eq!(got.status == 200, accepted, "{id}: {audience}: {got:?}");
            if !accepted {
                refused(&got);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_algorithm_is_the_only_one() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::Rs256);
    let authentication = ClientAuthentication::PrivateKeyJwt {
        algorithm: Some(AssertionAlgorithm::Ps256),
        audience: AssertionAudience::Endpoint,
    };
    app.add_client(&Client { authentication, ..signing("pss-only", ClientKeys::Set(key.set())) }).await;
    let claims = assertion_claims(&app, "pss-only");
    refused(&post_with(&app, "/token", &key.sign(&claims), &FOR_ITSELF).await);
    let pss = key.sign_with(&Header::new(jsonwebtoken::Algorithm::PS256), &claims);
    checks::token_answer(&post_with(&app, "/token", &pss, &FOR_ITSELF).await);
}

/// The app adds a key to its published set and signs with it: the set is asked for again, once.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_published_later_is_found_and_a_withdrawn_one_is_not() {
    let host = Publisher::start().await;
    let more = format!("[outgoing]\nallow = ['{}']\n", host.target());
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    let (old, new) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Es256));
    let url = host.publish("/jwks", old.set().to_string());
    app.add_client(&signing("rotating", ClientKeys::At(url))).await;
    let with = async |key: &ClientKey| post_with(&app, "/token", &key.assertion(&app, "rotating"), &FOR_ITSELF).await;
    checks::token_answer(&with(&old).await);
    checks::token_answer(&with(&old).await);
    assert_eq!(host.times_asked("/jwks"), 1, "kept");

    app.advance(60);
    host.publish("/jwks", json!({ "keys": [old.jwk(), new.jwk()] }).to_string());
    checks::token_answer(&with(&new).await);
    checks::token_answer(&with(&old).await);
    assert_eq!(host.times_asked("/jwks"), 2, "asked again once for the unknown key");
    // However many unknown keys are shown, the host is left in peace.
    for _ in 0..5 {
        refused(&with(&ClientKey::new(Algorithm::Es256)).await);
    }
    assert_eq!(host.times_asked("/jwks"), 2);

    app.advance(60 * 60);
    host.publish("/jwks", new.set().to_string());
    checks::token_answer(&with(&new).await);
    refused(&with(&old).await);
    // A host that is down does not lock its app out.
    host.fails_with("/jwks", 503);
    app.advance(60 * 60);
    checks::token_answer(&with(&new).await);
}

/// A set with a private key in it is known to others: nothing signed with it proves anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_fetched_set_that_should_not_be_trusted_is_not() {
    let host = Publisher::start().await;
    let more = format!("[outgoing]\nallow = ['{}']\n", host.target());
    let app = TestApp::start_with(Backends::SqliteAndMemory, &more).await;
    let key = ClientKey::new(Algorithm::EdDsa);
    let mut private = key.jwk();
    private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    for (id, set) in [
        ("private", json!({ "keys": [private] }).to_string()),
        ("symmetric", json!({ "keys": [key.jwk(), { "kty": "oct", "k": "AAAA" }] }).to_string()),
        ("empty", json!({ "keys": [] }).to_string()),
        ("no-set", "<html>".to_owned()),
    ] {
        let url = host.publish(&format!("/{id}"), set);
        app.add_client(&signing(id, ClientKeys::At(url))).await;
        refused(&post_with(&app, "/token", &key.assertion(&app, id), &FOR_ITSELF).await);
    }
    let url = host.publish("/good", key.set().to_string());
    app.add_client(&signing("good", ClientKeys::At(url))).await;
    checks::token_answer(&post_with(&app, "/token", &key.assertion(&app, "good"), &FOR_ITSELF).await);
}
