//! What the OpenID Foundation's suite checks in every flow: tokens verified by the published keys alone, claims by their
//! types, answers by their headers and by what must not be in them.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::support::TestApp;
use crate::support::browser::http;
use crate::support::relying_party::{Answer, answer};
use crate::verified_claims::schema;

pub const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What an ID token may hold of its own; claims about the person belong to userinfo when there is an access token.
const ID_TOKEN_CLAIMS: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "kyc_level",
    "verified_claims",
];

pub async fn fetch(app: &TestApp, url: &str) -> Answer {
    let url = if url.starts_with('/') { app.url(url) } else { url.to_owned() };
    answer(http().get(url)).await
}

pub async fn discovery(app: &TestApp) -> Value {
    let found = fetch(app, DISCOVERY).await;
    assert_eq!(found.status, 200, "{found:?}");
    found.body
}

/// The key set that the discovery document names.
pub async fn published_keys(app: &TestApp) -> JwkSet {
    let document = discovery(app).await;
    let found = fetch(app, document["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(found.status, 200, "{found:?}");
    serde_json::from_value(found.body).unwrap()
}

/// The claims of a JWT of ours, verified as an app would: with the published key that its header names.
pub async fn verified(app: &TestApp, token: &str, alg: Algorithm, audience: &str) -> Value {
    let header = decode_header(token).unwrap();
    assert_eq!(header.alg, alg);
    let kid = header.kid.expect("the header names a key");
    let keys = published_keys(app).await;
    let key = keys.find(&kid).unwrap_or_else(|| panic!("{kid} is not published"));
    let mut rules = Validation::new(alg);
    rules.set_issuer(&[&app.base]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    // The clock of the test stands still; times are compared with it below.
    rules.validate_exp = false;
    let claims: Value = decode(token, &DecodingKey::from_jwk(key).unwrap(), &rules).expect("the signature").claims;
    let now = app.clock_now().unix();
    let time = |name: &str| claims[name].as_i64().unwrap_or_else(|| panic!("{name} is no number: {claims}"));
    assert!(time("exp") > now && time("exp") - now <= 3600, "{claims}");
    assert!((now - time("iat")).abs() <= 300, "{claims}");
    claims
}

/// What the ID token has to say.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub client: &'a str,
    pub nonce: Option<&'a str>,
    pub access_token: &'a str,
    pub alg: Algorithm,
}

/// OpenID Connect Core sections 2, 3.1.3.6 and 3.1.3.7.
pub async fn id_token(app: &TestApp, token: &str, expected: Expected<'_>) -> Value {
    let claims = verified(app, token, expected.alg, expected.client).await;
    let names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    let strange: Vec<_> = names.iter().filter(|name| !ID_TOKEN_CLAIMS.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?} in {claims}");
    claims.get("verified_claims").map_or(Ok(()), schema::answer).unwrap();
    let audience: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        several => several.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect(),
    };
    assert_eq!(audience, [expected.client]);
    assert_eq!(claims.get("nonce").and_then(Value::as_str), expected.nonce, "{claims}");
    assert!(claims["auth_time"].as_i64().unwrap() <= claims["iat"].as_i64().unwrap());
    let subject = claims["sub"].as_str().unwrap();
    assert!((1..=255).contains(&subject.len()) && subject.is_ascii(), "{subject}");
    assert_eq!(claims["at_hash"], at_hash(expected.alg, expected.access_token));
    assert!(!claims["acr"].as_str().unwrap().is_empty());
    assert!(claims["amr"].as_array().unwrap().iter().all(Value::is_string));
    assert_nothing_hollow(&claims);
    claims
}

/// OpenID Connect Core section 3.1.3.6, computed apart from the product.
fn at_hash(alg: Algorithm, access_token: &str) -> String {
    let hash = if alg == Algorithm::EdDSA { &SHA512 } else { &SHA256 };
    let whole = digest(hash, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&whole.as_ref()[..whole.as_ref().len() / 2])
}

/// RFC 6749 sections 5.1 and appendix A.
pub fn token_answer(found: &Answer) {
    assert_eq!(found.status, 200, "{found:?}");
    not_kept(found);
    let members: BTreeSet<&str> = found.body.as_object().unwrap().keys().map(String::as_str).collect();
    let known = ["access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"];
    assert!(members.is_subset(&known.into()), "{members:?}");
    assert!(found.text("token_type").eq_ignore_ascii_case("bearer"));
    assert!((1..=3600).contains(&found.body["expires_in"].as_i64().unwrap()), "{found:?}");
    assert_nothing_hollow(&found.body);
    for name in ["access_token", "refresh_token"] {
        if let Some(token) = found.body.get(name).and_then(Value::as_str) {
            assert!(token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "{token}");
            assert!(estimated_entropy(token) >= 96.0, "{token}");
        }
    }
}

/// JSON that no cache keeps.
pub fn not_kept(found: &Answer) {
    let header = |name: &str| found.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    assert!(header("content-type").starts_with("application/json"), "{found:?}");
    assert!(header("cache-control").contains("no-store"), "{found:?}");
}

/// An error answer of a back-channel endpoint (RFC 6749 section 5.2).
pub fn error_answer(found: &Answer, codes: &[&str]) {
    assert!(codes.contains(&found.error()), "{codes:?}: {found:?}");
    assert!((400..500).contains(&found.status), "{found:?}");
    not_kept(found);
    let members = found.body.as_object().unwrap();
    assert!(members.keys().all(|name| ["error", "error_description", "error_uri"].contains(&name.as_str())));
    plain_description(found.body["error_description"].as_str().unwrap());
}

/// RFC 6749 section 4.1.2.1: printable ASCII without `"` and `\`.
pub fn plain_description(text: &str) {
    assert!(!text.is_empty() && text.bytes().all(|b| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\'), "{text}");
}

/// Shannon's estimate over the text's own characters, as the suite measures codes and tokens, in bits.
pub fn estimated_entropy(text: &str) -> f64 {
    let mut counts = BTreeMap::<char, f64>::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1.0;
    }
    let length = text.chars().count() as f64;
    counts.values().map(|count| -(count / length).log2() * count).sum()
}

/// The standard claims by their types (OpenID Connect Core section 5.1): nothing null, nothing empty, nothing unknown.
pub fn standard_claims(told: &Value) {
    assert_nothing_hollow(told);
    for (name, value) in told.as_object().unwrap() {
        let fits = match name.as_str() {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.is_i64(),
            "kyc_level" => value.as_i64().is_some_and(|level| (0..=3).contains(&level)),
            "address" => value.as_object().is_some_and(|parts| parts.iter().all(is_address_part)),
            "birthdate" => is_date(value.as_str().unwrap()),
            "profile" | "picture" | "website" => value.as_str().is_some_and(|text| url::Url::parse(text).is_ok()),
            "email" => value.as_str().is_some_and(|text| text.split('@').count() == 2),
            "phone_number" => value.as_str().is_some_and(|text| text.starts_with('+')),
            "zoneinfo" => value.as_str().is_some_and(|text| text.contains('/')),
            "sub" | "name" | "family_name" | "given_name" | "middle_name" | "nickname" | "preferred_username"
            | "gender" | "locale" => value.is_string(),
            "verified_claims" => schema::answer(value).is_ok(),
            _ => false,
        };
        assert!(fits, "{name}: {value}");
    }
}

fn is_address_part((name, value): (&String, &Value)) -> bool {
    let known = ["formatted", "street_address", "locality", "region", "postal_code", "country"];
    known.contains(&name.as_str()) && value.is_string()
}

fn is_date(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [4, 2, 2] && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

pub fn assert_nothing_hollow(value: &Value) {
    match value {
        Value::Null => panic!("a null"),
        Value::String(text) => assert!(!text.is_empty(), "an empty text"),
        Value::Array(items) => items.iter().for_each(assert_nothing_hollow),
        Value::Object(members) => {
            for (name, member) in members {
                assert!(!member.is_null() && *member != Value::String(String::new()), "{name} is hollow");
                assert_nothing_hollow(member);
            }
        }
        _ => {}
    }
}
