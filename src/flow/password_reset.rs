//! A forgotten password: a mailed link, used once, sets a new one and ends everything that stood on the old one.

use super::Failure;
use super::karat::Karat;
use super::login::Browser;
use super::logout::Ending;
use super::mail_limits::About;
use super::refused::Refused;
use super::register::{minutes_left, parse_email};
use super::sessions::device_name;
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::email::EmailAddress;
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::domain::ids::UserId;
use crate::domain::user::User;
use crate::pages::mail::{PasswordChanged, ResetPassword};
use crate::pages::{FieldError, Locale};
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::grants::Reach;
use crate::storage::mailed_actions::{MailedAction, Purpose};

/// A password that was reset.
pub struct Reset {
    pub user_id: UserId,
    /// For the cookie by which the account knows this browser.
    pub device: OpaqueToken,
}

impl Karat {
    /// Mails a link if the address has an account. Also a frozen one, which stays frozen: its owner may have found the password
    /// changed. The answer is the same, in text and in time, when it has none.
    pub async fn request_reset(&self, email: &str, browser: &Browser, locale: Locale) -> Result<EmailAddress, Refused> {
        let email = parse_email(email).map_err(|message| Refused::Form(FieldError::on("email", message).into()))?;
        self.count_mail(&email, About::Reset, browser).await??;
        let found = self.store.user_by_email(&email).await?.map(|found| found.user).filter(|user| !user.is_locked());
        let (link, now) = (OpaqueToken::mint(), self.now());
        let made = MailedAction {
            hash: link.hash(),
            purpose: Purpose::ResetPassword,
            user_id: found.as_ref().map_or_else(|| UserId::new(self.new_id()), |user| user.id),
            email: email.clone(),
            code_hash: None,
            created_at: now,
            expires_at: now.plus(self.settings.password_reset.lifetime),
        };
        let mail = ResetPassword {
            link: self.issuer.join(&format!("/password/reset?token={}", link.expose())),
            minutes: minutes_left(made.expires_at, now),
        };
        let mut change = self.store.begin().await?;
        match found {
            Some(user) => {
                change.add_mailed_action(&made).await?;
                self.put_mail_to(&mut change, &user, &mail).await?;
            }
            None => {
                change.void_mailed_actions(made.user_id, made.purpose).await?;
                self.put_no_mail(&mut change, &email, locale, &mail).await?;
            }
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(email)
    }

    /// Whether a link still works. Looking does not use it up: mail scanners look, too.
    pub async fn reset_is_open(&self, token: &str) -> Result<(), Refused> {
        self.open_reset(token).await.map(|_| ())
    }

    /// Sets the password, ends every session and every app's access, and kills what else was mailed. Nobody is logged
    /// in by it.
    pub async fn reset_password(&self, token: &str, password: &Secret, browser: &Browser) -> Result<Reset, Refused> {
        let (action, user) = self.open_reset(token).await?;
        if let Some(message) = self.objection_to(password, &personal(&user)).await? {
            return Err(Refused::Form(FieldError::on("new_password", message).into()));
        }
        let hash = self.passwords.hash(password).await?;
        let cause = match self.known_device(&user, browser).await? {
            Some(_) => HoldCause::PasswordReset,
            None => HoldCause::PasswordResetElsewhere,
        };
        let mut change = self.store.begin().await?;
        // First of all: a log-in with the old password that is under way has begun its session before, or not at all.
        if !change.hold_account(user.id).await? || !change.use_mailed_action(&action.hash, self.now()).await? {
            return Err(Refused::Gone);
        }
        self.end_sessions(&mut change, user.id, Ending::All, RevocationReason::PasswordChanged).await?;
        let device = self.replace_password(&mut change, &user, &hash, (browser, cause)).await?;
        // The link came by mail to this address: whoever was imported without a proof has given it now.
        if user.email_verified_at.is_none() {
            change.set_email(user.id, &user.email, self.now()).await?;
        }
        let event = self.event(EventKind::PasswordReset, user.id).from_address(&browser.address.to_string());
        change.record(&event).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Reset { user_id: user.id, device })
    }

    async fn open_reset(&self, token: &str) -> Result<(MailedAction, User), Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let found = self.store.mailed_action(&token.hash(), Purpose::ResetPassword, self.now()).await?;
        let action = found.ok_or(Refused::Gone)?;
        let user = self.store.user(action.user_id).await?.filter(|user| !user.is_locked()).ok_or(Refused::Gone)?;
        // A link that was mailed to an address that is no longer the person's proves nothing.
        if user.email != action.email {
            return Err(Refused::Gone);
        }
        Ok((action, user))
    }

    /// What a new password always does: every grant ends, those that outlive their session too; mailed actions and known
    /// devices are forgotten; the person hears of it. The browser at hand stays known, so that a stranger's guesses at the
    /// account do not keep its owner waiting, under the answered token. The caller has ended the sessions.
    pub(super) async fn replace_password(
        &self,
        change: &mut Change,
        user: &User,
        hash: &str,
        (browser, cause): (&Browser, HoldCause),
    ) -> Result<OpaqueToken, Failure> {
        let (now, device) = (self.now(), OpaqueToken::mint());
        change.set_password(user.id, hash, now).await?;
        // Before its access ends, so that an app in the session that goes on is told.
        let hold_until = self.start_hold(change, user, cause).await?;
        change.revoke_grants(user.id, &Reach::Everything, RevocationReason::PasswordChanged, now).await?;
        change.void_mailed_actions(user.id, Purpose::ResetPassword).await?;
        change.void_mailed_actions(user.id, Purpose::ChangeEmail).await?;
        change.forget_devices(user.id).await?;
        change.remember_device(user.id, &device.hash(), now).await?;
        change.place_device(user.id, &device.hash(), &browser.as_device()).await?;
        let notice = PasswordChanged {
            at: now,
            device: Some(device_name(&browser.agent)),
            place: Some(browser.address.to_string()),
            forgotten_link: self.issuer.join("/password/forgotten"),
        };
        self.put_warning(change, user, &notice, hold_until).await?;
        Ok(device)
    }
}

/// What a stranger would try first for this person.
pub(super) fn personal(user: &User) -> Vec<&str> {
    let profile = &user.profile;
    let names = [&profile.name, &profile.given_name, &profile.family_name, &profile.nickname, &profile.birthdate];
    std::iter::once(user.email.as_str()).chain(names.into_iter().filter_map(Option::as_deref)).collect()
}
