//! Client assertions that prove nothing (RFC 7523 section 3, RFC 8725): by another method, another key or algorithm, out of their time, or
//! shown before. Threats 18, 19 and 22.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header};
use karat::domain::client::{AssertionAudience, Client, ClientAuthentication, ClientKeys};
use karat::domain::jose::Algorithm;
use serde_json::{Value, json};

use crate::common::{at_once, successes};
use crate::support::app::{SECRET, service_client};
use crate::support::client_key::{ASSERTION_TYPE, assertion_claims, post_with};
use crate::support::relying_party::{Answer, answer};
use crate::support::{Backends, ClientKey, TestApp};

const FOR_ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn signing(app: &TestApp, id: &str, key: &ClientKey) {
    let authentication = ClientAuthentication::PrivateKeyJwt { algorithm: None, audience: AssertionAudience::Endpoint };
    let keys = Some(ClientKeys::Set(key.set()));
    app.add_client(&Client { authentication, keys, ..service_client(id, "read") }).await;
}

fn refused(found: &Answer, case: &str) {
    assert_eq!((found.status, found.error()), (401, "invalid_client"), "{case}: {found:?}");
}

fn http() -> reqwest::Client {
    crate::support::browser::http()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_signs_is_proven_by_its_signature_alone() {
    let app = TestApp::start().await;
    let (key, others) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Es256));
    signing(&app, "a", &key).await;
    signing(&app, "b", &others).await;
    app.add_client(&service_client("with-secret", "read")).await;
    for path in ["/token", "/introspect", "/revoke"] {
        let fields: Vec<(&str, &str)> = vec![("grant_type", "client_credentials"), ("token", "x")];
        let post = |more: &[(&str, &str)]| http().post(app.url(path)).form(&[fields.as_slice(), more].concat());
        let assertion = key.assertion(&app, "a");
        let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        for (case, request) in [
            ("a secret in the header", post(&[]).basic_auth("a", Some(SECRET))),
            ("a secret in the body", post(&[("client_id", "a"), ("client_secret", SECRET)])),
            ("its name alone", post(&[("client_id", "a")])),
            ("no type", post(&proof[1..])),
            (
                "another type",
                post(&[
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
                    proof[1],
                ]),
            ),
            ("a type of another case", post(&[("client_assertion_type", &ASSERTION_TYPE.to_uppercase()), proof[1]])),
            ("a type alone", post(&proof[..1])),
            ("signed by another", post(&[proof[0], ("client_assertion", &others.assertion(&app, "a"))])),
            ("beside another's name", post(&[proof[0], proof[1], ("client_id", "b")])),
            ("of a client with a secret", post(&[proof[0], ("client_assertion", &key.assertion(&app, "with-secret"))])),
            ("of nobody", post(&[proof[0], ("client_assertion", &key.assertion(&app, "nobody"))])),
            ("a stray certificate", post(&[("client_id", "a")]).header("X-Client-Cert", "MIIB")),
        ] {
            refused(&answer(request).await, case);
        }
        for (case, request) in [
            ("with a secret in the header", post(&proof).basic_auth("a", Some(SECRET))),
            ("with a secret in the body", post(&[proof[0], proof[1], ("client_secret", SECRET)])),
        ] {
            let found = answer(request).await;
            assert_eq!((found.status, found.error()), (400, "invalid_request"), "{path} {case}: {found:?}");
        }
        // Nothing of this has used the assertion up.
        assert_eq!(answer(post(&[proof[0], proof[1], ("client_id", "a")])).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_of_another_algorithm_or_with_a_key_of_its_own_is_refused() {
    let app = TestApp::start().await;
    let (elliptic, rsa) = (ClientKey::new(Algorithm::Es256), ClientKey::new(Algorithm::Rs256));
    signing(&app, "a", &elliptic).await;
    signing(&app, "r", &rsa).await;
    let attacker = ClientKey::new(Algorithm::Es256);
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = |id: &str| assertion_claims(&app, id);
    let mut forged = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE"] {
        forged.push((format!("alg {alg}"), format!("{}.{}.", encode(&json!({ "alg": alg })), encode(&claims("a")))));
    }
    for (id, jwk) in [("a", elliptic.jwk()), ("r", rsa.jwk())] {
        for secret in [jwk.to_string(), jwk["n"].as_str().or(jwk["x"].as_str()).unwrap().to_owned()] {
            let key = EncodingKey::from_secret(secret.as_bytes());
            let token = jsonwebtoken::encode(&Header::new(jsonwebtoken::Algorithm::HS256), &claims(id), &key).unwrap();
            forged.push((format!("a MAC under the public key of {id}"), token));
        }
    }
    let good = elliptic.assertion(&app, "a");
    let (message, signature) = good.rsplit_once('.').unwrap();
    forged.push(("r = s = 0".to_owned(), format!("{message}.{}", URL_SAFE_NO_PAD.encode([0_u8; 64]))));
    forged.push(("no signature".to_owned(), format!("{message}.")));
    forged.push((
        "another's signature".to_owned(),
        format!("{message}.{}", attacker.assertion(&app, "a").rsplit('.').next().unwrap()),
    ));
    let mut bent = claims("a");
    bent["jti"] = json!("bent");
    let head = message.split('.').next().unwrap();
    forged.push(("bent claims".to_owned(), format!("{head}.{}.{signature}", encode(&bent))));
    let with_key = Header { jwk: serde_json::from_value(attacker.jwk()).unwrap(), ..Header::new(attacker.algorithm()) };
    forged.push(("with its own key".to_owned(), attacker.sign_with(&with_key, &claims("a"))));
    let with_link = Header { jku: Some("https://evil.test/jwks".to_owned()), ..Header::new(attacker.algorithm()) };
    forged.push(("with a link to its key".to_owned(), attacker.sign_with(&with_link, &claims("a"))));
    let known_name =
        Header { kid: elliptic.jwk()["kid"].as_str().map(str::to_owned), ..Header::new(attacker.algorithm()) };
    forged.push(("under a known name".to_owned(), attacker.sign_with(&known_name, &claims("a"))));
    let typed = Header { typ: Some("at+jwt".to_owned()), ..Header::new(elliptic.algorithm()) };
    forged.push(("of another type".to_owned(), elliptic.sign_with(&typed, &claims("a"))));
    forged.push(("an RSA name on an elliptic key".to_owned(), {
        let header = json!({ "alg": "RS256", "kid": elliptic.jwk()["kid"] });
        format!("{}.{}.{signature}", encode(&header), encode(&claims("a")))
    }));
    forged.push(("nothing".to_owned(), String::new()));
    forged.push(("64 kilobytes".to_owned(), "a".repeat(60_000)));
    for (case, token) in &forged {
        refused(&post_with(&app, "/token", token, &FOR_ITSELF).await, case);
    }
    assert_eq!(post_with(&app, "/token", &good, &FOR_ITSELF).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_in_its_time_and_names_its_client_twice() {
    let app = TestApp::start().await;
    let key = ClientKey::new(Algorithm::EdDsa);
    signing(&app, "a", &key).await;
    signing(&app, "b", &key).await;
    let now = app.clock_now().unix();
    let show = async |change: &[(&str, Value)]| {
        let mut claims = assertion_claims(&app, "a");
        for (name, value) in change {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        post_with(&app, "/token", &key.sign(&claims), &FOR_ITSELF).await
    };
    for change in [
        vec![("exp", Value::Null)],
        vec![("exp", json!(now - 300))],
        vec![("exp", json!(now - 60))],
        vec![("exp", json!(now + 365 * 86_400))],
        vec![("exp", json!(now + 3_600))],
        vec![("exp", json!("tomorrow"))],
        vec![("exp", json!(1e300))],
        vec![("iat", json!(now + 61))],
        vec![("nbf", json!(now + 61))],
        vec![("nbf", json!("now"))],
        vec![("jti", Value::Null)],
        vec![("jti", json!(""))],
        vec![("jti", json!(7))],
        vec![("jti", json!("x".repeat(257)))],
        vec![("iss", Value::Null)],
        vec![("iss", json!("b"))],
        vec![("sub", Value::Null)],
        vec![("sub", json!("b"))],
        vec![("sub", json!(["a"]))],
        vec![("aud", Value::Null)],
    ] {
        refused(&show(&change).await, &format!("{change:?}"));
    }
    for change in [
        vec![],
        vec![("iat", json!(now + 8)), ("nbf", json!(now + 8))],
        vec![("iat", Value::Null)],
        vec![("exp", json!(now as f64 + 60.5))],
        vec![("exp", json!(now + 600))],
        vec![("exp", json!(now - 8))],
        vec![("jti", json!("x".repeat(256)))],
    ] {
        assert_eq!(show(&change).await.status, 200, "{change:?}");
    }
}

async fn counts_once(backends: Backends) {
    let app = TestApp::on(backends).await;
    let key = ClientKey::new(Algorithm::Es256);
    signing(&app, "a", &key).await;
    signing(&app, "b", &key).await;
    let assertion = key.assertion(&app, "a");
    let all = at_once((0..20).map(|_| post_with(&app, "/token", &assertion, &FOR_ITSELF))).await;
    assert_eq!(successes(&all).len(), 1);
    for path in ["/token", "/introspect", "/revoke"] {
        refused(
            &post_with(&app, path, &assertion, &[("grant_type", "client_credentials"), ("token", "x")]).await,
            path,
        );
    }
    // Until it has expired, and the name is its client's own.
    let mut claims = assertion_claims(&app, "a");
    claims["jti"] = json!("the same");
    let first = key.sign(&claims);
    assert_eq!(post_with(&app, "/token", &first, &FOR_ITSELF).await.status, 200);
    app.advance(60);
    refused(&post_with(&app, "/token", &first, &FOR_ITSELF).await, "shown again in its last seconds");
    let mut claims = assertion_claims(&app, "b");
    claims["jti"] = json!("the same");
    assert_eq!(post_with(&app, "/token", &key.sign(&claims), &FOR_ITSELF).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_once_however_many_show_it_at_once() {
    counts_once(Backends::SqliteAndMemory).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_counts_once_however_many_show_it_at_once_on_postgres_and_redis() {
    counts_once(Backends::PostgresAndRedis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_was_used_on_one_node_is_used_on_the_other() {
    let app = TestApp::on(Backends::PostgresAndRedis).await;
    let other = app.another_node("").await;
    let key = ClientKey::new(Algorithm::Es256);
    signing(&app, "a", &key).await;
    let assertion = key.assertion(&app, "a");
    assert_eq!(post_with(&app, "/token", &assertion, &FOR_ITSELF).await.status, 200);
    let proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
    let request = http().post(format!("{}/token", other.at)).header("host", app.host());
    refused(&answer(request.form(&[&FOR_ITSELF[..], &proof].concat())).await, "at the other node");
}
