//! Changing the e-mail address: asked for with the password, proven at the new mailbox, told to the old one twice.
//!
//! ```text
//! asked --code or link, logged in--> in force
//!   |---newer request, new password, cancelled, expired--> dead
//! ```
//!
//! An address that is somebody else's gets the same page; only its mailbox hears the difference.

use super::{Owner, hold_proof};
use crate::crypto::token::{OpaqueToken, Secret, ShortCode, TokenHash};
use crate::domain::email::EmailAddress;
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::flow::karat::Karat;
use crate::flow::login::locale_of;
use crate::flow::logout::Ending;
use crate::flow::mail_limits::About;
use crate::flow::register::{minutes_left, parse_email};
use crate::flow::{Failure, Refused};
use crate::pages::mail::{AddressChanging, AddressInUse, VerifyNewAddress};
use crate::pages::{FieldErrors, Message, keys};
use crate::storage::events::EventKind;
use crate::storage::mailed_actions::{MailedAction, Purpose};
use crate::storage::{self, Change};

/// A change of address that waits for its proof.
#[derive(Clone, Debug)]
pub struct PendingEmail {
    pub new_email: EmailAddress,
    pub expires_at: Timestamp,
}

impl Karat {
    pub async fn pending_email(&self, user: &User) -> Result<Option<PendingEmail>, Failure> {
        let open = self.store.open_mailed_action(user.id, Purpose::ChangeEmail, self.now()).await?;
        Ok(open.map(|action| PendingEmail { new_email: action.email, expires_at: action.expires_at }))
    }

    pub async fn request_email_change(
        &self,
        owner: Owner<'_>,
        password: &Secret,
        new_email: &str,
    ) -> Result<EmailAddress, Refused> {
        let user = &owner.signed_in.user;
        let mut errors = FieldErrors::none();
        let parsed = parse_email(new_email).map_err(|message| errors.push("new_email", message)).ok();
        if parsed.as_ref() == Some(&user.email) {
            errors.push("new_email", Message::new(keys::EMAIL_SAME));
        }
        if password.is_empty() {
            errors.push("current_password", Message::new(keys::PASSWORD_REQUIRED));
        }
        let new_email = parsed.filter(|_| errors.is_empty()).ok_or(Refused::Form(errors))?;
        let proof = self.prove_owner(owner, "current_password", password).await?;
        self.count_mail(&new_email, About::AddressChange, owner.browser).await??;
        let taken = self.store.user_by_email(&new_email).await?.is_some();
        let expires_at = self.now().plus(self.settings.registration.verification_lifetime);
        let pending = PendingEmail { new_email: new_email.clone(), expires_at };
        let mut change = self.store.begin().await?;
        hold_proof(&mut change, &proof).await?;
        self.put_proofs_of_address(&mut change, user, &pending, taken).await?;
        self.tell_old_address(&mut change, user, (&new_email, false), None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(new_email)
    }

    /// New link and code for the change that waits, for as long as it would have waited; the earlier ones are dead.
    pub async fn resend_email_change(&self, owner: Owner<'_>) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        let now = self.now();
        let open = self.store.open_mailed_action(user.id, Purpose::ChangeEmail, now).await?.ok_or(Refused::Gone)?;
        self.count_mail(&open.email, About::AddressChange, owner.browser).await??;
        let taken = self.store.user_by_email(&open.email).await?.is_some();
        let mut change = self.store.begin().await?;
        // What a new password or the person ended meanwhile stays ended.
        if !change.use_mailed_action(&open.hash, now).await? {
            return Err(Refused::Gone);
        }
        let pending = PendingEmail { new_email: open.email, expires_at: open.expires_at };
        self.put_proofs_of_address(&mut change, user, &pending, taken).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    async fn put_proofs_of_address(
        &self,
        change: &mut Change,
        user: &User,
        pending: &PendingEmail,
        taken: bool,
    ) -> Result<(), Failure> {
        let PendingEmail { new_email, expires_at } = pending;
        let (link, code, now) = (OpaqueToken::mint(), ShortCode::mint(), self.now());
        let made = MailedAction {
            code_hash: Some(self.code_hash(&code, link.hash().as_str())),
            hash: link.hash(),
            purpose: Purpose::ChangeEmail,
            user_id: user.id,
            email: new_email.clone(),
            created_at: now,
            expires_at: *expires_at,
        };
        change.add_mailed_action(&made).await?;
        if taken {
            let mail = AddressInUse { login_link: self.issuer.join("/login") };
            self.put_mail(change, new_email, locale_of(user), &mail).await
        } else {
            let mail = VerifyNewAddress {
                link: self.issuer.join(&format!("/account/email/confirm?token={}", link.expose())),
                code: code.expose().to_owned(),
                minutes: minutes_left(made.expires_at, now),
            };
            self.put_mail(change, new_email, locale_of(user), &mail).await
        }
    }

    pub async fn cancel_email_change(&self, user: &User) -> Result<(), Failure> {
        let mut change = self.store.begin().await?;
        change.void_mailed_actions(user.id, Purpose::ChangeEmail).await?;
        Ok(change.commit().await?)
    }

    pub async fn confirm_email_by_code(&self, owner: Owner<'_>, typed: &str) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        let open = self.store.open_mailed_action(user.id, Purpose::ChangeEmail, self.now()).await?;
        let action = open.ok_or(Refused::Gone)?;
        if typed.trim().is_empty() {
            return Err(Refused::on("code", keys::CODE_REQUIRED));
        }
        let Some(code) = ShortCode::parse(typed) else { return Err(Refused::on("code", keys::CODE_WRONG)) };
        let most = i64::from(self.settings.registration.code_tries);
        if !self.store.count_mailed_action_try(&action.hash, most).await? {
            return Err(Refused::on("code", keys::CODE_EXHAUSTED));
        }
        self.count_code(&action.email).await??;
        if action.code_hash != Some(self.code_hash(&code, action.hash.as_str())) {
            return Err(Refused::on("code", keys::CODE_WRONG));
        }
        self.put_email_in_force(owner, &action).await
    }

    /// The address that a link proves, for the page that asks whether to go on. Only the person who asked for the change
    /// sees it; looking does not use the link up.
    pub async fn email_of_link(&self, owner: Owner<'_>, token: &str) -> Result<EmailAddress, Refused> {
        Ok(self.open_email_change(owner, token).await?.email)
    }

    pub async fn confirm_email_by_link(&self, owner: Owner<'_>, token: &str) -> Result<(), Refused> {
        let action = self.open_email_change(owner, token).await?;
        self.put_email_in_force(owner, &action).await
    }

    async fn open_email_change(&self, owner: Owner<'_>, token: &str) -> Result<MailedAction, Refused> {
        let hash: TokenHash = OpaqueToken::parse(token).ok_or(Refused::Gone)?.hash();
        let found = self.store.mailed_action(&hash, Purpose::ChangeEmail, self.now()).await?;
        found.filter(|action| action.user_id == owner.signed_in.user.id).ok_or(Refused::Gone)
    }

    /// Other sessions end: whoever else is in there does not stay in an account that has a new owner's address. What was
    /// mailed to the old address to reset the password is dead.
    async fn put_email_in_force(&self, owner: Owner<'_>, action: &MailedAction) -> Result<(), Refused> {
        let (user, now) = (&owner.signed_in.user, self.now());
        self.settings_open(user)?;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        if !change.use_mailed_action(&action.hash, now).await? {
            return Err(Refused::Gone);
        }
        match change.set_email(user.id, &action.email, now).await {
            Ok(()) => {}
            // The address became somebody's while the mail was on its way.
            Err(storage::Error::Conflict) => return Err(Refused::Gone),
            Err(error) => return Err(error.into()),
        }
        change.void_mailed_actions(user.id, Purpose::ResetPassword).await?;
        let others = Ending::AllBut(owner.signed_in.session.id);
        self.end_sessions(&mut change, user.id, others, RevocationReason::EmailChanged).await?;
        let hold_until = self.start_hold(&mut change, user, HoldCause::EmailChanged).await?;
        self.tell_old_address(&mut change, user, (&action.email, true), hold_until).await?;
        let event = self.event(EventKind::EmailChanged, user.id).from_address(&owner.browser.address.to_string());
        change.record(&event).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    async fn tell_old_address(
        &self,
        change: &mut Change,
        user: &User,
        (new_email, done): (&EmailAddress, bool),
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let notice = AddressChanging {
            new_email: masked(new_email),
            at: self.now(),
            done,
            account_link: self.issuer.join("/account"),
        };
        self.put_warning(change, user, &notice, hold_until).await
    }
}

/// `n•••@example.com`: enough for its owner to know it, too little to write to.
fn masked(address: &EmailAddress) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or_default();
    format!("{}•••@{domain}", local.chars().next().unwrap_or('•'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_shows_its_first_letter_and_its_domain() {
        let address: EmailAddress = "nina.marlow@example.com".parse().unwrap();
        assert_eq!(masked(&address), "n•••@example.com");
    }
}
