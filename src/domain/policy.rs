//! The decision: what of the scope asked for is granted now, and why the rest is not.
//!
//! A pure function of the request, the client, the person, the log-in and the moment. It is asked at the authorization endpoint,
//! when a code is redeemed and at every refresh, introspection and userinfo call.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::authentication::{Acr, Authentication};
use super::client::{Client, GrantType};
use super::hold::running;
use super::kyc::{Standing, Tier};
use super::phone::Country;
use super::scope::{self, Scope};
use super::time::{Seconds, Timestamp};
use super::user::User;

/// The longest an access token lives that carries scope which waits for holds: nobody can call it back from who does not ask.
pub const MONEY_TOKEN_LIFETIME: Seconds = Seconds::minutes(2);

/// What the operator asks for, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub second_factor: SecondFactor,
    /// What each scope value takes; one that is not named takes nothing.
    pub scopes: BTreeMap<String, Demand>,
    /// Where nobody is served: who lives there has level 0.
    pub restricted: BTreeSet<Country>,
    /// Whether anybody can be verified.
    pub verification: bool,
    /// The strongest class that anybody can reach in this deployment.
    pub reach: Acr,
    /// Whether any SMS is sent.
    pub sms: bool,
}

/// What a scope value takes to be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub tier: Tier,
    /// The weakest class of log-in.
    pub acr: Acr,
    /// How long ago the log-in may be.
    pub max_age: Option<Seconds>,
    /// Moves money: withheld while a hold runs, and tokens with it are short-lived.
    pub waits_for_holds: bool,
    pub waits_for_settings_lock: bool,
    /// A level that has expired still counts for it: who may no longer do business may still get out.
    pub survives_expiry: bool,
    /// Granted to residents of these countries only; empty: of every country.
    pub only_in: BTreeSet<Country>,
    pub not_in: BTreeSet<Country>,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            tier: Tier::REGISTERED,
            acr: Acr::Password,
            max_age: None,
            waits_for_holds: false,
            waits_for_settings_lock: false,
            survives_expiry: false,
            only_in: BTreeSet::new(),
            not_in: BTreeSet::new(),
        }
    }
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

    /// What a person's verification is worth: the `kyc_level` claim.
    pub fn tier(&self, standing: &Standing, at: Timestamp) -> Tier {
        if self.counts(standing) { standing.tier(at) } else { Tier::REGISTERED }
    }

    /// As [`Policy::tier`], counting levels that have expired.
    fn tier_before_expiry(&self, standing: &Standing) -> Tier {
        if self.counts(standing) { standing.tier_before_expiry() } else { Tier::REGISTERED }
    }

    fn counts(&self, standing: &Standing) -> bool {
        self.verification && !self.is_restricted(standing)
    }

    /// Whether the person lives where nobody is served.
    pub fn is_restricted(&self, standing: &Standing) -> bool {
        standing.residence().is_some_and(|country| self.restricted.contains(&country))
    }

    /// How long an access token with this scope may live, of the lifetime that is wanted for it.
    pub fn token_lifetime(&self, scope: &Scope, wanted: Seconds) -> Seconds {
        let is_money = |value: &str| self.scopes.get(value).is_some_and(|demand| demand.waits_for_holds);
        if scope.iter().any(is_money) { wanted.min(MONEY_TOKEN_LIFETIME) } else { wanted }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            second_factor: SecondFactor::default(),
            scopes: BTreeMap::new(),
            restricted: BTreeSet::new(),
            verification: true,
            reach: Acr::Phr,
            sms: true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub granted: Scope,
    pub withheld: Vec<Refusal>,
}

/// A scope value that is not granted, with everything that stands in its way; never nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub scope: String,
    pub why: Vec<Withheld>,
}

/// Why a scope value is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The account is locked or frozen, or the client is switched off.
    Frozen,
    /// The client is not registered for it.
    NotRegistered,
    /// The client cannot use refresh tokens.
    NoRefresh,
    /// Not where the person lives.
    Region,
    /// The person is verified less than this.
    Tier(Tier),
    /// Not before then, after a change to what protects the account.
    Hold(Timestamp),
    /// The person has locked the account's settings.
    SettingsLocked,
    /// The log-in was weaker than this.
    Acr(Acr),
    /// The log-in is longer ago than this.
    TooOld(Seconds),
}

impl Refusal {
    /// What only the registration of the client could change.
    pub fn is_the_clients(&self) -> bool {
        self.why.iter().any(|why| matches!(why, Withheld::Frozen | Withheld::NotRegistered | Withheld::NoRefresh))
    }

    /// The level that a person would have to reach for it; `None` when they have it.
    pub fn tier(&self) -> Option<Tier> {
        self.why.iter().find_map(|why| if let Withheld::Tier(tier) = why { Some(*tier) } else { None })
    }

    /// Nothing that the person could do now would help.
    pub fn is_out_of_reach(&self) -> bool {
        self.why.iter().any(|why| matches!(why, Withheld::Region | Withheld::Hold(_) | Withheld::SettingsLocked))
    }

    /// Nothing that the person proves would help.
    pub fn is_closed_by_region(&self) -> bool {
        self.why.contains(&Withheld::Region)
    }

    pub fn acr(&self) -> Option<Acr> {
        self.why.iter().find_map(|why| if let Withheld::Acr(acr) = why { Some(*acr) } else { None })
    }

    pub fn is_too_old(&self) -> bool {
        self.why.iter().any(|why| matches!(why, Withheld::TooOld(_)))
    }
}

/// What is granted is never wider than what was asked and registered.
pub fn decide(
    asked: &Scope,
    client: &Client,
    person: &User,
    authentication: &Authentication,
    policy: &Policy,
    now: Timestamp,
) -> Decision {
    let facts = Facts::of(person, authentication, policy, now);
    let closed = !person.is_active() || client.disabled;
    let mut withheld = Vec::new();
    let mut granted = Vec::new();
    for value in asked.iter() {
        let why = match closed {
            true => vec![Withheld::Frozen],
            false => objections(value, client, &facts, policy),
        };
        match why.is_empty() {
            true => granted.push(value),
            false => withheld.push(Refusal { scope: value.to_owned(), why }),
        }
    }
    Decision { granted: Scope::of(granted), withheld }
}

/// Of person and log-in, what every demand is held against.
struct Facts {
    tier: Tier,
    tier_before_expiry: Tier,
    residence: Option<Country>,
    /// Nobody is served where the person lives.
    restricted: bool,
    acr: Acr,
    age: Seconds,
    hold: Option<Timestamp>,
    settings_locked: bool,
}

impl Facts {
    fn of(person: &User, authentication: &Authentication, policy: &Policy, now: Timestamp) -> Self {
        Self {
            tier: policy.tier(&person.kyc, now),
            tier_before_expiry: policy.tier_before_expiry(&person.kyc),
            residence: person.kyc.residence(),
            restricted: policy.is_restricted(&person.kyc),
            acr: authentication.acr,
            age: now.since(authentication.time),
            hold: running(person.hold_until, now),
            settings_locked: person.protection.settings.at(now).delay().is_some(),
        }
    }
}

fn objections(value: &str, client: &Client, facts: &Facts, policy: &Policy) -> Vec<Withheld> {
    // Most values meet none, and a list without members takes no memory.
    let mut why = Vec::new();
    if !client.scope.contains(value) {
        why.push(Withheld::NotRegistered);
    } else if value == scope::OFFLINE_ACCESS && !client.may_use(GrantType::RefreshToken) {
        why.push(Withheld::NoRefresh);
    }
    let Some(demand) = policy.scopes.get(value) else { return why };
    let tier = if demand.survives_expiry { facts.tier_before_expiry } else { facts.tier };
    let needed = demand.tier_needed();
    match facts.residence {
        // Proving more would not help.
        Some(_) if facts.restricted && needed > Tier::REGISTERED => why.push(Withheld::Region),
        Some(country) if !demand.is_open_in(country) => why.push(Withheld::Region),
        // Verified, and yet nobody knows where they live: not where it matters.
        None if demand.is_by_country() && tier >= needed => why.push(Withheld::Region),
        _ => {}
    }
    if tier < needed {
        why.push(Withheld::Tier(needed));
    }
    if let Some(until) = facts.hold.filter(|_| demand.waits_for_holds) {
        why.push(Withheld::Hold(until));
    }
    if demand.waits_for_settings_lock && facts.settings_locked {
        why.push(Withheld::SettingsLocked);
    }
    if facts.acr < demand.acr {
        why.push(Withheld::Acr(demand.acr));
    }
    if let Some(most) = demand.max_age.filter(|most| facts.age > *most) {
        why.push(Withheld::TooOld(most));
    }
    why
}

impl Demand {
    fn is_by_country(&self) -> bool {
        !self.only_in.is_empty() || !self.not_in.is_empty()
    }

    fn is_open_in(&self, country: Country) -> bool {
        !self.not_in.contains(&country) && (self.only_in.is_empty() || self.only_in.contains(&country))
    }

    /// Where the country matters, it has to be known, and that takes a level.
    fn tier_needed(&self) -> Tier {
        if self.is_by_country() { self.tier.max(Tier::BASIC) } else { self.tier }
    }
}

#[cfg(test)]
mod tests;
