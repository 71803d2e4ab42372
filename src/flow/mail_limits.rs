//! How many mails a stranger can cause: so many to one mailbox, of each kind, so many from one network.

use super::Failure;
use super::karat::Karat;
use super::login::Browser;
use super::throttle::{TooMany, network};
use crate::crypto::token::TokenHash;
use crate::domain::email::EmailAddress;

/// What a mail is about. Each kind has a count of its own: strangers who register a mailbox that is not theirs do not
/// keep its owner from a reset.
#[derive(Clone, Copy, Debug)]
pub(super) enum About {
    Registration,
    Reset,
    AddressChange,
    Notice,
    Unfreezing,
    Approval,
    Recovery,
}

impl About {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Reset => "reset",
            Self::AddressChange => "address-change",
            Self::Notice => "notice",
            Self::Unfreezing => "unfreezing",
            Self::Approval => "approval",
            Self::Recovery => "recovery",
        }
    }
}

impl Karat {
    /// Counts a mail that somebody asks for. Counted before anything is looked up, so that a limit is reached alike for
    /// known and unknown addresses.
    pub(super) async fn count_mail(
        &self,
        to: &EmailAddress,
        about: About,
        browser: &Browser,
    ) -> Result<Result<(), TooMany>, Failure> {
        let (rates, from) = (&self.settings.throttle, sender_key(browser));
        if let Err(wait) = self.within(rates.mails_per_address, &from).await? {
            return Ok(Err(wait));
        }
        let counted = self.count_mail_to(to, about).await?;
        if counted.is_err() {
            self.give_back(&from).await?;
        }
        Ok(counted)
    }

    /// For mails that nobody asks for.
    pub(super) async fn count_mail_to(&self, to: &EmailAddress, about: About) -> Result<Result<(), TooMany>, Failure> {
        self.within(self.settings.throttle.mails_per_recipient, &recipient_key(to, about)).await
    }
}

fn sender_key(browser: &Browser) -> String {
    format!("mails:from:{}", network(browser.address))
}

fn recipient_key(to: &EmailAddress, about: About) -> String {
    format!("mails:{}:to:{}", about.as_str(), TokenHash::of_text("mails", to.as_str()).as_str())
}
