//! A log-in from a browser that the account does not know, complete but for its owner's approval by mail: by the person's
//! wish, or the operator's.
//!
//! ```text
//! factors shown, browser unknown --> awaiting --link posted from the same network--> approved --the browser comes back--> session
//! ```
//! What waits is kept apart from pending log-ins: no page takes it for one, and nothing goes on with it but its own page.

use serde::{Deserialize, Serialize};

use super::pending::PendingLogin;
use super::session::Evidence;
use super::{Browser, NewSession};
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::authentication::{Acr, Authentication};
use crate::domain::ids::UserId;
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::User;
use crate::flow::account::Owner;
use crate::flow::authenticators::change::SecurityChange;
use crate::flow::authorize::SignedIn;
use crate::flow::karat::Karat;
use crate::flow::mail_limits::About;
use crate::flow::sessions::device_name;
use crate::flow::throttle::network;
use crate::flow::{Failure, Refused};
use crate::pages::keys;
use crate::pages::mail::ApproveLogIn;
use crate::storage::events::EventKind;

/// Of the mailed link, and of the log-in that waits for it.
const LIFETIME: Seconds = Seconds::minutes(20);

/// What a link approves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    user_id: UserId,
    /// The browser that waits, as the hash of its cookie.
    browser: String,
    /// Where it is, as far as an address tells.
    network: String,
    pub device: String,
    pub place: String,
    pub at: Timestamp,
}

/// How a log-in that waits stands.
pub enum Awaited {
    /// There is none: it was approved before, or took too long.
    Nothing,
    Waiting,
    Approved(Box<NewSession>, super::Towards),
}

fn awaiting_key(browser: &TokenHash) -> String {
    format!("awaiting-login:{}", browser.as_str())
}

fn approved_key(browser: &str) -> String {
    format!("approved-login:{browser}")
}

fn asked_key(token: &TokenHash) -> String {
    format!("log-in-approval:{}", token.as_str())
}

impl Karat {
    /// A verified passkey needs no approval: no page in between could have got it. Nor does the very first log-in, whose
    /// mailbox has just been proven.
    pub(super) async fn needs_approval(
        &self,
        user: &User,
        authentication: &Authentication,
        browser: &Browser,
    ) -> Result<bool, Failure> {
        let wanted = self.settings.authentication.approve_new_devices || user.protection.approves_log_ins;
        if !wanted || authentication.acr >= Acr::Phr || self.known_device(user, browser).await?.is_some() {
            return Ok(false);
        }
        Ok(self.store.has_had_devices(user.id).await?)
    }

    pub(super) async fn begin_awaiting(
        &self,
        login: &PendingLogin,
        user: &User,
        browser: &Browser,
    ) -> Result<(), Failure> {
        let (link, now, lifetime) = (OpaqueToken::mint(), self.now(), LIFETIME.as_duration());
        let asked = Asked {
            user_id: user.id,
            browser: browser.binding.as_str().to_owned(),
            network: network(browser.address),
            device: device_name(&browser.agent),
            place: browser.address.to_string(),
            at: now,
        };
        let mut login = login.clone();
        login.started_at = now;
        self.ephemeral.put(&awaiting_key(&browser.binding), &serde_json::to_string(&login)?, lifetime).await?;
        // Over the limit the link of an earlier mail does.
        if self.count_mail_to(&user.email, About::Approval).await?.is_err() {
            return Ok(());
        }
        self.ephemeral.put(&asked_key(&link.hash()), &serde_json::to_string(&asked)?, lifetime).await?;
        let mail = ApproveLogIn {
            at: now,
            device: Some(asked.device),
            place: Some(asked.place),
            link: self.issuer.join(&format!("/approve?token={}", link.expose())),
            minutes: LIFETIME.0 / 60,
        };
        let mut change = self.store.begin().await?;
        self.put_warning(&mut change, user, &mail, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    /// Asked again and again by the page that waits.
    pub async fn awaited(&self, browser: &Browser, current: Option<&SignedIn>) -> Result<Awaited, Failure> {
        let key = awaiting_key(&browser.binding);
        let Some(raw) = self.ephemeral.get(&key).await? else { return Ok(Awaited::Nothing) };
        let login: PendingLogin = serde_json::from_str(&raw)?;
        if self.now() > login.started_at.plus(LIFETIME) {
            return Ok(Awaited::Nothing);
        }
        let approved_key = approved_key(browser.binding.as_str());
        if self.ephemeral.get(&approved_key).await? != Some(login.user_id.to_string()) {
            return Ok(Awaited::Waiting);
        }
        // Taken by one of those who come at once.
        if self.ephemeral.take(&key).await?.as_deref() != Some(raw.as_str()) {
            return Ok(Awaited::Nothing);
        }
        self.ephemeral.delete(&approved_key).await?;
        let found = self.store.user_with_password(login.user_id).await?.filter(|found| login.stands_on(found));
        let (Some(found), Some(authentication)) = (found, Authentication::of(&login.proven)) else {
            return Ok(Awaited::Nothing);
        };
        let begun = self.begin_session(Evidence::from(found), authentication, browser, current).await?;
        Ok(begun.map_or(Awaited::Nothing, |begun| Awaited::Approved(Box::new(begun), login.towards)))
    }

    /// What a link would approve. Looking approves nothing: mail scanners look, too.
    pub async fn approval_asked(&self, token: &str) -> Result<Asked, Refused> {
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        let raw = self.ephemeral.get(&asked_key(&token.hash())).await?.ok_or(Refused::Gone)?;
        let asked: Asked = serde_json::from_str(&raw)?;
        match self.now() > asked.at.plus(LIFETIME) {
            true => Err(Refused::Gone),
            false => Ok(asked),
        }
    }

    /// Once, and only from the network that the log-in comes from: a thief far away gains nothing by an owner who clicks.
    pub async fn approve_log_in(&self, token: &str, browser: &Browser) -> Result<(), Refused> {
        let asked = self.approval_asked(token).await?;
        if asked.network != network(browser.address) {
            return Err(Refused::on("form", keys::APPROVAL_ELSEWHERE));
        }
        let token = OpaqueToken::parse(token).ok_or(Refused::Gone)?;
        self.ephemeral.take(&asked_key(&token.hash())).await?.ok_or(Refused::Gone)?;
        let key = approved_key(&asked.browser);
        self.ephemeral.put(&key, &asked.user_id.to_string(), LIFETIME.as_duration()).await?;
        let event = self.event(EventKind::LogInApproved, asked.user_id).from_address(&browser.address.to_string());
        self.store.record(&event.with(serde_json::json!({ "agent": browser.agent }))).await?;
        Ok(())
    }

    pub async fn switch_approval(&self, owner: Owner<'_>, on: bool) -> Result<(), Refused> {
        self.may_change_security(owner).await?;
        let user = &owner.signed_in.user;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        change.set_approves_log_ins(user.id, on.then(|| self.now())).await?;
        change.record(&self.own_event(EventKind::ApprovalSwitched, owner, serde_json::json!({ "on": on }))).await?;
        let told = SecurityChange::ApprovalSwitched { on };
        self.tell_of_change(&mut change, user, &told, owner.browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }
}
