//! Putting mails into the outbox, with the change that they tell of.

use super::Failure;
use super::karat::Karat;
use super::login::locale_of;
use crate::domain::email::EmailAddress;
use crate::domain::phrase::Phrase;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::pages::Locale;
use crate::pages::mail::MailFrame;
use crate::storage::Change;
use crate::storage::outbox::{Mail, Outgoing};

impl Karat {
    /// To a person, at their own address, with their phrase.
    pub async fn put_mail_to<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        user: &User,
        mail: &M,
    ) -> Result<(), Failure> {
        self.put_framed(change, user, mail, &own_frame(user)).await
    }

    /// As [`Karat::put_mail_to`], of something that may not have been the owner's doing: with the hold that it began.
    pub async fn put_warning<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        user: &User,
        mail: &M,
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        self.put_framed(change, user, mail, &MailFrame { hold_until, ..own_frame(user) }).await
    }

    async fn put_framed<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        user: &User,
        mail: &M,
        frame: &MailFrame,
    ) -> Result<(), Failure> {
        let rendered = self.renderer.mail_within(mail, locale_of(user), frame)?;
        let to = user.email.to_string();
        let mail = Mail { to, subject: rendered.subject, text: rendered.text, html: rendered.html };
        change.send(&self.new_id().to_string(), &Outgoing::Mail(mail), self.now()).await?;
        Ok(())
    }

    /// To an address that is not known to be anybody's. The mail goes out once the change is committed; the caller rings the
    /// outbox bell then.
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

fn own_frame(user: &User) -> MailFrame {
    MailFrame { phrase: user.phrase.as_ref().map(Phrase::expose).map(str::to_owned), ..MailFrame::default() }
}
