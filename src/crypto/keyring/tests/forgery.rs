//! Tokens that somebody else made or changed.

use aws_lc_rs::hmac;
use base64::engine::general_purpose::STANDARD;

use super::*;

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
    let der = key.public_der();
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
