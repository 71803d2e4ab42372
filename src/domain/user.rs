//! A person's account.
//!
//! ```text
//! registration --verify--> active <--unlock-- locked
//!                          | |  ^ --lock-------^   ^
//!                          | |  +--unfreeze--+     |
//!                          | +--freeze--> frozen --+
//!                          +--delete--> (gone)
//! ```
//! Before the address is verified there is a registration and no account: nobody can prepare an account for somebody
//! else's mailbox. Freezing is the person's own, locking the operator's: a lock outweighs a freeze, and lifting it leaves the
//! account frozen.

use super::email::EmailAddress;
use super::ids::UserId;
use super::kyc::Standing;
use super::profile::Profile;
use super::protection::Protection;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: EmailAddress,
    pub email_verified_at: Option<Timestamp>,
    pub profile: Profile,
    /// The language mails are written in; a tag of the message catalogue.
    pub locale: String,
    pub condition: Condition,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub password_changed_at: Timestamp,
    /// Until when what moves money waits ([`super::hold`]); may have passed.
    pub hold_until: Option<Timestamp>,
    pub protection: Protection,
    /// How far the person is verified. Written by the KYC use cases only.
    pub kyc: Standing,
}

/// Whether the account may be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Active,
    /// By an operator.
    Locked {
        since: Timestamp,
        because: String,
    },
    /// By the person.
    Frozen {
        since: Timestamp,
    },
}

impl User {
    pub fn is_active(&self) -> bool {
        self.condition == Condition::Active
    }

    pub fn is_locked(&self) -> bool {
        matches!(self.condition, Condition::Locked { .. })
    }

    pub fn is_frozen(&self) -> bool {
        matches!(self.condition, Condition::Frozen { .. })
    }
}
