//! Freezing one's own account at once, and getting it back.
//!
//! ```text
//! active --button, or link of a mail--> frozen --mailed link, then the whole log-in in that browser--> active, held
//! ```
//! Freezing asks for nothing, since it harms nobody but a thief. Unfreezing asks for the mailbox and for everything that a
//! log-in asks for. An operator's lock is another thing, and outweighs it.

use super::account::Owner;
use super::karat::Karat;
use super::login::Browser;
use super::logout::Ending;
use super::mail_limits::About;
use super::register::minutes_left;
use super::{Failure, Refused};
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::email::EmailAddress;
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::domain::ids::UserId;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::pages::mail::{AccountFrozen, AccountUnfrozen, UnfreezeAccount};
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::freezing::FrozenFrom;
use crate::storage::grants::Reach;
use crate::storage::mailed_actions::{MailedAction, Purpose};

const UNFREEZE_LINK_LIFETIME: Seconds = Seconds::minutes(30);
/// Between the mailed link and the log-in that it allows.
const PERMIT_LIFETIME: Seconds = Seconds::minutes(15);

impl Karat {
    pub async fn freeze_own(&self, owner: Owner<'_>) -> Result<(), Failure> {
        self.freeze(&owner.signed_in.user, owner.browser, None).await
    }

    /// Whether a link still freezes. Looking freezes nothing: mail scanners look, too.
    pub async fn freeze_is_open(&self, token: &str) -> Result<(), Refused> {
        self.open_freeze(token).await.map(|_| ())
    }

    /// The link stays good, and freezing what is frozen does no harm.
    pub async fn freeze_by_link(&self, token: &str, browser: &Browser) -> Result<UserId, Refused> {
        let (user, link) = self.open_freeze(token).await?;
        self.freeze(&user, browser, Some(&link)).await?;
        Ok(user.id)
    }

    /// Also when the mail went to an address that has been replaced since: that may be why it is used.
    async fn open_freeze(&self, token: &str) -> Result<(User, MailedAction), Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let found = self.store.mailed_action(&token.hash(), Purpose::Freeze, self.now()).await?;
        let action = found.ok_or(Refused::Gone)?;
        let user = self.store.user(action.user_id).await?.ok_or(Refused::Gone)?;
        Ok((user, action))
    }

    /// `link`: of the mail, when it was not done on the account's own page.
    async fn freeze(&self, user: &User, browser: &Browser, link: Option<&MailedAction>) -> Result<(), Failure> {
        let now = self.now();
        let known = self.store.frozen_from(user.id).await?;
        // Whoever had the account before its address was replaced outweighs who has the new one, in whatever order they come.
        let from = link
            .filter(|link| link.email != user.email)
            .map(|link| FrozenFrom { email: link.email.clone(), linked_at: link.created_at })
            .filter(|from| known.as_ref().is_none_or(|known| from.linked_at < known.linked_at));
        let mut change = self.store.begin().await?;
        let froze = change.freeze(user.id, now).await?;
        if !froze && from.is_none() {
            return Ok(());
        }
        if let Some(from) = &from {
            change.set_frozen_from(user.id, from).await?;
        }
        self.end_sessions(&mut change, user.id, Ending::All, RevocationReason::Frozen).await?;
        // Those that outlive their session as well.
        change.revoke_grants(user.id, &Reach::Everything, RevocationReason::Frozen, now).await?;
        change.distrust_devices(user.id).await?;
        for purpose in [Purpose::ChangeEmail, Purpose::Unfreeze] {
            change.void_mailed_actions(user.id, purpose).await?;
        }
        let event = self.event(EventKind::Frozen, user.id).from_address(&browser.address.to_string());
        let by = if link.is_some() { "mail" } else { "page" };
        let detail = serde_json::json!({ "by": by, "earlier_address": from.is_some(), "agent": browser.agent });
        change.record(&event.with(detail)).await?;
        let mail = AccountFrozen { at: now, login_link: self.issuer.join("/login") };
        if froze {
            self.put_mail_to(&mut change, user, &mail).await?;
        }
        if let Some(from) = from {
            self.put_mail_to(&mut change, &with_mailbox(user, from.email), &mail).await?;
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Where the link that unfreezes is mailed to: who took an account over and gave it another address does not get it.
    async fn unfreezing_mailbox(&self, user: &User) -> Result<EmailAddress, Failure> {
        Ok(self.store.frozen_from(user.id).await?.map_or_else(|| user.email.clone(), |from| from.email))
    }

    /// Somebody who knows the password came to a frozen account: its mailbox gets the link that unfreezes.
    pub(super) async fn mail_unfreezing(&self, user: &User) -> Result<(), Failure> {
        let user = &with_mailbox(user, self.unfreezing_mailbox(user).await?);
        if self.count_mail_to(&user.email, About::Unfreezing).await?.is_err() {
            return Ok(());
        }
        let (link, now) = (OpaqueToken::mint(), self.now());
        let made = MailedAction {
            hash: link.hash(),
            purpose: Purpose::Unfreeze,
            user_id: user.id,
            email: user.email.clone(),
            code_hash: None,
            created_at: now,
            expires_at: now.plus(UNFREEZE_LINK_LIFETIME),
        };
        let mail = UnfreezeAccount {
            link: self.issuer.join(&format!("/unfreeze?token={}", link.expose())),
            minutes: minutes_left(made.expires_at, now),
        };
        let mut change = self.store.begin().await?;
        change.add_mailed_action(&made).await?;
        self.put_mail_to(&mut change, user, &mail).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    pub async fn unfreeze_is_open(&self, token: &str) -> Result<(), Refused> {
        self.open_unfreeze(token).await.map(|_| ())
    }

    /// Lets this browser log in to the frozen account for a while: the log-in that succeeds unfreezes it.
    pub async fn permit_unfreezing(&self, token: &str, browser: &Browser) -> Result<(), Refused> {
        let action = self.open_unfreeze(token).await?;
        let mut change = self.store.begin().await?;
        if !change.use_mailed_action(&action.hash, self.now()).await? {
            return Err(Refused::Gone);
        }
        change.commit().await?;
        let (key, permit) = (permit_key(&browser.binding), permit_of(action.user_id, &action.email));
        self.ephemeral.put(&key, &permit, PERMIT_LIFETIME.as_duration()).await?;
        Ok(())
    }

    async fn open_unfreeze(&self, token: &str) -> Result<MailedAction, Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let found = self.store.mailed_action(&token.hash(), Purpose::Unfreeze, self.now()).await?;
        let action = found.ok_or(Refused::Gone)?;
        let user = self.store.user(action.user_id).await?.filter(User::is_frozen).ok_or(Refused::Gone)?;
        // A link that was mailed to another mailbox than the one that counts now proves nothing.
        if self.unfreezing_mailbox(&user).await? != action.email {
            return Err(Refused::Gone);
        }
        Ok(action)
    }

    /// Whether the account may be logged in to from here: it is in use, or frozen and this browser came by the mailed link.
    pub(super) async fn may_log_in(&self, user: &User, browser: &Browser) -> Result<bool, Failure> {
        if !user.is_frozen() {
            return Ok(user.is_active());
        }
        let permitted = self.ephemeral.get(&permit_key(&browser.binding)).await?;
        Ok(permitted == Some(permit_of(user.id, &self.unfreezing_mailbox(user).await?)))
    }

    /// Within the change that begins the session of a permitted log-in.
    pub(super) async fn unfreeze(&self, change: &mut Change, user: &User, browser: &Browser) -> Result<bool, Failure> {
        let permitted = self.ephemeral.take(&permit_key(&browser.binding)).await?;
        let mailbox = change.frozen_from(user.id).await?.map_or_else(|| user.email.clone(), |from| from.email);
        if permitted != Some(permit_of(user.id, &mailbox)) || !change.unfreeze(user.id).await? {
            return Ok(false);
        }
        // Earlier mails freeze it no more; those to an address that was replaced still do, since that may be why.
        change.void_actions_mailed_to(user.id, Purpose::Freeze, &user.email).await?;
        let hold_until = self.start_hold(change, user, HoldCause::Unfrozen).await?;
        let event = self.event(EventKind::Unfrozen, user.id).from_address(&browser.address.to_string());
        change.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        self.put_warning(change, user, &AccountUnfrozen { at: self.now() }, hold_until).await?;
        Ok(true)
    }
}

/// The same person, reached elsewhere.
fn with_mailbox(user: &User, email: EmailAddress) -> User {
    User { email, ..user.clone() }
}

/// Not good any more when another mailbox counts meanwhile.
fn permit_of(user: UserId, mailbox: &EmailAddress) -> String {
    format!("{user}:{}", TokenHash::of_text("unfreezing", mailbox.as_str()).as_str())
}

fn permit_key(browser: &TokenHash) -> String {
    format!("unfreezing:{}", browser.as_str())
}
