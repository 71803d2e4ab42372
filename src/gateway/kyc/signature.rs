//! Signatures of webhooks: an HMAC over the bytes as they came, in lower-case hexadecimal, under the secret in force or the
//! previous one while it is being changed. Compared in constant time.

use aws_lc_rs::hmac;
use reqwest::header::HeaderMap;
use subtle::ConstantTimeEq;

use crate::config::Secret;
use crate::domain::time::{Seconds, Timestamp};

/// How far the clocks of both sides may differ, where a time is signed.
pub const TOLERANCE: Seconds = Seconds::minutes(5);
/// While a secret is being changed there are two; more than a few is somebody trying.
const MOST_SIGNATURES: usize = 8;

/// The secrets that count.
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// `None` without a secret in force.
    pub fn new(current: &Option<Secret>, previous: &Option<Secret>) -> Option<Self> {
        let all = [current.clone()?].into_iter().chain(previous.clone());
        Some(Self(all.filter(|secret| !secret.expose().is_empty()).collect())).filter(|secrets| !secrets.0.is_empty())
    }

    /// Whether one of `shown` is the HMAC of the parts, one after the other. The same bytes in capitals are another text.
    pub fn accept(&self, algorithm: hmac::Algorithm, parts: &[&[u8]], shown: &[&str]) -> bool {
        self.0.iter().any(|secret| {
            let ours = sign(algorithm, secret, parts);
            shown.iter().any(|shown| shown.as_bytes().ct_eq(ours.as_bytes()).into())
        })
    }

    /// A header with a time and signatures, `t=<seconds>,v1=<hex>[,v1=<hex>...]`, where several such pairs may stand side by side. The
    /// signature is over the time, a full stop and the body, and the time is of now. Other versions (`v0`) do not count.
    pub fn accept_timed(&self, header: &str, body: &[u8], now: Timestamp) -> bool {
        let mut shown: Vec<(&str, &str)> = Vec::new();
        for pairs in header.split(' ').filter(|pairs| !pairs.is_empty()) {
            let mut time = None;
            for (name, value) in pairs.split(',').filter_map(|pair| pair.split_once('=')) {
                match (name, time) {
                    ("t", None) => time = Some(value),
                    ("t", Some(_)) => return false,
                    ("v1", Some(time)) => shown.push((time, value)),
                    _ => {}
                }
            }
        }
        shown.truncate(MOST_SIGNATURES);
        shown.into_iter().any(|(time, signature)| {
            is_of_now(time, now) && self.accept(hmac::HMAC_SHA256, &[time.as_bytes(), b".", body], &[signature])
        })
    }
}

fn is_of_now(time: &str, now: Timestamp) -> bool {
    let plain = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let at = time.parse::<i64>().ok().filter(|_| plain);
    at.is_some_and(|at| now.unix().abs_diff(at) <= TOLERANCE.0.unsigned_abs())
}

/// In lower-case hexadecimal.
pub fn sign(algorithm: hmac::Algorithm, secret: &Secret, parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, secret.expose().as_bytes()));
    for part in parts {
        context.update(part);
    }
    hex(context.sign().as_ref())
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A header that is there once.
pub fn the_one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: i64 = 1_768_472_430;

    fn secrets() -> Secrets {
        Secrets::new(&Some("new".to_owned().into()), &Some("old".to_owned().into())).unwrap()
    }

    fn signed(secret: &str, time: &str, body: &[u8]) -> String {
        sign(hmac::HMAC_SHA256, &secret.to_owned().into(), &[time.as_bytes(), b".", body])
    }

    #[test]
    fn a_signature_counts_under_either_secret_in_lower_case_and_in_its_time() {
        let (secrets, now, time) = (secrets(), Timestamp::from_unix(TIME), TIME.to_string());
        for secret in ["new", "old"] {
            let header = format!("t={time},v1={}", signed(secret, &time, b"{}"));
            assert!(secrets.accept_timed(&header, b"{}", now), "{secret}");
            assert!(!secrets.accept_timed(&header.to_uppercase().replace("T=", "t=").replace("V1", "v1"), b"{}", now));
            assert!(!secrets.accept_timed(&header.replace("v1", "v0"), b"{}", now));
            assert!(!secrets.accept_timed(&header, b"{} ", now));
            for (off, counts) in [(300, true), (301, false), (-300, true), (-301, false)] {
                assert_eq!(secrets.accept_timed(&header, b"{}", Timestamp::from_unix(TIME + off)), counts, "{off}");
            }
        }
        assert!(!secrets.accept_timed(&format!("t={time},v1={}", signed("other", &time, b"{}")), b"{}", now));
    }

    #[test]
    fn two_pairs_side_by_side_are_two_chances_and_a_time_belongs_to_its_own_signature() {
        let (secrets, now, time) = (secrets(), Timestamp::from_unix(TIME), TIME.to_string());
        let right = signed("new", &time, b"{}");
        let both = format!("t={time},v1={} t={time},v1={right}", signed("another", &time, b"{}"));
        assert!(secrets.accept_timed(&both, b"{}", now));
        let stale = (TIME - 900).to_string();
        let old = signed("new", &stale, b"{}");
        assert!(!secrets.accept_timed(&format!("t={stale},v1={old} t={time},v1=00"), b"{}", now));
        assert!(!secrets.accept_timed(&format!("t={stale},t={time},v1={right}"), b"{}", now));
        assert!(!secrets.accept_timed(&format!("v1={right},t={time}"), b"{}", now));
        for header in
            ["", "t=", "t=,v1=", "v1=", "t=1", "t=-1,v1=00", "t=+1,v1=00", ",,,", "t=99999999999999999999,v1="]
        {
            assert!(!secrets.accept_timed(header, b"{}", now), "{header}");
        }
    }

    #[test]
    fn without_a_secret_nothing_is_accepted() {
        assert!(Secrets::new(&None, &Some("old".to_owned().into())).is_none());
        assert!(Secrets::new(&Some(String::new().into()), &None).is_none());
    }
}
