//! Signatures of providers of verification against vectors that were computed elsewhere, and what is next to a right one.

use karat::domain::kyc::Provider;
use karat::domain::time::Timestamp;
use karat::gateway::fetch::Fetcher;
use karat::gateway::kyc::{Notice, Post, Providers, Unverified};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::config;

/// 2026-01-15T10:20:30Z.
const TIME: i64 = 1_768_472_430;

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/signatures.json")).unwrap()
}

fn text(vector: &Value, key: &str) -> String {
    vector[key].as_str().unwrap().to_owned()
}

fn providers() -> Providers {
    let all = vectors();
    let secret = |provider: &str, key: &str| text(&all[provider], key);
    let config = config(&format!(
        "[sumsub]\napp_token = \"t\"\nsecret_key = \"k\"\nwebhook_secret = \"{}\"\n\
         [onfido]\napi_token = \"t\"\nwebhook_secret = \"{}\"\n\
         [persona]\napi_key = \"k\"\nwebhook_secret = \"{}\"\nwebhook_previous_secret = \"{}\"\n\
         [veriff]\napi_key = \"k\"\nshared_secret = \"{}\"\n\
         [stripe_identity]\nsecret_key = \"k\"\nwebhook_secret = \"{}\"\n",
        secret("sumsub", "secret"),
        secret("onfido", "secret"),
        secret("persona", "secret"),
        secret("persona", "old_secret"),
        secret("veriff", "secret"),
        secret("stripe", "secret"),
    ));
    Providers::new(&config, Fetcher::new(&config.outgoing).unwrap())
}

fn judge(provider: Provider, headers: &[(&str, &str)], body: &str, now: i64) -> Result<Notice, Unverified> {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let post = Post { headers: &all, body: body.as_bytes() };
    providers().of(provider).unwrap().judge(post, Timestamp::from_unix(now))
}

fn unsigned(provider: Provider, headers: &[(&str, &str)], body: &str, now: i64, why: &str) {
    assert_eq!(judge(provider, headers, body, now), Err(Unverified::Unsigned), "{provider}: {why}");
}

/// What is next to a right signature: bytes, capitals, another provider's body, the body written anew, no header.
fn neighbours(provider: Provider, headers: &[(&str, &str)], body: &str) {
    for at in [0, body.len() / 2, body.len() - 1] {
        let mut bytes = body.as_bytes().to_vec();
        bytes[at] ^= 1;
        unsigned(provider, headers, std::str::from_utf8(&bytes).unwrap(), TIME, "a byte changed");
    }
    let anew = serde_json::to_string_pretty(&serde_json::from_str::<Value>(body).unwrap()).unwrap();
    unsigned(provider, headers, &anew, TIME, "written anew");
    unsigned(provider, &[], body, TIME, "no header");
    unsigned(provider, &headers.iter().chain(headers).copied().collect::<Vec<_>>(), body, TIME, "headers twice");
    let (name, value) = headers[0];
    let capitals: String = match value.rsplit_once('=') {
        Some((before, hex)) => format!("{before}={}", hex.to_uppercase()),
        None => value.to_uppercase(),
    };
    let mut loud = headers.to_vec();
    loud[0] = (name, &capitals);
    unsigned(provider, &loud, body, TIME, "in capitals");
}

#[test]
fn sumsubs_digests_count_by_sha_256_and_512_and_no_other_way() {
    let vector = &vectors()["sumsub"];
    let body = text(vector, "body");
    for algorithm in ["HMAC_SHA256_HEX", "HMAC_SHA512_HEX"] {
        let digest = text(vector, algorithm);
        let headers = [("x-payload-digest", digest.as_str()), ("x-payload-digest-alg", algorithm)];
        let notice = judge(Provider::Sumsub, &headers, &body, TIME).unwrap();
        assert_eq!(notice.reference.as_deref(), Some("5cb744200a975a67ed1798a4"));
        assert_eq!((notice.at, notice.kind.as_str()), (Some(TIME * 1000 + 123), "applicantReviewed"));
        neighbours(Provider::Sumsub, &headers, &body);
        unsigned(Provider::Sumsub, &headers[..1], &body, TIME, "no algorithm");
    }
    let (sha1, sha256) = (text(vector, "HMAC_SHA1_HEX"), text(vector, "HMAC_SHA256_HEX"));
    for (digest, algorithm) in [
        (sha1.as_str(), "HMAC_SHA1_HEX"),
        (&sha1, "HMAC_SHA256_HEX"),
        (&sha256, "HMAC_SHA512_HEX"),
        (&sha256, "none"),
        (&sha256, "hmac_sha256_hex"),
        (&sha256[..63], "HMAC_SHA256_HEX"),
        ("", "HMAC_SHA256_HEX"),
    ] {
        let headers = [("x-payload-digest", digest), ("x-payload-digest-alg", algorithm)];
        unsigned(Provider::Sumsub, &headers, &body, TIME, algorithm);
    }
}

#[test]
fn onfidos_and_veriffs_signatures_count_over_the_very_body() {
    let all = vectors();
    let (body, signature) = (text(&all["onfido"], "body"), text(&all["onfido"], "X-SHA2-Signature"));
    let headers = [("x-sha2-signature", signature.as_str())];
    let notice = judge(Provider::Onfido, &headers, &body, TIME).unwrap();
    assert_eq!((notice.reference.as_deref(), notice.at), (Some("run-1"), Some(TIME * 1000)));
    neighbours(Provider::Onfido, &headers, &body);

    let (body, signature) = (text(&all["veriff"], "body"), text(&all["veriff"], "x-hmac-signature"));
    let headers = [("x-hmac-signature", signature.as_str())];
    let notice = judge(Provider::Veriff, &headers, &body, TIME).unwrap();
    assert_eq!(notice.reference.as_deref(), Some("12df6045-3846-3e45-946a-14fa6136d78b"));
    assert_eq!(notice.at, Some(TIME * 1000 + 123));
    neighbours(Provider::Veriff, &headers, &body);
    let ours = [headers[0], ("x-auth-client", "k")];
    assert!(judge(Provider::Veriff, &ours, &body, TIME).is_ok());
    unsigned(Provider::Veriff, &[headers[0], ("x-auth-client", "another")], &body, TIME, "for another integration");
    unsigned(Provider::Veriff, &[("x-signature", signature.as_str())], &body, TIME, "the older header");
}

#[test]
fn personas_and_stripes_signatures_count_in_their_time() {
    let all = vectors();
    let (body, new, old) =
        (text(&all["persona"], "body"), text(&all["persona"], "v1_new"), text(&all["persona"], "v1_old"));
    let stripe = (text(&all["stripe"], "body"), text(&all["stripe"], "v1"));
    for (provider, name, body, signature) in [
        (Provider::Persona, "persona-signature", &body, &new),
        (Provider::Persona, "persona-signature", &body, &old),
        (Provider::Stripe, "stripe-signature", &stripe.0, &stripe.1),
    ] {
        let right = format!("t={TIME},v1={signature}");
        let headers = [(name, right.as_str())];
        assert!(judge(provider, &headers, body, TIME).is_ok(), "{provider}");
        assert!(judge(provider, &headers, body, TIME + 300).is_ok(), "{provider}");
        neighbours(provider, &headers, body);
        for now in [TIME + 301, TIME - 301, TIME + 600] {
            unsigned(provider, &headers, body, now, "not of now");
        }
        for (header, why) in [
            (right.replace("v1=", "v0="), "v0 alone"),
            (right.replace(&format!("t={TIME}"), &format!("t={}", TIME + 1)), "another time"),
            (format!("v1={signature}"), "no time"),
            (format!("t={TIME}"), "no signature"),
            (signature.clone(), "the signature alone"),
        ] {
            unsigned(provider, &[(name, &header)], body, TIME, why);
        }
    }
    let both = format!("t={TIME},v1={new} t={TIME},v1={old}");
    let notice = judge(Provider::Persona, &[("persona-signature", &both)], &body, TIME).unwrap();
    assert_eq!(notice.event_id, "evt_XGuYWp7WuDzNxie5z16s7sGJ");
    assert_eq!(notice.reference.as_deref(), Some("inq_2CVZ4HyVg7qaboXz2PUHknAn"));
    let several = format!("t={TIME},v1={},v1={},v0=00", "0".repeat(64), stripe.1);
    let notice = judge(Provider::Stripe, &[("stripe-signature", &several)], &stripe.0, TIME).unwrap();
    assert_eq!(
        (notice.event_id.as_str(), notice.reference.as_deref(), notice.at),
        ("evt_1", Some("vs_1"), Some(TIME * 1000))
    );
}
