//! The first owner: whoever holds the one-time link that the server printed and logs in with a passkey.
//!
//! ```text
//! no owner --link printed--> account (made or logged in to) --passkey--> owner; the link and all others are used up
//! ```
//! There is no default account and no default password. Whoever can read what the server prints could read its database, too.

use serde_json::json;

use super::Refusal;
use super::audit::Target;
use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::role::Role;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::storage::audit::AuditEntry;
use crate::storage::events::EventKind;

impl Karat {
    /// A fresh link; `None` once there is an owner. Earlier ones stay good until one is used.
    pub async fn setup_link(&self) -> Result<Option<String>, Refusal> {
        if self.store.has_owner().await? {
            return Ok(None);
        }
        let (link, now) = (OpaqueToken::mint(), self.now());
        let mut change = self.store.begin().await?;
        change.add_setup_link(&link.hash(), now, now.plus(self.settings.admin.setup_link_lifetime)).await?;
        change.commit().await?;
        Ok(Some(self.issuer.join(&format!("/setup?token={}", link.expose()))))
    }

    pub async fn setup_is_open(&self, token: &str) -> Result<bool, Refusal> {
        let Some(link) = OpaqueToken::parse(token) else { return Ok(false) };
        Ok(self.store.setup_is_open(&link.hash(), self.now()).await? && !self.store.has_owner().await?)
    }

    /// Makes the person who is logged in by a passkey the owner.
    pub async fn become_owner(&self, owner: Owner<'_>, token: &str) -> Result<(), Refusal> {
        let link = OpaqueToken::parse(token).ok_or(Refusal::NotFound)?;
        let (user, now) = (&owner.signed_in.user, self.now());
        let authentication = &owner.signed_in.session.authentication;
        if !authentication.shown_lately(Acr::Phr, self.settings.admin.fresh_for, now) {
            return Err(Refusal::StepUp);
        }
        let mut change = self.store.begin().await?;
        if owner.hold(&mut change).await.is_err() || !change.use_setup_links(&link.hash(), now).await? {
            return Err(Refusal::NotFound);
        }
        change.grant_role(user.id, Role::Owner, "setup", now).await?;
        let told = json!({ "role": Role::Owner.as_str(), "granted": true, "by": "setup" });
        change.record(&self.event(EventKind::RoleChanged, user.id).with(told.clone())).await?;
        let address = Some(owner.browser.address.to_string());
        let entry = self.house_entry("setup", Act::ChangeRoles.as_str(), Target::user(user.id), told);
        change.audit(AuditEntry { address, ..entry });
        Ok(change.commit().await?)
    }
}
