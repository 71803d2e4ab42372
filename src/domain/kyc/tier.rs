//! The ladder of verification: the value of the `kyc_level` claim.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 0 registered, 1 basic (self-declared), 2 standard (identity document and face), 3 enhanced (address and source of funds).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Tier(u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a level is 0, 1, 2 or 3")]
pub struct InvalidTier;

impl Tier {
    pub const REGISTERED: Tier = Tier(0);
    pub const BASIC: Tier = Tier(1);
    pub const STANDARD: Tier = Tier(2);
    pub const ENHANCED: Tier = Tier(3);
    pub const LADDER: [Tier; 4] = [Self::REGISTERED, Self::BASIC, Self::STANDARD, Self::ENHANCED];

    pub const fn level(self) -> u8 {
        self.0
    }

    /// The next one up; `None` above the highest.
    pub fn next(self) -> Option<Tier> {
        Self::try_from(self.0 + 1).ok()
    }
}

impl TryFrom<u8> for Tier {
    type Error = InvalidTier;

    fn try_from(level: u8) -> Result<Self, InvalidTier> {
        Self::LADDER.get(usize::from(level)).copied().ok_or(InvalidTier)
    }
}

impl std::str::FromStr for Tier {
    type Err = InvalidTier;

    fn from_str(text: &str) -> Result<Self, InvalidTier> {
        text.parse::<u8>().map_err(|_| InvalidTier)?.try_into()
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> u8 {
        tier.0
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
