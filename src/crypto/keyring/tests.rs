//! Round trips and attacks on the keyring.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
fn no_changed_character_of_a_token_passes() {
    for algorithm in Algorithm::ALL {
        let token = ring().sign(algorithm, "at+jwt", &claims()).unwrap();
        for at in 0..token.len() {
            let old = token.as_bytes()[at];
            for new in [if old == b'A' { b'B' } else { b'A' }, b'.', b'=', b'+', b' '] {
                let mut changed = token.clone().into_bytes();
                changed[at] = new;
                let changed = String::from_utf8(changed).unwrap();
                assert!(changed == token || verify(&changed).is_err(), "{algorithm}, character {at}");
            }
        }
    }
}

#[test]
fn only_three_parts_make_a_token() {
    let token = ring().sign(Algorithm::Es256, "at+jwt", &claims()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let wrong = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        parts[0].to_owned(),
        parts[..2].join("."),
        format!("{}.", parts[..2].join(".")),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{}", parts[2]),
        format!("{}.{token}", parts[0]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] }).to_string(),
    ];
    for token in wrong {
        assert!(verify(&token).is_err(), "{token}");
    }
}

#[test]
fn alg_none_is_refused_in_every_spelling() {
    for key in KEYS.iter() {
        for alg in ["none", "None", "NONE", "nOnE", "", "null"] {
            let unsigned = forge(key, &with(header(key), "alg", json!(alg)).to_string(), &claims().to_string());
            let (message, _) = unsigned.rsplit_once('.').unwrap();
            for token in [format!("{message}."), unsigned.clone()] {
                assert_eq!(verify(&token), Err(VerifyError::Algorithm), "{alg}");
            }
        }
    }
    let key = key(Algorithm::Rs256);
    for alg in [json!(null), json!(["RS256"]), json!(0)] {
        let token = forge(&key, &with(header(&key), "alg", alg).to_string(), &claims().to_string());
        assert_eq!(verify(&token), Err(VerifyError::Algorithm));
    }
}

#[test]
fn a_mac_keyed_with_the_public_key_is_refused() {
    for key in KEYS.iter() {
        let jwk = key.public_jwk();
        let raw = ["n", "x"].iter().find_map(|name| jwk.get(name)?.as_str()).unwrap();
        let guesses = [
            jwk.to_string().into_bytes(),
            raw.as_bytes().to_vec(),
            URL_SAFE_NO_PAD.decode(raw).unwrap(),
            pem(key).into_bytes(),
        ];
        for (alg, algorithm) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
            (key.algorithm().as_str(), hmac::HMAC_SHA256),
        ] {
            for secret in &guesses {
                let header = with(header(key), "alg", json!(alg)).to_string();
                let message =
                    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims().to_string()));
                let mac = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
                let refused = verify(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.as_ref())));
                let reason = if alg.starts_with("HS") { VerifyError::Algorithm } else { VerifyError::Signature };
                assert_eq!(refused, Err(reason), "{alg}");
            }
        }
    }
}

/// The public key as relying parties know it from files.
fn pem(key: &SigningKey) -> String {
    let der = match &key.public_jwk()["kty"] {
        Value::String(kty) if kty == "OKP" => {
            let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
            der.extend(URL_SAFE_NO_PAD.decode(key.public_jwk()["x"].as_str().unwrap()).unwrap());
            der
        }
        // The exact DER does not matter: no MAC is ever computed.
        _ => key.public_jwk().to_string().into_bytes(),
    };
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

#[test]
fn an_algorithm_other_than_the_keys_own_is_refused() {
    for key in KEYS.iter() {
        for alg in ["RS256", "ES256", "EdDSA", "RS512", "PS256", "ES384", "ES256K"] {
            if alg != key.algorithm().as_str() {
                let token = forge(key, &with(header(key), "alg", json!(alg)).to_string(), &claims().to_string());
                assert_eq!(verify(&token), Err(VerifyError::Algorithm), "{alg}");
            }
        }
    }
}

#[test]
fn a_signature_of_zeros_is_refused() {
    for key in KEYS.iter() {
        let token = forge(key, &header(key).to_string(), &claims().to_string());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let length = URL_SAFE_NO_PAD.decode(signature).unwrap().len();
        for zeros in [vec![0; length], vec![0; 64], vec![0; 1], Vec::new(), vec![0x30, 0x06, 2, 1, 0, 2, 1, 0]] {
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(zeros));
            assert_eq!(verify(&token), Err(VerifyError::Signature), "{}", key.algorithm());
        }
    }
    // r and s equal to the order of the curve are zero as well.
    let key = key(Algorithm::Es256);
    let token = forge(&key, &header(&key).to_string(), &claims().to_string());
    let order: Vec<u8> =
        [0xffff_ffff_0000_0000_u64, 0xffff_ffff_ffff_ffff, 0xbce6_faad_a717_9e84, 0xf3b9_cac2_fc63_2551]
            .into_iter()
            .flat_map(u64::to_be_bytes)
            .collect();
    let signature = URL_SAFE_NO_PAD.encode([order.as_slice(), &order].concat());
    assert_eq!(verify(&format!("{}.{signature}", token.rsplit_once('.').unwrap().0)), Err(VerifyError::Signature));
}

#[test]
fn a_foreign_key_is_refused_whatever_it_calls_itself() {
    let foreign = SigningKey::generate(Algorithm::Es256).unwrap();
    let own_name = forge(&foreign, &header(&foreign).to_string(), &claims().to_string());
    assert_eq!(verify(&own_name), Err(VerifyError::UnknownKey));
    let borrowed = with(header(&foreign), "kid", json!(key(Algorithm::Es256).kid()));
    assert_eq!(verify(&forge(&foreign, &borrowed.to_string(), &claims().to_string())), Err(VerifyError::Signature));
}

#[test]
fn a_kid_is_only_ever_compared() {
    let key = key(Algorithm::Es256);
    let long = "k".repeat(8_000);
    let odd = [
        json!(""),
        json!("../../../../dev/null"),
        json!("' OR 1=1 --"),
        json!("https://evil.example/jwks.json"),
        json!(key.kid().to_uppercase()),
        json!(format!("{}\0", key.kid())),
        json!(format!(" {}", key.kid())),
        json!([key.kid()]),
        json!(0),
        json!(null),
        json!(long),
    ];
    for kid in odd {
        let token = forge(&key, &with(header(&key), "kid", kid.clone()).to_string(), &claims().to_string());
        assert_eq!(verify(&token), Err(VerifyError::UnknownKey), "{kid}");
    }
    let mut nameless = header(&key);
    nameless.as_object_mut().unwrap().remove("kid");
    assert_eq!(verify(&forge(&key, &nameless.to_string(), &claims().to_string())), Err(VerifyError::UnknownKey));
}

#[test]
fn a_header_that_brings_its_own_key_or_changes_the_rules_is_refused() {
    let key = key(Algorithm::Rs256);
    let members = [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("jwk", key.public_jwk().clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!(null)),
        ("enc", json!("A256GCM")),
    ];
    for (name, value) in members {
        let token = forge(&key, &with(header(&key), name, value).to_string(), &claims().to_string());
        assert_eq!(verify(&token), Err(VerifyError::HeaderMember(name)));
    }
    let unknown = with(header(&key), "cty", json!("json"));
    assert!(verify(&forge(&key, &unknown.to_string(), &claims().to_string())).is_ok(), "unknown members are ignored");
}

#[test]
fn the_typ_must_be_the_expected_one() {
    let key = key(Algorithm::Es256);
    let try_typ = |typ: Value| verify(&forge(&key, &with(header(&key), "typ", typ).to_string(), &claims().to_string()));
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert!(try_typ(json!(typ)).is_ok(), "{typ}");
    }
    for typ in [
        json!("JWT"),
        json!("logout+jwt"),
        json!("at+jwt "),
        json!("text/at+jwt"),
        json!("application/"),
        json!(""),
        json!(null),
        json!(1),
    ] {
        assert_eq!(try_typ(typ.clone()), Err(VerifyError::Type), "{typ}");
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
fn a_name_that_stands_twice_is_refused() {
    let key = key(Algorithm::Es256);
    let (head, body) = (header(&key).to_string(), claims().to_string());
    let doubled_alg = head.replacen('{', "{\"alg\":\"none\",", 1);
    let doubled_sub = body.replacen('{', "{\"sub\":\"admin\",", 1);
    assert!(verify(&forge(&key, &head, &body)).is_ok());
    assert_eq!(verify(&forge(&key, &doubled_alg, &body)), Err(VerifyError::Malformed));
    assert_eq!(verify(&forge(&key, &head, &doubled_sub)), Err(VerifyError::Malformed));
    for payload in ["", "null", "[]", "\"text\"", "{", &format!("{body} x")] {
        assert_eq!(verify(&forge(&key, &head, payload)), Err(VerifyError::Malformed), "{payload}");
    }
}

#[test]
fn an_oversize_token_is_refused_unread() {
    let token = ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "note", json!("x".repeat(16 * 1024)))).unwrap();
    assert_eq!(verify(&token), Err(VerifyError::TooLarge));
    assert_eq!(verify(&"a".repeat(10_000_000)), Err(VerifyError::TooLarge));
    let fits = ring().sign(Algorithm::EdDsa, "at+jwt", &with(claims(), "note", json!("x".repeat(11 * 1024)))).unwrap();
    assert!(verify(&fits).is_ok());
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
