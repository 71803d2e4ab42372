//! `oidcc-config-certification-test-plan`: the discovery document and the keys, as an https issuer shows them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::checks;
use crate::https_issuer::{HttpsIssuer, ISSUER};

/// What OpenID Connect Discovery 1.0, RP-Initiated and Back-Channel Logout, RFC 8414 and RFC 9207 define, as far as it is
/// a URL.
const URLS: [&str; 7] = [
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];
const LISTS: [&str; 26] = [
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "subject_types_supported",
    "acr_values_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "display_values_supported",
    "prompt_values_supported",
    "claim_types_supported",
    "claims_supported",
    "request_object_signing_alg_values_supported",
    "ui_locales_supported",
    "code_challenge_methods_supported",
    // OpenID Connect for Identity Assurance 1.0, OP metadata.
    "trust_frameworks_supported",
    "claims_in_verified_claims_supported",
    "evidence_supported",
    "documents_supported",
    "documents_check_methods_supported",
];
const SWITCHES: [&str; 7] = [
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "authorization_response_iss_parameter_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
];

#[tokio::test(flavor = "multi_thread")]
async fn oidcc_discovery_endpoint_verification() {
    let issuer = HttpsIssuer::start().await;
    let found = issuer.get(checks::DISCOVERY).await;
    assert_eq!((found.answer.status().as_u16(), found.header("content-type")), (200, "application/json"));
    let document = found.json();
    assert_eq!(document["issuer"], ISSUER);
    checks::assert_nothing_hollow(&document);
    for (name, value) in document.as_object().unwrap() {
        let fits = match name.as_str() {
            "issuer" => true,
            url if URLS.contains(&url) => is_ours(value),
            list if LISTS.contains(&list) => is_list_of_texts(value),
            switch if SWITCHES.contains(&switch) => value.is_boolean(),
            _ => panic!("{name} is in no specification"),
        };
        assert!(fits, "{name}: {value}");
    }
    let missing: Vec<_> =
        URLS.iter().chain(&LISTS).chain(&SWITCHES).filter(|name| document.get(name).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let lists = |name: &str, value: &str| document[name].as_array().unwrap().contains(&json!(value));
    assert!(lists("response_types_supported", "code"));
    assert!(lists("subject_types_supported", "public"));
    assert!(lists("id_token_signing_alg_values_supported", "RS256"));
    assert!(!lists("id_token_signing_alg_values_supported", "none"));
    assert!(lists("scopes_supported", "openid"));
    assert!(lists("code_challenge_methods_supported", "S256") && !lists("code_challenge_methods_supported", "plain"));

    let jwks = issuer.get(document["jwks_uri"].as_str().unwrap().strip_prefix(ISSUER).unwrap()).await;
    assert_eq!((jwks.answer.status().as_u16(), jwks.header("content-type")), (200, "application/jwk-set+json"));
    public_keys(&jwks.json());
}

fn is_ours(url: &Value) -> bool {
    url.as_str().is_some_and(|url| url.starts_with(&format!("{ISSUER}/")) && !url.contains(['#', '?']))
}

fn is_list_of_texts(value: &Value) -> bool {
    let texts: Vec<&str> = value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    !texts.is_empty() && BTreeSet::from_iter(&texts).len() == texts.len()
}

/// Each key has a name of its own, says what it is for, is strong enough and is no secret.
fn public_keys(set: &Value) {
    let keys = set["keys"].as_array().unwrap();
    let kids: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids.len(), keys.len());
    let algorithms: BTreeSet<&str> = keys.iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!(algorithms, BTreeSet::from(["RS256", "ES256", "EdDSA"]));
    for key in keys {
        let known: &[&str] = match key["kty"].as_str().unwrap() {
            "RSA" => {
                let modulus = key["n"].as_str().unwrap();
                assert!(modulus.len() * 6 >= 2048, "a modulus of {} characters", modulus.len());
                &["n", "e"]
            }
            "EC" => &["crv", "x", "y"],
            "OKP" => &["crv", "x"],
            other => panic!("a key of type {other}"),
        };
        assert_eq!(key["use"], "sig");
        let members: BTreeSet<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = BTreeSet::from_iter(known.iter().copied().chain(["kty", "kid", "use", "alg"]));
        assert_eq!(members, expected, "nothing private, nothing unknown");
    }
}

/// The document is found under both names, with an `ETag` by which a cache asks again.
#[tokio::test(flavor = "multi_thread")]
async fn discovery_is_the_same_under_both_names_and_can_be_cached() {
    let issuer = HttpsIssuer::start().await;
    let (one, other) =
        (issuer.get(checks::DISCOVERY).await, issuer.get("/.well-known/oauth-authorization-server").await);
    assert_eq!(one.text, other.text);
    assert_eq!(one.header("cache-control"), "public, max-age=60");
    assert_eq!(one.header("access-control-allow-origin"), "*");
    assert!(one.header("etag").len() > 10);
    assert_eq!(one.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
}
