//! The rules of requesting and returning verified claims, one vector each (`vectors.json`): what is asked, and what is told of it.

use std::collections::BTreeSet;

use karat::domain::claims_request::ClaimsRequest;
use karat::domain::kyc::identity::{Identity, Verification};
use karat::domain::kyc::{Finding, Provider, Standing, Tier};
use karat::domain::time::{Seconds, Timestamp};
use karat::domain::verified_claims::{Dataset, Request, answer, datasets};
use karat::flow::kyc::Verified;
use serde::Deserialize;
use serde_json::{Value, json};

use super::schema;
use crate::support::app::START;
use crate::support::verified::{erika, erika_at_home};

pub const FRAMEWORK: &str = "https://idp.test/trust-frameworks/exchange-kyc/v1";

#[derive(Deserialize)]
struct Vectors {
    told: Vec<Vector>,
    malformed: Vec<Malformed>,
}

#[derive(Deserialize)]
struct Vector {
    rule: String,
    /// Of Erika's: 2, or 3 as well.
    level: u8,
    /// Seconds after she was verified.
    #[serde(default)]
    after: i64,
    request: Value,
    /// `null`: `verified_claims` is left out.
    answer: Value,
}

#[derive(Deserialize)]
struct Malformed {
    rule: String,
    request: Value,
    /// The published schema says nothing against it; the text does.
    #[serde(default)]
    by_the_text: bool,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

/// Verified at 2026-01-15T10:00:00Z.
pub fn verified_at() -> Timestamp {
    Timestamp::from_unix(START)
}

pub fn person(level: u8) -> (Identity, Standing) {
    let verified: Vec<(Tier, Verified)> =
        [(Tier::STANDARD, erika(verified_at())), (Tier::ENHANCED, erika_at_home(verified_at()))]
            .into_iter()
            .filter(|(tier, _)| tier.level() <= level)
            .collect();
    let mut known = (Identity::default(), Standing::default());
    for (tier, Verified { attributes, evidence }) in verified {
        let case = format!("0190163d-8694-739b-aea5-00000000000{tier}").parse().unwrap();
        let approved = Finding::Approved { case, tier, until: None, residence: attributes.residence };
        let entry = Verification { tier, case, provider: Provider::Review, at: verified_at(), attributes, evidence };
        known = (known.0.with(entry), known.1.after(&approved, verified_at()));
    }
    known
}

pub fn datasets_of(level: u8) -> Vec<Dataset> {
    let (identity, standing) = person(level);
    datasets(&identity, &standing, FRAMEWORK, verified_at())
}

#[test]
fn each_rule_tells_what_its_vector_says() {
    for vector in vectors().told {
        let rule = &vector.rule;
        let whole = json!({ "userinfo": { "verified_claims": vector.request } });
        schema::request(&whole).unwrap_or_else(|why| panic!("{rule}: the vector is no request: {why}"));
        let request = Request::parse(&vector.request).unwrap_or_else(|_| panic!("{rule}: not read"));
        let now = verified_at().plus(Seconds(vector.after));
        let told = answer(&request, &datasets_of(vector.level), now);
        if let Some(told) = &told {
            schema::answer(told).unwrap_or_else(|why| panic!("{rule}: {why}"));
        }
        assert_eq!(told.unwrap_or(Value::Null), vector.answer, "{rule}");
        // By way of the whole parameter, and of what a grant keeps of it.
        let parsed = ClaimsRequest::parse(&whole.to_string()).unwrap();
        let kept: ClaimsRequest = serde_json::from_str(&serde_json::to_string(&parsed).unwrap()).unwrap();
        assert_eq!(kept.verified.userinfo, request, "{rule}");
        assert!(kept.verified.id_token.is_empty());
    }
}

#[test]
fn what_is_no_request_is_refused() {
    for Malformed { rule, request, by_the_text } in vectors().malformed {
        assert!(Request::parse(&request).is_err(), "{rule}");
        let whole = json!({ "id_token": { "verified_claims": request } });
        assert!(ClaimsRequest::parse(&whole.to_string()).is_err(), "{rule}");
        assert_eq!(schema::request(&whole).is_ok(), by_the_text, "{rule}");
    }
}

#[test]
fn every_vector_has_a_rule_of_its_own() {
    let vectors = vectors();
    let rules = vectors.told.iter().map(|vector| &vector.rule).chain(vectors.malformed.iter().map(|it| &it.rule));
    let rules: Vec<&String> = rules.collect();
    assert_eq!(BTreeSet::from_iter(&rules).len(), rules.len());
    assert!(rules.len() >= 50, "{}", rules.len());
}

#[test]
fn without_the_right_to_any_claim_nothing_at_all_is_asked_for() {
    let asked =
        json!({ "verification": { "trust_framework": null }, "claims": { "given_name": null, "birthdate": null } });
    let request = Request::parse(&asked).unwrap();
    assert!(request.clone().limited_to(&BTreeSet::new()).is_empty());
    let limited = request.limited_to(&["birthdate".to_owned()].into());
    assert_eq!(limited.claims().collect::<Vec<_>>(), ["birthdate"]);
}
