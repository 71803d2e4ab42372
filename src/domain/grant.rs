//! A grant: what came of one authorization, and the family of all its tokens.
//!
//! ```text
//! code redeemed --> live --revoke / theft / expiry--> revoked
//! ```
//!
//! Refresh tokens of a grant stand in a line; see [`RefreshLine`] for which of them are taken.

use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::claims_request::ClaimsRequest;
use super::ids::{ClientId, GrantId, SessionId, UserId};
use super::scope::Scope;
use super::time::{Seconds, Timestamp};

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
    pub refresh: Option<Refreshable>,
    pub revoked: Option<Revoked>,
}

/// Where the line of refresh tokens stands.
///
/// Tokens are numbered by generation. `confirmed` is the youngest one that a client has shown: it gets its successor,
/// and shown again shortly after, because the answer was lost or two requests crossed, the same successor. Shown again
/// later it gets another branch of the successor, and the one given out before is void: of an owner and a thief who hold
/// the same token, the second to come with the successor is found out. Showing a valid successor confirms it; its
/// predecessor is dead from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshLine {
    /// The youngest generation a client has shown; 0 when none has been.
    confirmed: u32,
    /// The branch of the confirmed token.
    branch: u16,
    /// The only branch of its successor that counts.
    next: u16,
    /// When that branch was first given out.
    answered_at: Timestamp,
}

/// The place of one refresh token in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub generation: u32,
    pub branch: u16,
}

/// How long a repeated token gets the successor that was given out before.
const SAME_ANSWER: Seconds = Seconds(60);

/// A grant that refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshable {
    pub line: RefreshLine,
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
    Frozen,
    SecurityChanged,
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
            Self::Frozen => "frozen",
            Self::SecurityChanged => "security_changed",
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
            Self::Frozen,
            Self::SecurityChanged,
            Self::ClientRemoved,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
    }
}

/// What a shown refresh token means for its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It counts: the line as it stands then, and the successor.
    Accepted { line: RefreshLine, successor: Link },
    /// It was superseded or voided: somebody has a copy.
    Stolen,
    /// Never given out.
    Unknown,
}

impl RefreshLine {
    pub const FIRST: Link = Link { generation: 1, branch: 0 };

    pub const fn begin(now: Timestamp) -> Self {
        Self { confirmed: 0, branch: 0, next: 0, answered_at: now }
    }

    pub fn show(&self, link: Link, now: Timestamp) -> Shown {
        let Link { generation, branch } = link;
        let Some(following) = generation.checked_add(1) else { return Shown::Unknown };
        if generation == 0 || generation > self.confirmed.saturating_add(1) {
            return Shown::Unknown;
        }
        let counts = if generation > self.confirmed { self.next } else { self.branch };
        if generation < self.confirmed || branch < counts {
            return Shown::Stolen;
        }
        if branch > counts {
            return Shown::Unknown;
        }
        let line = match (generation > self.confirmed, now.since(self.answered_at) <= SAME_ANSWER) {
            (true, _) => Self { confirmed: generation, branch, next: 0, answered_at: now },
            (false, true) => self.clone(),
            (false, false) => Self { next: self.next.saturating_add(1), answered_at: now, ..self.clone() },
        };
        let successor = Link { generation: following, branch: line.next };
        Shown::Accepted { line, successor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    fn link(generation: u32, branch: u16) -> Link {
        Link { generation, branch }
    }

    fn accepted(line: &RefreshLine, shown: Link, now: Timestamp) -> (RefreshLine, Link) {
        match line.show(shown, now) {
            Shown::Accepted { line, successor } => (line, successor),
            other => panic!("{shown:?}: {other:?}"),
        }
    }

    #[test]
    fn a_predecessor_is_honoured_until_its_successor_was_used() {
        let line = RefreshLine::begin(NOW);
        let (line, second) = accepted(&line, RefreshLine::FIRST, NOW);
        let (same, again) = accepted(&line, RefreshLine::FIRST, NOW.plus(SAME_ANSWER));
        assert_eq!((&same, again), (&line, second), "requests that cross get one answer");
        let (line, third) = accepted(&line, second, NOW.plus(SAME_ANSWER));
        assert_eq!(line.show(RefreshLine::FIRST, NOW.plus(SAME_ANSWER)), Shown::Stolen);
        let (_, fourth) = accepted(&line, third, NOW);
        assert_eq!(line.show(fourth, NOW), Shown::Unknown);
        assert_eq!(line.show(link(0, 0), NOW), Shown::Unknown);
        assert_eq!(line.show(link(u32::MAX, 0), NOW), Shown::Unknown);
    }

    #[test]
    fn a_thief_one_step_behind_is_found_out() {
        let later = NOW.plus(Seconds(300));
        let (line, owners) = accepted(&RefreshLine::begin(NOW), RefreshLine::FIRST, NOW);
        let (line, thiefs) = accepted(&line, RefreshLine::FIRST, later);
        assert_ne!(owners, thiefs);
        assert_eq!(line.show(owners, later), Shown::Stolen, "the owner's answer was voided, so two hold the token");
        let (line, _) = accepted(&line, thiefs, later);
        assert_eq!(line.show(owners, later), Shown::Stolen);
        assert_eq!(line.show(link(2, 9), later), Shown::Unknown);
    }

    #[test]
    fn a_client_that_lost_an_answer_goes_on_however_late_it_asks_again() {
        let mut line = RefreshLine::begin(NOW);
        let mut token = RefreshLine::FIRST;
        for round in 1..20 {
            let now = NOW.plus(Seconds(round * 1000));
            let (first, _lost) = accepted(&line, token, now);
            let (second, kept) = accepted(&first, token, now.plus(Seconds(500)));
            (line, token) = (second, kept);
        }
        assert_eq!(token.generation, 20);
    }
}
