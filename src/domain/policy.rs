//! The decision: what of the scope asked for is granted now, and why the rest is not.
//!
//! A pure function of the request, the client, the person and the moment. It is asked at the authorization endpoint,
//! when a code is redeemed and at every refresh, introspection and userinfo call.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::authentication::{Acr, Authentication};
use super::client::{Client, GrantType};
use super::scope::{self, Scope};
use super::user::User;

/// What the operator asks for, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub second_factor: SecondFactor,
    /// The weakest class at which a scope value is granted; absent means any.
    pub scope_acr: BTreeMap<String, Acr>,
    /// The strongest class that anybody can reach in this deployment.
    pub reach: Acr,
    /// Whether any SMS is sent.
    pub sms: bool,
}

/// Who must have a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Who has enrolled one is asked for it.
    #[default]
    #[serde(rename = "enrolled")]
    WhenEnrolled,
    /// Everybody: who has none is led to enrol one before an app is answered.
    Required,
}

impl Policy {
    /// What an app may ask for with a chance of getting it, from weak to strong.
    pub fn classes(&self) -> impl Iterator<Item = Acr> {
        let (reach, sms) = (self.reach, self.sms);
        Acr::LADDER.into_iter().filter(move |acr| *acr <= reach && (sms || *acr != Acr::MfaSms))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { second_factor: SecondFactor::default(), scope_acr: BTreeMap::new(), reach: Acr::Phr, sms: true }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub granted: Scope,
    pub withheld: Vec<(String, Withheld)>,
}

/// Why a scope value is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The account is locked.
    Frozen,
    /// The client is not registered for it.
    NotRegistered,
    /// The client cannot use refresh tokens.
    NoRefresh,
    /// The log-in was weaker than this.
    Acr(Acr),
}

impl Decision {
    /// The class at which nothing would be withheld for the weakness of the log-in. `None`: nothing is.
    pub fn acr_needed(&self) -> Option<Acr> {
        let needed = self.withheld.iter().filter_map(|(_, why)| match why {
            Withheld::Acr(needed) => Some(*needed),
            _ => None,
        });
        needed.max()
    }
}

/// What is granted is never wider than what was asked and registered.
pub fn decide(
    asked: &Scope,
    client: &Client,
    person: &User,
    authentication: &Authentication,
    policy: &Policy,
) -> Decision {
    let mut withheld = Vec::new();
    let mut granted = Vec::new();
    for value in asked.iter() {
        match objection(value, client, person, authentication, policy) {
            Some(reason) => withheld.push((value.to_owned(), reason)),
            None => granted.push(value),
        }
    }
    Decision { granted: Scope::of(granted), withheld }
}

fn objection(
    value: &str,
    client: &Client,
    person: &User,
    authentication: &Authentication,
    policy: &Policy,
) -> Option<Withheld> {
    if !person.is_active() || client.disabled {
        return Some(Withheld::Frozen);
    }
    if !client.scope.contains(value) {
        return Some(Withheld::NotRegistered);
    }
    if value == scope::OFFLINE_ACCESS && !client.may_use(GrantType::RefreshToken) {
        return Some(Withheld::NoRefresh);
    }
    let needed = policy.scope_acr.get(value).copied()?;
    (authentication.acr < needed).then_some(Withheld::Acr(needed))
}
