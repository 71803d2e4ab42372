//! A log-in that has begun and is not enough yet: kept for minutes, bound to one browser, and good for nothing but the
//! factor that is missing. There is no session before it is complete.

use serde::{Deserialize, Serialize};

use super::Browser;
use super::session::{Accepted, Evidence};
use crate::crypto::token::TokenHash;
use crate::domain::authentication::{Acr, Authentication, Proven};
use crate::domain::authenticator::{AuthenticatorKind, Enrolled};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::authenticators::Verified;
use crate::flow::authorize::SignedIn;
use crate::flow::karat::Karat;
use crate::storage::users::UserWithPassword;

/// Where the person was going.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Towards {
    /// The interaction of the app that sent them.
    pub interaction: Option<String>,
    /// Else the room of the account.
    pub room: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingLogin {
    pub user_id: UserId,
    pub proven: Vec<Proven>,
    pub towards: Towards,
    pub started_at: Timestamp,
    /// A digest of the hash that the password was compared with: a password that is changed meanwhile proves nothing.
    password: String,
}

/// A pending log-in with its person.
#[derive(Clone, Debug)]
pub struct Pending {
    pub login: PendingLogin,
    pub user: User,
    /// Exactly as stored: what an update compares with.
    raw: String,
}

impl PendingLogin {
    pub(super) fn of(
        found: &UserWithPassword,
        authentication: &Authentication,
        towards: &Towards,
        now: Timestamp,
    ) -> Self {
        Self {
            user_id: found.user.id,
            proven: authentication.proven.clone(),
            towards: towards.clone(),
            started_at: now,
            password: digest(&found.password_hash),
        }
    }

    /// Whether the password is still the one that was compared.
    pub(super) fn stands_on(&self, found: &UserWithPassword) -> bool {
        digest(&found.password_hash) == self.password
    }
}

fn key(browser: &TokenHash) -> String {
    format!("pending-login:{}", browser.as_str())
}

fn digest(password_hash: &str) -> String {
    TokenHash::of_text("pending login", password_hash).into_string()
}

impl Karat {
    /// What the person has to prove themselves with.
    pub async fn enrolled(&self, user: UserId) -> Result<Enrolled, Failure> {
        let mut authenticators = self.store.authenticators_of(user).await?;
        // What the deployment does not take any more must not stand in anybody's way.
        if self.passkeys.is_none() {
            authenticators.retain(|one| one.kind() != AuthenticatorKind::Passkey);
        }
        if authenticators.is_empty() {
            return Ok(Enrolled::default());
        }
        let codes = self.store.recovery_codes_of(user).await?;
        Ok(Enrolled::of(&authenticators, codes.left > 0, self.settings.policy.sms))
    }

    /// What the person's own protection asks of a log-in in this browser.
    pub async fn least_of(&self, user: &User, enrolled: &Enrolled, browser: &Browser) -> Result<Acr, Failure> {
        if !enrolled.has_second_factor() || self.is_trusted(user, browser).await? {
            return Ok(Acr::Password);
        }
        Ok(Acr::MfaSms)
    }

    /// Whether a session may begin, or go on, upon this much.
    pub async fn is_enough(
        &self,
        user: &User,
        authentication: &Authentication,
        browser: &Browser,
    ) -> Result<bool, Failure> {
        let enrolled = self.enrolled(user.id).await?;
        Ok(authentication.acr >= self.least_of(user, &enrolled, browser).await?)
    }

    pub(super) async fn begin_pending(
        &self,
        proven: &UserWithPassword,
        authentication: &Authentication,
        browser: &Browser,
        towards: &Towards,
    ) -> Result<(), Failure> {
        let login = PendingLogin::of(proven, authentication, towards, self.now());
        let lifetime = self.settings.authentication.pending_lifetime.as_duration();
        self.ephemeral.put(&key(&browser.binding), &serde_json::to_string(&login)?, lifetime).await?;
        Ok(())
    }

    /// The log-in that waits in this browser, if its person may still log in and the password still stands.
    pub async fn pending_login(&self, browser: &Browser) -> Result<Option<Pending>, Failure> {
        let Some(raw) = self.ephemeral.get(&key(&browser.binding)).await? else { return Ok(None) };
        let login: PendingLogin = serde_json::from_str(&raw)?;
        if self.now() > login.started_at.plus(self.settings.authentication.pending_lifetime) {
            return Ok(None);
        }
        let found = self.store.user_with_password(login.user_id).await?;
        let Some(found) = found.filter(|found| digest(&found.password_hash) == login.password) else { return Ok(None) };
        if !self.may_log_in(&found.user, browser).await? {
            return Ok(None);
        }
        Ok(Some(Pending { login, user: found.user, raw }))
    }

    /// Who thinks better of it begins anew.
    pub async fn drop_pending(&self, browser: &Browser) -> Result<(), Failure> {
        Ok(self.ephemeral.delete(&key(&browser.binding)).await?)
    }

    pub(super) async fn add_to_pending(
        &self,
        pending: &Pending,
        verified: &Verified,
        browser: &Browser,
        current: Option<&SignedIn>,
    ) -> Result<Accepted, Failure> {
        let mut login = pending.login.clone();
        login.proven.push(verified.proven());
        let authentication = Authentication::of(&login.proven);
        let enough = match &authentication {
            Some(authentication) => self.is_enough(&pending.user, authentication, browser).await?,
            None => false,
        };
        let key = key(&browser.binding);
        let (Some(authentication), true) = (authentication, enough) else {
            let left = login.started_at.plus(self.settings.authentication.pending_lifetime).since(self.now());
            let text = serde_json::to_string(&login)?;
            let ttl = left.as_duration().max(std::time::Duration::from_secs(1));
            let kept = self.ephemeral.compare_and_put(&key, &pending.raw, &text, ttl).await?;
            return Ok(if kept { Accepted::Pending } else { Accepted::Gone });
        };
        // Taken by one of those who come at once.
        if self.ephemeral.take(&key).await?.as_deref() != Some(pending.raw.as_str()) {
            return Ok(Accepted::Gone);
        }
        let found = self.store.user_with_password(login.user_id).await?;
        let Some(found) = found.filter(|found| digest(&found.password_hash) == login.password) else {
            return Ok(Accepted::Gone);
        };
        if self.needs_approval(&found.user, &authentication, browser).await? {
            self.begin_awaiting(&login, &found.user, browser).await?;
            return Ok(Accepted::AwaitsApproval);
        }
        let begun = self.begin_session(Evidence::from(found), authentication, browser, current).await?;
        Ok(begun.map_or(Accepted::Gone, |begun| Accepted::SignedIn(Box::new(begun))))
    }
}
