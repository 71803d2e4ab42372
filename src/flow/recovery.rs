//! The way back for who lost every second factor: slow, loud, and stopped by one click.
//!
//! ```text
//! right password --> mailed link --> begun --the delay passes--> ripe --mailed link and password--> factors removed, held
//!                                      |--cancelled, or somebody logs in with a second factor--> closed
//! ```
//! A thief with password and mailbox has to keep the owner from looking for as long as the delay lasts. Nobody shortens it.

use super::authenticators::change::SecurityChange;
use super::karat::Karat;
use super::login::{Browser, PasswordCheck, Pending};
use super::logout::Ending;
use super::mail_limits::About;
use super::register::minutes_left;
use super::{Failure, Refused};
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::authentication::{Acr, Authentication};
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::domain::protection::SettingsLock;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::pages::keys;
use crate::pages::mail::{RecoveryAsked, RecoveryRuns};
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::grants::Reach;
use crate::storage::mailed_actions::{MailedAction, Purpose};
use crate::storage::recoveries::{Outcome, Recovery};

const START_LINK_LIFETIME: Seconds = Seconds::minutes(30);
/// How long a ripe recovery waits for its owner.
const RIPE_FOR: Seconds = Seconds::days(14);
const REMINDER: Seconds = Seconds::days(1);

impl Karat {
    /// After a right password: the mailbox gets the link that begins a recovery.
    pub async fn ask_for_recovery(&self, pending: &Pending) -> Result<(), Refused> {
        let (user, now) = (&pending.user, self.now());
        self.count_mail_to(&user.email, About::Recovery).await??;
        let mut change = self.store.begin().await?;
        let until = now.plus(START_LINK_LIFETIME);
        let link = self.put_link(&mut change, user, Purpose::StartRecovery, until).await?;
        let mail = RecoveryAsked {
            link: self.issuer.join(&format!("/recovery/start?token={}", link.expose())),
            minutes: minutes_left(until, now),
        };
        self.put_warning(&mut change, user, &mail, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Whose link it is. Looking begins, cancels and finishes nothing.
    pub async fn recovery_link(&self, token: &str, purpose: Purpose) -> Result<User, Refused> {
        Ok(self.open_recovery_link(token, purpose).await?.1)
    }

    async fn open_recovery_link(&self, token: &str, purpose: Purpose) -> Result<(MailedAction, User), Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let action = self.store.mailed_action(&token.hash(), purpose, self.now()).await?.ok_or(Refused::Gone)?;
        let user = self.store.user(action.user_id).await?.ok_or(Refused::Gone)?;
        // Cancelling is also for who finds the address changed. Who froze the account may have lost the phone with which to
        // unfreeze it: the account stays frozen until that is done.
        if purpose != Purpose::CancelRecovery && (user.email != action.email || user.is_locked()) {
            return Err(Refused::Gone);
        }
        Ok((action, user))
    }

    /// Answers when it will be ripe. One that runs already goes on as it is.
    pub async fn begin_recovery(&self, token: &str, browser: &Browser) -> Result<Timestamp, Refused> {
        let (action, user) = self.open_recovery_link(token, Purpose::StartRecovery).await?;
        let now = self.now();
        let running = self.store.open_recovery(user.id, now).await?;
        let mut change = self.store.begin().await?;
        // The person's row first: two that begin at once make one recovery.
        if !change.hold_unlocked(user.id).await? || !change.use_mailed_action(&action.hash, now).await? {
            return Err(Refused::Gone);
        }
        if let Some(running) = running {
            change.commit().await?;
            return Ok(running.ripe_at);
        }
        // A settings lock is not opened faster than by waiting for it.
        let lock = user.protection.settings.at(now).delay().unwrap_or(Seconds(0));
        let ripe_at = now.plus(self.settings.recovery.delay.max(lock));
        let made = Recovery {
            id: self.new_id().to_string(),
            user_id: user.id,
            began_at: now,
            ripe_at,
            expires_at: ripe_at.plus(RIPE_FOR),
            reminded_at: now,
        };
        change.add_recovery(&made).await?;
        let event = self.event(EventKind::RecoveryBegun, user.id).from_address(&browser.address.to_string());
        change.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        self.tell_of_recovery(&mut change, &user, &made).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(ripe_at)
    }

    pub async fn cancel_recovery_by_link(&self, token: &str, browser: &Browser) -> Result<(), Refused> {
        let (_, user) = self.open_recovery_link(token, Purpose::CancelRecovery).await?;
        Ok(self.cancel_recovery(&user, browser).await?)
    }

    /// Nothing is asked for: it only ever keeps things as they are.
    pub async fn cancel_recovery(&self, user: &User, browser: &Browser) -> Result<(), Failure> {
        let mut change = self.store.begin().await?;
        if !change.hold_account(user.id).await?
            || !change.close_recovery(user.id, Outcome::Cancelled, self.now()).await?
        {
            return Ok(());
        }
        self.note_cancelled(&mut change, user, browser).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Within the change of a log-in: what was said to be lost is there.
    pub(super) async fn outlive_recovery(
        &self,
        change: &mut Change,
        user: &User,
        authentication: &Authentication,
        browser: &Browser,
    ) -> Result<(), Failure> {
        if authentication.acr > Acr::Password && change.close_recovery(user.id, Outcome::LoggedIn, self.now()).await? {
            self.note_cancelled(change, user, browser).await?;
        }
        Ok(())
    }

    async fn note_cancelled(&self, change: &mut Change, user: &User, browser: &Browser) -> Result<(), Failure> {
        for purpose in [Purpose::StartRecovery, Purpose::FinishRecovery, Purpose::CancelRecovery] {
            change.void_mailed_actions(user.id, purpose).await?;
        }
        let event = self.event(EventKind::RecoveryCancelled, user.id).from_address(&browser.address.to_string());
        change.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        self.tell_of_change(change, user, &SecurityChange::RecoveryCancelled, browser, None).await
    }

    /// What the person has lost goes: every authenticator, every recovery code, every session. Logging in with the password
    /// alone, and enrolling anew, come next.
    pub async fn finish_recovery(&self, token: &str, password: &Secret, browser: &Browser) -> Result<(), Refused> {
        let (action, user) = self.open_recovery_link(token, Purpose::FinishRecovery).await?;
        if password.is_empty() {
            return Err(Refused::on("password", keys::PASSWORD_REQUIRED));
        }
        let found = match self.check_password(user.email.as_str(), password, browser).await? {
            PasswordCheck::Right(found) if found.user.id == user.id => found,
            PasswordCheck::Right(_) | PasswordCheck::Wrong => {
                return Err(Refused::on("password", keys::CURRENT_PASSWORD_WRONG));
            }
            PasswordCheck::TooMany(wait) => return Err(wait.into()),
        };
        let (now, phone) = (self.now(), self.phone_of(&user).await?);
        let mut change = self.store.begin().await?;
        if !change.hold_password_unlocked(user.id, &found.password_hash).await?
            || !change.use_mailed_action(&action.hash, now).await?
            || !change.finish_recovery(user.id, now).await?
        {
            return Err(Refused::Gone);
        }
        change.remove_every_factor(user.id).await?;
        // Who reads the mailbox may not hold the phone.
        if let Some((_, number)) = phone {
            self.phone_removed(&mut change, &user, &number).await?;
        }
        change.distrust_devices(user.id).await?;
        change.void_mailed_actions(user.id, Purpose::CancelRecovery).await?;
        self.end_sessions(&mut change, user.id, Ending::All, RevocationReason::SecurityChanged).await?;
        change.revoke_grants(user.id, &Reach::Everything, RevocationReason::SecurityChanged, now).await?;
        let hold_until = self.start_hold(&mut change, &user, HoldCause::Recovered).await?;
        let was = user.protection.settings;
        if was != SettingsLock::Open {
            // The wait was as long as the lock's own.
            change.set_settings_lock(user.id, was, SettingsLock::Open).await?;
        }
        let event = self.event(EventKind::Recovered, user.id).from_address(&browser.address.to_string());
        change.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        self.tell_of_change(&mut change, &user, &SecurityChange::Recovered, browser, hold_until).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Tells the owners of recoveries that run, once a day and when they are ripe. Answers how many were told.
    pub async fn remind_of_recoveries(&self) -> Result<usize, Failure> {
        let now = self.now();
        let mut told = 0;
        for recovery in self.store.recoveries_to_tell_of(now.minus(REMINDER), now).await? {
            let Some(user) = self.store.user(recovery.user_id).await? else { continue };
            let mut change = self.store.begin().await?;
            if change.note_reminder(&recovery, now).await? {
                self.tell_of_recovery(&mut change, &user, &recovery).await?;
                told += 1;
            }
            change.commit().await?;
            self.outbox_bell.notify_one();
        }
        Ok(told)
    }

    /// Each mail has its own link to cancel; those of earlier mails stay good. A ripe one has the link to finish, too.
    async fn tell_of_recovery(&self, change: &mut Change, user: &User, recovery: &Recovery) -> Result<(), Failure> {
        let cancel = OpaqueToken::mint();
        change
            .add_mailed_action_beside(&self.link_of(&cancel, user, Purpose::CancelRecovery, recovery.expires_at))
            .await?;
        let is_ripe = recovery.ripe_at <= self.now();
        let finish_link = match is_ripe {
            true => {
                let link = self.put_link(change, user, Purpose::FinishRecovery, recovery.expires_at).await?;
                Some(self.issuer.join(&format!("/recovery/finish?token={}", link.expose())))
            }
            false => None,
        };
        let mail = RecoveryRuns {
            began_at: recovery.began_at,
            ripe_at: recovery.ripe_at,
            finish_link,
            cancel_link: self.issuer.join(&format!("/recovery/cancel?token={}", cancel.expose())),
        };
        self.put_warning(change, user, &mail, None).await
    }

    /// Replaces earlier links of the purpose.
    async fn put_link(
        &self,
        change: &mut Change,
        user: &User,
        purpose: Purpose,
        until: Timestamp,
    ) -> Result<OpaqueToken, Failure> {
        let link = OpaqueToken::mint();
        change.add_mailed_action(&self.link_of(&link, user, purpose, until)).await?;
        Ok(link)
    }

    fn link_of(&self, link: &OpaqueToken, user: &User, purpose: Purpose, until: Timestamp) -> MailedAction {
        MailedAction {
            hash: link.hash(),
            purpose,
            user_id: user.id,
            email: user.email.clone(),
            code_hash: None,
            created_at: self.now(),
            expires_at: until,
        }
    }
}
