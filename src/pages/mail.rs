//! The mails Karat sends, as typed contexts. Each has `mails/<name>.subject.txt`, `.txt` and `.html` below `templates/`.
//!
//! Links are absolute URLs made from the configured issuer. No mail holds an image or a remote resource.

use serde::{Deserialize, Serialize};

use super::Message;
use crate::domain::kyc::{Reason, Tier};
use crate::domain::time::Timestamp;

/// A mail: the facts it tells.
pub trait Mail: Serialize {
    const NAME: &'static str;
}

/// A mail ready to be sent. `text` has lines of at most 72 columns (but for links).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What surrounds a mail to a person whom Karat knows.
#[derive(Clone, Default, Serialize)]
pub struct MailFrame {
    /// The person's own phrase.
    pub phrase: Option<String>,
    /// Until when what moves money waits because of what the mail tells.
    pub hold_until: Option<Timestamp>,
    /// Freezes the account. In mails of what the owner may not have done.
    pub freeze_link: Option<String>,
}

/// To a new person: prove the address.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyAddress {
    pub link: String,
    /// Six digits, the same proof by typing.
    pub code: String,
    /// Minutes until both expire.
    pub minutes: i64,
}

/// To a person whose address someone tried to register again. The page looks the same as for a new address; only the mail tells.
#[derive(Clone, Debug, Serialize)]
pub struct AlreadyRegistered {
    pub login_link: String,
    pub forgotten_link: String,
}

/// To a person whose address the owner of another account wanted to change to.
#[derive(Clone, Debug, Serialize)]
pub struct AddressInUse {
    pub login_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct ResetPassword {
    pub link: String,
    pub minutes: i64,
}

/// Notice after a change or reset of the password.
#[derive(Clone, Debug, Serialize)]
pub struct PasswordChanged {
    pub at: Timestamp,
    /// "Chrome on Android"; `None`: unknown.
    pub device: Option<String>,
    pub place: Option<String>,
    /// To take the account back: the page for a forgotten password.
    pub forgotten_link: String,
}

/// To the new address: prove it.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyNewAddress {
    pub link: String,
    pub code: String,
    pub minutes: i64,
}

/// To the old address: a change was asked for, or made.
#[derive(Clone, Debug, Serialize)]
pub struct AddressChanging {
    /// The new address, masked by the caller (`n•••@example.com`): the old mailbox may be in other hands.
    pub new_email: String,
    pub at: Timestamp,
    /// `false`: asked for and waiting for the proof; `true`: in force.
    pub done: bool,
    pub account_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct NewDevice {
    pub at: Timestamp,
    pub device: Option<String>,
    pub place: Option<String>,
    pub sessions_link: String,
    pub forgotten_link: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountDeleted {
    pub at: Timestamp,
    /// Until when the record of the verification stays locked; `None`: nothing stays.
    pub kept_until: Option<Timestamp>,
}

/// Everything that is held about the person was downloaded.
#[derive(Clone, Debug, Serialize)]
pub struct DataDownloaded {
    pub at: Timestamp,
    pub device: Option<String>,
    pub place: Option<String>,
    pub forgotten_link: String,
}

/// An operator locked the account.
#[derive(Clone, Debug, Serialize)]
pub struct AccountLocked {
    pub at: Timestamp,
}

/// Something that protects the account has changed.
#[derive(Clone, Debug, Serialize)]
pub struct SecurityChanged {
    /// One sentence: what.
    pub what: Message,
    pub at: Timestamp,
    pub device: Option<String>,
    pub place: Option<String>,
    pub security_link: String,
    pub forgotten_link: String,
}

/// The person froze the account.
#[derive(Clone, Debug, Serialize)]
pub struct AccountFrozen {
    pub at: Timestamp,
    /// Where getting it back begins.
    pub login_link: String,
}

/// Somebody who knew the password came to the frozen account.
#[derive(Clone, Debug, Serialize)]
pub struct UnfreezeAccount {
    pub link: String,
    pub minutes: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccountUnfrozen {
    pub at: Timestamp,
}

/// A log-in from an unknown browser waits for its owner.
#[derive(Clone, Debug, Serialize)]
pub struct ApproveLogIn {
    pub at: Timestamp,
    pub device: Option<String>,
    pub place: Option<String>,
    pub link: String,
    pub minutes: i64,
}

/// Somebody with the password says that every second factor is lost.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryAsked {
    pub link: String,
    pub minutes: i64,
}

/// A recovery has begun, or still runs.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryRuns {
    pub began_at: Timestamp,
    pub ripe_at: Timestamp,
    /// Once it is ripe.
    pub finish_link: Option<String>,
    pub cancel_link: String,
}

/// The delay after which the settings are unlocked has begun.
#[derive(Clone, Debug, Serialize)]
pub struct UnlockBegun {
    pub at: Timestamp,
    pub until: Timestamp,
    pub device: Option<String>,
    pub place: Option<String>,
    /// Calls it off.
    pub link: String,
}

/// What became of the person's verification.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    pub news: VerificationNews,
    /// The level it is about.
    pub tier: Tier,
    pub at: Timestamp,
    /// When the level ends. Always there when it is expiring.
    pub until: Option<Timestamp>,
    /// By when the review is usually done.
    pub review_by: Option<Timestamp>,
    /// Why not, as far as the person may know.
    pub reason: Option<Reason>,
    /// What apps may have of such people and not of others, as scope values.
    pub opens: Vec<String>,
    /// The person's page of it.
    pub link: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerificationNews {
    Submitted,
    Approved,
    RejectedRetry,
    RejectedFinal,
    Expiring,
    Expired,
    Suspended,
    Reinstated,
    Revoked,
}

impl VerificationNews {
    pub const ALL: [VerificationNews; 9] = [
        Self::Submitted,
        Self::Approved,
        Self::RejectedRetry,
        Self::RejectedFinal,
        Self::Expiring,
        Self::Expired,
        Self::Suspended,
        Self::Reinstated,
        Self::Revoked,
    ];
}

macro_rules! mails {
    ($($mail:ty => $name:literal,)+) => {
        $(impl Mail for $mail {
            const NAME: &'static str = $name;
        })+
    };
}

mails! {
    VerifyAddress => "verify_address",
    AlreadyRegistered => "already_registered",
    AddressInUse => "address_in_use",
    ResetPassword => "reset_password",
    PasswordChanged => "password_changed",
    VerifyNewAddress => "verify_new_address",
    AddressChanging => "address_changing",
    NewDevice => "new_device",
    AccountDeleted => "account_deleted",
    DataDownloaded => "data_downloaded",
    AccountLocked => "account_locked",
    SecurityChanged => "security_changed",
    AccountFrozen => "account_frozen",
    UnfreezeAccount => "unfreeze_account",
    AccountUnfrozen => "account_unfrozen",
    UnlockBegun => "unlock_begun",
    ApproveLogIn => "approve_log_in",
    RecoveryAsked => "recovery_asked",
    RecoveryRuns => "recovery_runs",
    Verification => "verification",
}

/// Columns of a text mail.
const COLUMNS: usize = 72;

/// Breaks long lines between words. A word longer than a line, such as a link, stays whole on its own line. At most one blank line
/// stands between paragraphs.
pub(super) fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.trim().lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let width = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && width > COLUMNS {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !(line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(line);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_between_words_and_links_stay_whole() {
        let link = format!("https://id.example/{}", "x".repeat(90));
        let text = wrapped(&format!("{}\n\n\n{link}\n", "gold ".repeat(40)));
        let (links, prose): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("https:"));
        assert_eq!(links, [link.as_str()]);
        assert!(prose.iter().all(|line| line.len() <= COLUMNS));
        assert!(!text.contains("\n\n\n"));
        assert_eq!(prose.join(" ").split_whitespace().count(), 40);
    }
}
