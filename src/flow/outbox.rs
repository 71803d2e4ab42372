//! Putting mails into the outbox, with the change that they tell of.

use super::Failure;
use super::karat::Karat;
use super::login::locale_of;
use crate::crypto::token::OpaqueToken;
use crate::domain::email::EmailAddress;
use crate::domain::phrase::Phrase;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::pages::Locale;
use crate::pages::mail::MailFrame;
use crate::storage::Change;
use crate::storage::mailed_actions::{MailedAction, Purpose};
use crate::storage::outbox::{Mail, Outgoing};

/// How long the link of a mail freezes the account that the mail is about.
const FREEZE_LINK_LIFETIME: Seconds = Seconds::days(7);

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

    /// As [`Karat::put_mail_to`], of something that may not have been the owner's doing: with the hold that it began and a
    /// link that freezes the account.
    pub async fn put_warning<M: crate::pages::mail::Mail>(
        &self,
        change: &mut Change,
        user: &User,
        mail: &M,
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let (link, now) = (OpaqueToken::mint(), self.now());
        let made = MailedAction {
            hash: link.hash(),
            purpose: Purpose::Freeze,
            user_id: user.id,
            email: user.email.clone(),
            code_hash: None,
            created_at: now,
            expires_at: now.plus(FREEZE_LINK_LIFETIME),
        };
        change.add_mailed_action_beside(&made).await?;
        let freeze_link = Some(self.issuer.join(&format!("/freeze?token={}", link.expose())));
        self.put_framed(change, user, mail, &MailFrame { freeze_link, hold_until, ..own_frame(user) }).await
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
    MailFrame { phrase: user.protection.phrase.as_ref().map(Phrase::expose).map(str::to_owned), ..MailFrame::default() }
}
