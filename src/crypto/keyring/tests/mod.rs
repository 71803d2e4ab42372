//! Signing, verifying, publishing and rotating; `forgery` holds the attacks.

mod forgery;

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::*;
use crate::domain::time::Seconds;

const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
const ISSUER: &str = "https://id.example.com";
const EXPECTED: Expected<'static> = Expected {
    typ: "at+jwt",
    issuer: ISSUER,
    audience: Some("https://api.example.com"),
    now: NOW,
    accept_expired: false,
};

/// One key of each algorithm: making the RSA key takes long enough to do it once.
static KEYS: LazyLock<[Arc<SigningKey>; 3]> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| Arc::new(SigningKey::generate(algorithm).unwrap())));

fn key(algorithm: Algorithm) -> Arc<SigningKey> {
    Arc::clone(KEYS.iter().find(|key| key.algorithm() == algorithm).unwrap())
}

fn current(key: Arc<SigningKey>) -> KeyEntry {
    KeyEntry { key, stage: KeyStage::Current }
}

fn ring() -> Keyring {
    Keyring::new(KEYS.iter().cloned().map(current).collect())
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "https://api.example.com", "sub": "u1", "iat": NOW.unix(), "exp": NOW.unix() + 300,
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims.as_object_mut().unwrap().insert(name.to_owned(), value);
    claims
}

fn verify(token: &str) -> Result<Map<String, Value>, VerifyError> {
    ring().verify(token, &EXPECTED)
}

/// Signs whatever header and payload say, as an attacker who has stolen a key could, or a confused issuer.
fn forge(key: &SigningKey, header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header(key: &SigningKey) -> Value {
    json!({ "alg": key.algorithm(), "kid": key.kid(), "typ": "at+jwt" })
}

#[test]
fn a_signed_token_verifies_with_each_algorithm() {
    for algorithm in Algorithm::ALL {
        let token = ring().sign(algorithm, "at+jwt", &claims()).unwrap();
        assert_eq!(verify(&token).map(Value::Object), Ok(claims()), "{algorithm}");
        let head: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!(head, header(&key(algorithm)));
    }
}

#[test]
fn jsonwebtoken_accepts_our_signatures_by_the_published_jwks() {
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(ring().jwks(NOW)).unwrap();
    for algorithm in Algorithm::ALL {
        let token = ring().sign(algorithm, "at+jwt", &claims()).unwrap();
        let jwk = set.find(key(algorithm).kid()).unwrap();
        let decoding = jsonwebtoken::DecodingKey::from_jwk(jwk).unwrap();
        let mut validation = jsonwebtoken::Validation::new(algorithm.as_str().parse().unwrap());
        validation.set_audience(&["https://api.example.com"]);
        validation.set_issuer(&[ISSUER]);
        validation.validate_exp = false;
        let read = jsonwebtoken::decode::<Value>(&token, &decoding, &validation).unwrap();
        assert_eq!(read.claims, claims(), "{algorithm}");
    }
}

#[test]
fn the_issuer_must_be_the_exact_string() {
    for issuer in [
        json!("https://id.example.com/"),
        json!("https://ID.example.com"),
        json!("http://id.example.com"),
        json!([ISSUER]),
        json!(null),
    ] {
        let token = ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "iss", issuer.clone())).unwrap();
        assert_eq!(verify(&token), Err(VerifyError::Issuer), "{issuer}");
    }
}

#[test]
fn the_audience_must_name_us() {
    let try_aud = |aud: Value| verify(&ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "aud", aud)).unwrap());
    assert!(try_aud(json!(["other", "https://api.example.com"])).is_ok());
    for aud in [
        json!("https://api.example.com/"),
        json!(["other"]),
        json!([]),
        json!(null),
        json!([["https://api.example.com"]]),
    ] {
        assert_eq!(try_aud(aud.clone()), Err(VerifyError::Audience), "{aud}");
    }
    let token = ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "aud", json!("anyone"))).unwrap();
    assert!(ring().verify(&token, &Expected { audience: None, ..EXPECTED }).is_ok());
}

#[test]
fn a_token_is_accepted_from_its_issue_to_just_before_its_end() {
    let token = ring().sign(Algorithm::EdDsa, "at+jwt", &claims()).unwrap();
    let at = |now: Timestamp| ring().verify(&token, &Expected { now, ..EXPECTED }).map(|_| ());
    assert_eq!(at(NOW.plus(Seconds(299))), Ok(()));
    assert_eq!(at(NOW.plus(Seconds(300))), Err(VerifyError::Expired));
    assert_eq!(at(NOW.minus(Seconds(60))), Ok(()), "another node's clock may be a minute ahead");
    assert_eq!(at(NOW.minus(Seconds(61))), Err(VerifyError::NotYetValid));
    let late = Expected { now: NOW.plus(Seconds::days(30)), accept_expired: true, ..EXPECTED };
    assert!(ring().verify(&token, &late).is_ok(), "a hint may have expired");

    let not_before = ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "nbf", json!(NOW.unix() + 61))).unwrap();
    assert_eq!(verify(&not_before), Err(VerifyError::NotYetValid));
}

#[test]
fn times_are_whole_seconds_and_an_end_is_required() {
    let try_claims = |claims: Value| verify(&ring().sign(Algorithm::EdDsa, "at+jwt", &claims).unwrap());
    let mut endless = claims();
    endless.as_object_mut().unwrap().remove("exp");
    assert_eq!(try_claims(endless), Err(VerifyError::Claim("exp")));
    for end in [json!(null), json!("1900000000"), json!(1.9e9), json!(u64::MAX), json!(true)] {
        assert_eq!(try_claims(with(claims(), "exp", end.clone())), Err(VerifyError::Claim("exp")), "{end}");
    }
    for name in ["nbf", "iat"] {
        assert_eq!(try_claims(with(claims(), name, json!("1"))), Err(VerifyError::Claim(name)));
    }
    assert!(try_claims(with(claims(), "iat", json!(i64::MIN))).is_ok());
    assert_eq!(try_claims(with(claims(), "nbf", json!(i64::MAX))), Err(VerifyError::NotYetValid));
}

#[test]
fn after_a_rotation_the_new_key_signs_and_the_old_one_is_honoured_until_its_end() {
    let old_token = ring().sign(Algorithm::Es256, "at+jwt", &claims()).unwrap();
    let new_key = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    let end = NOW.plus(Seconds(100));
    let old = KeyEntry { key: key(Algorithm::Es256), stage: KeyStage::Retiring { published_until: end } };
    let rotated = Keyring::new(vec![old, current(Arc::clone(&new_key))]);

    assert_eq!(rotated.current(Algorithm::Es256).map(|key| key.kid()), Some(new_key.kid()));
    assert!(rotated.verify(&old_token, &EXPECTED).is_ok());
    assert!(rotated.verify(&rotated.sign(Algorithm::Es256, "at+jwt", &claims()).unwrap(), &EXPECTED).is_ok());
    let at_the_end = Expected { now: end, accept_expired: true, ..EXPECTED };
    assert_eq!(rotated.verify(&old_token, &at_the_end), Err(VerifyError::UnknownKey));

    let kids = |now| -> Vec<String> {
        let jwks = rotated.jwks(now);
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kids(NOW), [new_key.kid(), key(Algorithm::Es256).kid()]);
    assert_eq!(kids(end), [new_key.kid()]);
}

#[test]
fn without_a_current_key_nothing_is_signed() {
    let retiring =
        KeyEntry { key: key(Algorithm::Es256), stage: KeyStage::Retiring { published_until: NOW.plus(Seconds(1)) } };
    let ring = Keyring::new(vec![retiring, current(key(Algorithm::EdDsa))]);
    assert!(matches!(ring.sign(Algorithm::Es256, "JWT", &claims()), Err(SignError::NoKey(Algorithm::Es256))));
    assert_eq!(ring.algorithms(), [Algorithm::EdDsa]);
    assert_eq!(self::ring().algorithms(), Algorithm::ALL);
}

#[test]
fn the_first_of_two_current_keys_signs_and_both_are_published() {
    let second = Arc::new(SigningKey::generate(Algorithm::Es256).unwrap());
    let ring = Keyring::new(vec![
        current(key(Algorithm::Es256)),
        current(Arc::clone(&second)),
        KeyEntry { key: second, stage: KeyStage::Retiring { published_until: NOW } },
    ]);
    assert_eq!(
        ring.current(Algorithm::Es256).map(|key| key.kid().to_owned()),
        Some(key(Algorithm::Es256).kid().to_owned())
    );
    assert_eq!(ring.jwks(NOW)["keys"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_jwks_holds_public_members_only_in_a_stable_order() {
    let mut entries: Vec<KeyEntry> = KEYS.iter().cloned().map(current).collect();
    let jwks = Keyring::new(entries.clone()).jwks(NOW);
    entries.reverse();
    assert_eq!(Keyring::new(entries).jwks(NOW).to_string(), jwks.to_string());

    let members = |index: usize| -> Vec<&str> {
        let mut names: Vec<&str> = jwks["keys"][index].as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(members(0), ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(members(1), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!(members(2), ["alg", "crv", "kid", "kty", "use", "x"]);
    for (index, algorithm) in Algorithm::ALL.into_iter().enumerate() {
        let jwk = &jwks["keys"][index];
        assert_eq!((&jwk["alg"], &jwk["use"]), (&json!(algorithm), &json!("sig")));
        assert_eq!(jwk["kid"], json!(key(algorithm).kid()));
    }
    assert_eq!((&jwks["keys"][0]["e"], jwks["keys"][0]["n"].as_str().map(str::len)), (&json!("AQAB"), Some(342)));
    assert_eq!((&jwks["keys"][1]["crv"], &jwks["keys"][2]["crv"]), (&json!("P-256"), &json!("Ed25519")));
}

#[test]
fn a_key_is_stored_and_read_back_under_its_own_name_only() {
    for key in KEYS.iter() {
        let pkcs8 = key.to_pkcs8();
        let read = SigningKey::from_pkcs8(key.algorithm(), key.kid(), &pkcs8).unwrap();
        assert_eq!((read.kid(), read.public_jwk()), (key.kid(), key.public_jwk()));
        let token = Keyring::new(vec![current(Arc::new(read))]).sign(key.algorithm(), "at+jwt", &claims()).unwrap();
        assert!(verify(&token).is_ok());

        assert!(matches!(SigningKey::from_pkcs8(key.algorithm(), "other", &pkcs8), Err(KeyError::WrongKid { .. })));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != key.algorithm()) {
            assert!(matches!(SigningKey::from_pkcs8(other, key.kid(), &pkcs8), Err(KeyError::Rejected(_))));
        }
        for broken in [&pkcs8[..pkcs8.len() - 1], &pkcs8[1..], &[]] {
            assert!(matches!(SigningKey::from_pkcs8(key.algorithm(), key.kid(), broken), Err(KeyError::Rejected(_))));
        }
        let printed = format!("{key:?}");
        assert!(printed.contains(key.kid()) && printed.len() < 120, "{printed}");
    }
}

#[test]
fn the_kid_is_the_thumbprint_of_rfc_8037() {
    // RFC 8037 appendix A.1 gives the private key, A.3 the thumbprint.
    let mut pkcs8 =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    pkcs8.extend(URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap());
    let key = SigningKey::from_pkcs8(Algorithm::EdDsa, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", &pkcs8).unwrap();
    assert_eq!(key.public_jwk()["x"], json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    // Appendix A.4: the signature over the example payload.
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap()), signature);
    assert!(key.verifies(message.as_bytes(), signature));
}

#[test]
fn at_hash_is_the_left_half_of_the_right_hash() {
    // OIDC Core appendix A.3: the access token and at_hash of the example response.
    assert_eq!(at_hash(Algorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(Algorithm::Es256, "a"), at_hash(Algorithm::Rs256, "a"));
    let left_of_sha512 = &digest::digest(&digest::SHA512, b"a").as_ref()[..32].to_vec();
    assert_eq!(at_hash(Algorithm::EdDsa, "a"), URL_SAFE_NO_PAD.encode(left_of_sha512));
}
