//! Renaming and removing authenticators, of whichever kind.

use serde_json::json;

use crate::domain::authenticator::{Authenticator, AuthenticatorKind};
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::flow::account::Owner;
use crate::flow::authenticators::change::{SecurityChange, name_of};
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::flow::{Failure, Refused};
use crate::storage::events::EventKind;

impl Karat {
    /// One of the person's own; somebody else's id is nobody's.
    pub async fn own_authenticator(&self, owner: Owner<'_>, id: &str) -> Result<Option<Authenticator>, Failure> {
        Ok(self.store.authenticator(owner.signed_in.user.id, id).await?)
    }

    pub async fn rename_authenticator(&self, owner: Owner<'_>, id: &str, name: &str) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        self.settings_open(user)?;
        let found = self.own_authenticator(owner, id).await?.ok_or(Refused::Gone)?;
        let name = name_of(name, found.kind(), owner.browser);
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        if !change.rename_authenticator(user.id, id, &name).await? {
            return Err(Refused::Gone);
        }
        let detail = json!({ "kind": found.kind(), "name": name });
        change.record(&self.own_event(EventKind::AuthenticatorRenamed, owner, detail)).await?;
        change.commit().await?;
        Ok(())
    }

    /// Every other session ends, no device stands for a second factor any more, the person hears of it, and what moves money
    /// waits.
    pub async fn remove_authenticator(&self, owner: Owner<'_>, id: &str) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        self.may_change_security(owner).await?;
        let found = self.own_authenticator(owner, id).await?.ok_or(Refused::Gone)?;
        let phone = match found.kind() {
            AuthenticatorKind::Phone => self.phone_of(user).await?,
            AuthenticatorKind::Passkey | AuthenticatorKind::Totp => None,
        };
        let last = self.store.authenticators_of(user.id).await?.len() == 1;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        if !change.remove_authenticator(user.id, id).await? {
            return Err(Refused::Gone);
        }
        if last {
            // They stand in for nothing any more, and must not for what is added later.
            change.replace_recovery_codes(user.id, &[], self.now()).await?;
        }
        if let Some((_, number)) = phone {
            self.phone_removed(&mut change, user, &number).await?;
        }
        change.distrust_devices(user.id).await?;
        let others = Ending::AllBut(owner.signed_in.session.id);
        self.end_sessions(&mut change, user.id, others, RevocationReason::SecurityChanged).await?;
        let detail = json!({ "kind": found.kind(), "name": found.name });
        change.record(&self.own_event(EventKind::AuthenticatorRemoved, owner, detail)).await?;
        let hold_until = self.start_hold(&mut change, user, cause_of(found.kind())).await?;
        let told = SecurityChange::Removed { kind: found.kind(), name: found.name };
        self.tell_of_change(&mut change, user, &told, owner.browser, hold_until).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }
}

fn cause_of(kind: AuthenticatorKind) -> HoldCause {
    match kind {
        AuthenticatorKind::Phone => HoldCause::PhoneChanged,
        AuthenticatorKind::Passkey | AuthenticatorKind::Totp => HoldCause::FactorRemoved,
    }
}
