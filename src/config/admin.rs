//! What the operator's own people are asked for.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};

use super::mistake::Report;
use super::value;
use crate::domain::admin::{Act, Danger};
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminSection {
    /// How lately a passkey has to have been shown for what is dangerous.
    #[serde(deserialize_with = "value::seconds")]
    pub fresh_for: Seconds,
    /// The grave acts that take a second person.
    #[serde(deserialize_with = "acts")]
    pub second_person: BTreeSet<Act>,
    #[serde(deserialize_with = "value::seconds")]
    pub proposal_lifetime: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub setup_link_lifetime: Seconds,
}

fn acts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Act>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let grave = |text: &String| text.parse::<Act>().ok().filter(|act| act.danger() == Danger::Grave);
    texts
        .iter()
        .map(|text| {
            grave(text).ok_or_else(|| {
                let all: Vec<_> =
                    Act::ALL.iter().filter(|act| act.danger() == Danger::Grave).map(|act| act.as_str()).collect();
                serde::de::Error::custom(format!("{text:?} is none of {}", all.join(", ")))
            })
        })
        .collect()
}

impl AdminSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        report.span("admin.fresh_for", self.fresh_for, Seconds::minutes(1), Seconds::hours(1));
        report.span("admin.proposal_lifetime", self.proposal_lifetime, Seconds::minutes(10), Seconds::days(30));
        report.span("admin.setup_link_lifetime", self.setup_link_lifetime, Seconds::minutes(5), Seconds::days(7));
    }
}
