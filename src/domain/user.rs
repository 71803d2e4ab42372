//! A person's account.
//!
//! ```text
//! registration --verify--> active <--unlock-- locked
//!                            |   --lock--------^
//!                            +--delete--> (gone)
//! ```
//! Before the address is verified there is a registration and no account: nobody can prepare an account for somebody
//! else's mailbox.

use super::email::EmailAddress;
use super::ids::UserId;
use super::profile::Profile;
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
}

/// Whether the account may be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Active,
    Locked { since: Timestamp, because: String },
}

impl User {
    pub fn is_active(&self) -> bool {
        self.condition == Condition::Active
    }
}
