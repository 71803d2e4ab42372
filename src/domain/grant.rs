//! A grant: what came of one authorization, and the family of all its tokens.
//!
//! ```text
//! code redeemed --> live --revoke / theft / expiry--> revoked
//! ```
//!
//! Refresh tokens of a grant are numbered. `confirmed` is the youngest generation a client has shown; its successor is
//! the only other one that will be taken. Showing the successor confirms it, and its predecessor is dead from then on:
//! a predecessor is honoured until its successor has been used, and never after.

use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::claims_request::ClaimsRequest;
use super::ids::{ClientId, GrantId, SessionId, UserId};
use super::scope::Scope;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub client_id: ClientId,
    pub user_id: UserId,
    pub session_id: SessionId,
    pub scope: Scope,
    pub authentication: Authentication,
    pub claims: ClaimsRequest,
    pub created_at: Timestamp,
    /// The absolute end of the family, whatever is refreshed.
    pub expires_at: Timestamp,
    pub refresh: Option<RefreshLine>,
    pub revoked: Option<Revoked>,
}

/// Where the line of refresh tokens stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshLine {
    /// The youngest generation a client has shown; 0 when none has been.
    pub confirmed: i64,
    /// The line ends when nothing is refreshed until then.
    pub idle_until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    pub at: Timestamp,
    pub because: RevocationReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    CodeReplayed,
    RefreshReplayed,
    ByClient,
    ConsentWithdrawn,
    LoggedOut,
    PasswordChanged,
    EmailChanged,
    Locked,
    ClientRemoved,
}

impl RevocationReason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReplayed => "refresh_replayed",
            Self::ByClient => "by_client",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::LoggedOut => "logged_out",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::Locked => "locked",
            Self::ClientRemoved => "client_removed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::CodeReplayed,
            Self::RefreshReplayed,
            Self::ByClient,
            Self::ConsentWithdrawn,
            Self::LoggedOut,
            Self::PasswordChanged,
            Self::EmailChanged,
            Self::Locked,
            Self::ClientRemoved,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
    }
}

/// What a shown refresh token's generation means for its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The successor: its use confirms it.
    Successor,
    /// The last one shown, again: its answer was lost.
    Repeated,
    /// Older than that: somebody has a copy.
    Stolen,
    /// Never given out.
    Unknown,
}

impl RefreshLine {
    pub fn judge(&self, generation: i64) -> Shown {
        match generation - self.confirmed {
            1 => Shown::Successor,
            0 if generation > 0 => Shown::Repeated,
            ahead if ahead > 1 || generation < 1 => Shown::Unknown,
            _ => Shown::Stolen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_predecessor_is_honoured_until_its_successor_was_used() {
        let line = RefreshLine { confirmed: 3, idle_until: Timestamp::from_unix(0) };
        let seen: Vec<_> = (0..=5).map(|generation| line.judge(generation)).collect();
        use Shown::*;
        assert_eq!(seen, [Unknown, Stolen, Stolen, Repeated, Successor, Unknown]);
    }
}
