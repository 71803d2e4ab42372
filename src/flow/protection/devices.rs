//! The devices that the account knows, and those of them that stand for a second factor.

use serde_json::json;

use crate::crypto::token::OpaqueToken;
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::karat::Karat;
use crate::flow::login::{Browser, NewSession};
use crate::flow::{Failure, Refused};
use crate::storage::devices::KnownDevice;
use crate::storage::events::EventKind;

impl Karat {
    /// The one used last comes first.
    pub async fn known_devices(&self, user: &User) -> Result<Vec<KnownDevice>, Failure> {
        let since = self.now().minus(self.settings.sessions.known_device_lifetime);
        Ok(self.store.devices_of(user.id, since).await?)
    }

    /// One of the person's own, or all of them. Forgetting is never refused: it takes nothing from the owner but convenience.
    pub async fn forget_own_devices(&self, owner: Owner<'_>, only: Option<&str>) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        self.settings_open(user)?;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        match only {
            Some(id) => change.forget_device(user.id, id).await?,
            None => change.forget_devices(user.id).await?,
        }
        change.record(&self.own_event(EventKind::DevicesForgotten, owner, json!({}))).await?;
        change.commit().await?;
        Ok(())
    }

    /// Whether this browser stands for the second factor of a log-in, by the person's wish and the operator's policy.
    pub(in crate::flow) async fn is_trusted(&self, user: &User, browser: &Browser) -> Result<bool, Failure> {
        let longest = self.settings.authentication.remember_devices_for;
        let Some(device) = browser.device.as_ref().filter(|_| longest.0 > 0) else { return Ok(false) };
        // Also when the policy was tightened since: no trust outlasts what is allowed now.
        let until = self.store.trust_in(user.id, device).await?;
        let now = self.now();
        Ok(until.is_some_and(|until| until > now && until <= now.plus(longest)))
    }

    /// From now on the browser at hand stands for the second factor, for as long as the policy says. It has just logged in
    /// with one.
    pub async fn trust_device(&self, begun: &NewSession, browser: &Browser) -> Result<(), Failure> {
        let longest = self.settings.authentication.remember_devices_for;
        let owner = Owner { signed_in: &begun.signed_in, browser };
        let user = &begun.signed_in.user;
        let device = begun.device.as_ref().map(OpaqueToken::hash).or_else(|| browser.device.clone());
        let Some(device) = device.filter(|_| longest.0 > 0) else { return Ok(()) };
        let mut change = self.store.begin().await?;
        if change.trust_device(user.id, &device, self.now().plus(longest)).await? {
            change.record(&self.own_event(EventKind::DeviceTrusted, owner, json!({}))).await?;
        }
        change.commit().await?;
        Ok(())
    }
}
