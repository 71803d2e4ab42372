//! How many mails a stranger can cause: so many to one mailbox, so many from one network.

use super::Failure;
use super::karat::Karat;
use super::login::Browser;
use super::throttle::{TooMany, network};
use crate::crypto::token::TokenHash;
use crate::domain::email::EmailAddress;

/// What a mail is for. Each kind has a count of its own for a mailbox: whoever uses up one, by registering somebody's address
/// again and again, does not keep a link to reset the password from its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MailKind {
    Registration,
    PasswordReset,
    AddressChange,
}

impl Karat {
    /// Counts a mail that a person asks for. Counted before anything is looked up, so that a limit is reached alike for
    /// known and unknown addresses.
    pub(super) async fn count_mail(
        &self,
        kind: MailKind,
        to: &EmailAddress,
        browser: &Browser,
    ) -> Result<Result<(), TooMany>, Failure> {
        let (rates, from) = (&self.settings.throttle, sender_key(browser));
        if let Err(wait) = self.within(rates.mails_per_address, &from).await? {
            return Ok(Err(wait));
        }
        let counted = self.within(rates.mails_per_recipient, &recipient_key(kind, to)).await?;
        if counted.is_err() {
            self.give_back(&from).await?;
        }
        Ok(counted)
    }
}

fn sender_key(browser: &Browser) -> String {
    format!("mails:from:{}", network(browser.address))
}

fn recipient_key(kind: MailKind, to: &EmailAddress) -> String {
    let kind = match kind {
        MailKind::Registration => "registration",
        MailKind::PasswordReset => "reset",
        MailKind::AddressChange => "address",
    };
    format!("mails:{kind}:{}", TokenHash::of_text("mails", to.as_str()).as_str())
}
