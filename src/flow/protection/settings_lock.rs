//! Locking the settings that protect the account, and unlocking them after the delay that the person chose.

use crate::crypto::token::OpaqueToken;
use crate::domain::protection::SettingsLock;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::authenticators::change::SecurityChange;
use crate::flow::karat::Karat;
use crate::flow::login::Browser;
use crate::flow::{Failure, Refused};
use crate::pages::keys;
use crate::pages::mail::UnlockBegun;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::mailed_actions::{MailedAction, Purpose};

impl Karat {
    pub async fn lock_settings(&self, owner: Owner<'_>, days: &str) -> Result<(), Refused> {
        let lock = days.trim().parse().ok().and_then(SettingsLock::of_days);
        let lock = lock.ok_or_else(|| Refused::on("days", keys::LOCK_DAYS_INVALID))?;
        self.may_change_security(owner).await?;
        let user = &owner.signed_in.user;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        self.put_lock(&mut change, user, lock).await?;
        change.record(&self.own_event(EventKind::SettingsLocked, owner, serde_json::json!({}))).await?;
        self.tell_of_change(&mut change, user, &SecurityChange::SettingsLocked, owner.browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Begins the delay. Its owner hears of it and can call it off by one link.
    pub async fn unlock_settings(&self, owner: Owner<'_>) -> Result<(), Refused> {
        if !self.has_proven_lately(owner).await? {
            return Err(Refused::ProveFirst);
        }
        let (user, now) = (&owner.signed_in.user, self.now());
        let was = user.protection.settings;
        let SettingsLock::Waiting { until, .. } = was.unlocking(now) else { return Err(Refused::Gone) };
        if was.unlocking(now) == was {
            return Ok(());
        }
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        self.put_lock(&mut change, user, was.unlocking(now)).await?;
        change.record(&self.own_event(EventKind::SettingsUnlocking, owner, serde_json::json!({}))).await?;
        self.tell_of_unlocking(&mut change, user, until, owner.browser).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Calls the delay off. Nothing is asked for: it only ever keeps things as they are.
    pub async fn keep_settings_locked(&self, owner: Owner<'_>) -> Result<(), Refused> {
        self.keep_locked(&owner.signed_in.user, owner.browser).await
    }

    /// Looking calls nothing off.
    pub async fn keep_locked_is_open(&self, token: &str) -> Result<(), Refused> {
        self.user_of_keeping(token).await.map(|_| ())
    }

    pub async fn keep_locked_by_link(&self, token: &str, browser: &Browser) -> Result<(), Refused> {
        let user = self.user_of_keeping(token).await?;
        self.keep_locked(&user, browser).await
    }

    async fn user_of_keeping(&self, token: &str) -> Result<User, Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let found = self.store.mailed_action(&token.hash(), Purpose::KeepLocked, self.now()).await?;
        self.store.user(found.ok_or(Refused::Gone)?.user_id).await?.ok_or(Refused::Gone)
    }

    async fn keep_locked(&self, user: &User, browser: &Browser) -> Result<(), Refused> {
        let (was, now) = (user.protection.settings, self.now());
        let kept = was.kept(now);
        if kept == SettingsLock::Open {
            return Err(Refused::Gone);
        }
        if kept == was {
            return Ok(());
        }
        let mut change = self.store.begin().await?;
        self.put_lock(&mut change, user, kept).await?;
        change.void_mailed_actions(user.id, Purpose::KeepLocked).await?;
        let event = self.event(EventKind::SettingsKeptLocked, user.id).from_address(&browser.address.to_string());
        change.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        self.tell_of_change(&mut change, user, &SecurityChange::SettingsKeptLocked, browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    async fn put_lock(&self, change: &mut Change, user: &User, lock: SettingsLock) -> Result<(), Refused> {
        // Of a frozen account, too: who froze it may well want its settings to stay locked.
        if change.set_settings_lock(user.id, user.protection.settings, lock).await? {
            return Ok(());
        }
        Err(Refused::Gone)
    }

    async fn tell_of_unlocking(
        &self,
        change: &mut Change,
        user: &User,
        until: Timestamp,
        browser: &Browser,
    ) -> Result<(), Failure> {
        let (link, now) = (OpaqueToken::mint(), self.now());
        let made = MailedAction {
            hash: link.hash(),
            purpose: Purpose::KeepLocked,
            user_id: user.id,
            email: user.email.clone(),
            code_hash: None,
            created_at: now,
            expires_at: until,
        };
        change.add_mailed_action(&made).await?;
        let mail = UnlockBegun {
            at: now,
            until,
            device: Some(crate::flow::sessions::device_name(&browser.agent)),
            place: Some(browser.address.to_string()),
            link: self.issuer.join(&format!("/keep-locked?token={}", link.expose())),
        };
        self.put_warning(change, user, &mail, None).await
    }
}
