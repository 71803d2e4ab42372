//! Scope values and sets of them (RFC 6749 section 3.3).

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// More than this many values in one request is an attack, not a wish.
const MOST_VALUES: usize = 64;
const LONGEST_VALUE: usize = 128;

pub const OPENID: &str = "openid";
pub const PROFILE: &str = "profile";
pub const EMAIL: &str = "email";
pub const PHONE: &str = "phone";
pub const ADDRESS: &str = "address";
pub const OFFLINE_ACCESS: &str = "offline_access";

/// The scopes every deployment knows (OpenID Connect Core sections 5.4 and 11).
pub const STANDARD: [&str; 6] = [OPENID, PROFILE, EMAIL, PHONE, ADDRESS, OFFLINE_ACCESS];

/// How the scopes begin that open operations of the house.
pub const OF_THE_HOUSE: &str = "karat:";

/// A set of scope values; prints in one order, whatever order was asked in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(BTreeSet<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("scope is not a list of scope values separated by single spaces")]
pub struct InvalidScope;

impl Scope {
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self(values.into_iter().map(str::to_owned).collect())
    }

    /// Reads what was printed before. Unlike what one request asks for, what has gathered over time has no bound.
    pub fn from_stored(text: &str) -> Result<Self, InvalidScope> {
        let values = text.split(' ').filter(|_| !text.is_empty());
        let values = values.map(|value| if is_value(value) { Ok(value.to_owned()) } else { Err(InvalidScope) });
        Ok(Self(values.collect::<Result<_, _>>()?))
    }

    pub fn contains(&self, value: &str) -> bool {
        self.0.contains(value)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those that open operations of the house.
    pub fn of_the_house(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|value| value.starts_with(OF_THE_HOUSE))
    }

    pub fn is_within(&self, wider: &Scope) -> bool {
        self.0.is_subset(&wider.0)
    }

    pub fn intersection(&self, other: &Scope) -> Scope {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    pub fn union(&self, other: &Scope) -> Scope {
        Self(self.0.union(&other.0).cloned().collect())
    }

    pub fn without(&self, other: &Scope) -> Scope {
        Self(self.0.difference(&other.0).cloned().collect())
    }
}

fn is_value(text: &str) -> bool {
    // scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
    (1..=LONGEST_VALUE).contains(&text.len()) && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

impl FromStr for Scope {
    type Err = InvalidScope;

    /// For what somebody asks: bounded in number.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.split(' ').nth(MOST_VALUES).is_some() {
            return Err(InvalidScope);
        }
        Self::from_stored(text)
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        Self::from_stored(&text)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter() {
        let one: Scope = "openid email".parse().unwrap();
        let other: Scope = "email openid email".parse().unwrap();
        assert_eq!(one, other);
        assert_eq!(other.to_string(), "email openid");
    }

    #[test]
    fn what_is_not_a_scope_value_is_refused() {
        for bad in [" openid", "openid  email", "open\"id", "a\\b", "ü", "a\tb", &"x".repeat(129)] {
            assert!(bad.parse::<Scope>().is_err(), "{bad:?}");
        }
        let many = (0..65).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
        assert!(many.parse::<Scope>().is_err());
        assert_eq!(Scope::from_stored(&many).unwrap().len(), 65, "what has gathered over time is still read");
        assert!(Scope::from_stored("").unwrap().is_empty());
        assert!(Scope::from_stored("openid  email").is_err());
    }
}
