//! How strong a log-in has to be.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::mistake::Report;
use super::value::{self, Rate};
use crate::domain::authentication::Acr;
use crate::domain::policy::SecondFactor;
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationSection {
    pub second_factor: SecondFactor,
    /// Each entry "SCOPE ACR".
    pub scope_acr: Vec<String>,
    /// How long a remembered device lets a log-in do without the second factor; zero stands for never.
    #[serde(deserialize_with = "value::seconds")]
    pub remember_devices_for: Seconds,
    pub approve_new_devices: bool,
    /// Age of the proof that a change of the account's protection asks for.
    #[serde(deserialize_with = "value::seconds")]
    pub fresh_for: Seconds,
    /// Between the password and the last of its factors.
    #[serde(deserialize_with = "value::seconds")]
    pub pending_lifetime: Seconds,
    pub factor_guesses: Rate,
    pub factor_guesses_per_day: Rate,
}

impl AuthenticationSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (minute, hour) = (Seconds::minutes(1), Seconds::hours(1));
        report.span("authentication.remember_devices_for", self.remember_devices_for, Seconds(0), Seconds::days(90));
        report.span("authentication.fresh_for", self.fresh_for, minute, hour);
        report.span("authentication.pending_lifetime", self.pending_lifetime, minute, hour);
        let guesses = [
            ("authentication.factor_guesses", self.factor_guesses),
            ("authentication.factor_guesses_per_day", self.factor_guesses_per_day),
        ];
        for (key, rate) in guesses {
            // NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures.
            report.number(key, rate.count, 3, 100);
        }
        for (index, entry) in self.scope_acr.iter().enumerate() {
            let path = format!("authentication.scope_acr[{index}]");
            match parse(entry) {
                None => {
                    let known = Acr::LADDER.map(Acr::as_str).join(", ");
                    report.mistake(&path, format!("must be \"SCOPE ACR\" with an ACR of {known}"));
                }
                Some((scope, _)) if self.scope_acr[..index].iter().any(|earlier| is_about(earlier, scope)) => {
                    report.mistake(&path, format!("{scope:?} has an entry already"));
                }
                Some(("openid", _)) => report.mistake(&path, "openid is every log-in: use second_factor"),
                Some(_) => {}
            }
        }
    }

    /// The weakest class of each scope value named.
    pub fn scope_classes(&self) -> BTreeMap<String, Acr> {
        self.scope_acr.iter().filter_map(|entry| parse(entry)).map(|(scope, acr)| (scope.to_owned(), acr)).collect()
    }
}

fn parse(entry: &str) -> Option<(&str, Acr)> {
    let (scope, acr) = entry.split_once(' ')?;
    Some((scope, Acr::parse(acr)?)).filter(|_| !scope.is_empty())
}

fn is_about(entry: &str, scope: &str) -> bool {
    parse(entry).is_some_and(|(named, _)| named == scope)
}
