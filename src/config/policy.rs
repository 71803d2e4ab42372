//! What each scope value takes: level, log-in, freshness, and what it waits for.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::mistake::Report;
use super::value;
use crate::domain::authentication::Acr;
use crate::domain::kyc::Tier;
use crate::domain::phone::Country;
use crate::domain::policy::Demand;
use crate::domain::scope::{self, Scope};
use crate::domain::time::Seconds;

/// The `[policy]` section: an entry a scope value.
pub type PolicySection = BTreeMap<String, DemandSection>;

/// A key that is left out demands nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemandSection {
    pub tier: Tier,
    pub acr: String,
    /// Zero: any.
    #[serde(deserialize_with = "value::seconds")]
    pub max_age: Seconds,
    pub waits_for_holds: bool,
    pub waits_for_settings_lock: bool,
    pub survives_expiry: bool,
    pub only_in: BTreeSet<Country>,
    pub not_in: BTreeSet<Country>,
}

impl Default for DemandSection {
    fn default() -> Self {
        Self {
            tier: Tier::REGISTERED,
            acr: Acr::Password.as_str().to_owned(),
            max_age: Seconds(0),
            waits_for_holds: false,
            waits_for_settings_lock: false,
            survives_expiry: false,
            only_in: BTreeSet::new(),
            not_in: BTreeSet::new(),
        }
    }
}

/// The demands, as the decision reads them.
pub fn demands(section: &PolicySection) -> BTreeMap<String, Demand> {
    section.iter().map(|(scope, entry)| (scope.clone(), entry.demand())).collect()
}

impl DemandSection {
    fn demand(&self) -> Demand {
        Demand {
            tier: self.tier,
            acr: Acr::parse(&self.acr).unwrap_or(Acr::Phrh),
            max_age: Some(self.max_age).filter(|age| *age > Seconds(0)),
            waits_for_holds: self.waits_for_holds,
            waits_for_settings_lock: self.waits_for_settings_lock,
            survives_expiry: self.survives_expiry,
            only_in: self.only_in.clone(),
            not_in: self.not_in.clone(),
        }
    }
}

pub(super) fn check(section: &PolicySection, report: &mut Report<'_>) {
    for (scope, entry) in section {
        let path = |key: &str| format!("policy.{scope}.{key}");
        if scope.parse::<Scope>().ok().is_none_or(|one| one.len() != 1) {
            report.mistake(&format!("policy.{scope}"), "is no scope value (RFC 6749 section 3.3)");
        }
        if scope == scope::OPENID && entry.demand() != Demand::default() {
            report.mistake(&format!("policy.{scope}"), "openid is every log-in: use authentication.second_factor");
        }
        if Acr::parse(&entry.acr).is_none() {
            let known = Acr::LADDER.map(Acr::as_str).join(", ");
            report.mistake(&path("acr"), format!("must be one of {known}"));
        }
        if entry.max_age != Seconds(0) {
            report.span(&path("max_age"), entry.max_age, Seconds::minutes(1), Seconds::days(30));
        }
        if !entry.only_in.is_empty() && !entry.not_in.is_empty() {
            report.mistake(&path("not_in"), "not together with `only_in`");
        }
        let by_country = !entry.only_in.is_empty() || !entry.not_in.is_empty();
        if by_country && entry.tier == Tier::REGISTERED {
            report.mistake(&path("tier"), "must be 1 at least: below it nobody knows where a person lives");
        }
    }
}
