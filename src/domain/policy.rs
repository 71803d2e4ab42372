//! The decision: what of the scope asked for is granted now, and why the rest is not.
//!
//! A pure function of the request, the client, the person and the moment. It is asked at the authorization endpoint,
//! when a code is redeemed and at every refresh, introspection and userinfo call.

use super::client::{Client, GrantType};
use super::scope::{self, Scope};
use super::user::User;

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
}

/// What is granted is never wider than what was asked and registered.
pub fn decide(asked: &Scope, client: &Client, person: &User) -> Decision {
    let mut withheld = Vec::new();
    let mut granted = Vec::new();
    for value in asked.iter() {
        match objection(value, client, person) {
            Some(reason) => withheld.push((value.to_owned(), reason)),
            None => granted.push(value),
        }
    }
    Decision { granted: Scope::of(granted), withheld }
}

fn objection(value: &str, client: &Client, person: &User) -> Option<Withheld> {
    if !person.is_active() || client.disabled {
        return Some(Withheld::Frozen);
    }
    if !client.scope.contains(value) {
        return Some(Withheld::NotRegistered);
    }
    (value == scope::OFFLINE_ACCESS && !client.may_use(GrantType::RefreshToken)).then_some(Withheld::NoRefresh)
}
