//! Putting mails into the outbox, with the change that they tell of.

use super::Failure;
use super::karat::Karat;
use crate::domain::email::EmailAddress;
use crate::pages::Locale;
use crate::storage::Change;
use crate::storage::outbox::{Mail, Outgoing};

impl Karat {
    /// The mail goes out once the change is committed; the caller rings the outbox bell then.
    pub async fn put_mail<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        to: &EmailAddress,
        locale: Locale,
        mail: &M,
    ) -> Result<(), Failure> {
        let rendered = self.renderer.mail(mail, locale)?;
        let mail = Mail { to: to.to_string(), subject: rendered.subject, text: rendered.text, html: rendered.html };
        change.send(&self.new_id().to_string(), &Outgoing::Mail(mail), self.now()).await?;
        Ok(())
    }

    /// As [`Karat::put_mail`] in every cost, but no mail goes out.
    pub(super) async fn put_no_mail<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        to: &EmailAddress,
        locale: Locale,
        mail: &M,
    ) -> Result<(), Failure> {
        let rendered = self.renderer.mail(mail, locale)?;
        let mail = Mail { to: to.to_string(), subject: rendered.subject, text: rendered.text, html: rendered.html };
        change.send_nothing(&self.new_id().to_string(), &Outgoing::Mail(mail), self.now()).await?;
        Ok(())
    }
}
