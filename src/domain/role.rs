//! What a person may do for the operator, beside what everybody may do with the own account.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything but deciding about identities: who appoints reviewers does not review.
    Owner,
    /// Registers apps and changes them.
    ClientAdmin,
    /// Looks after people: sees neither secrets nor documents, can freeze and not unfreeze.
    Support,
    /// Looks at applications for a verification level and decides them; holds.
    Compliance,
    /// Reads everything, changes nothing.
    Auditor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the roles are: owner, client_admin, support, compliance, auditor")]
pub struct UnknownRole;

impl Role {
    pub const ALL: [Role; 5] = [Self::Owner, Self::ClientAdmin, Self::Support, Self::Compliance, Self::Auditor];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::ClientAdmin => "client_admin",
            Self::Support => "support",
            Self::Compliance => "compliance",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}
