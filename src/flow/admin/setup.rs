//! The first owner: whoever holds the one-time link that the server printed and logs in with a passkey.
//!
//! ```text
//! no owner --link printed--> account (made or logged in to) --passkey--> owner; the link and all others are used up
//! ```
//! There is no default account and no default password. Whoever can read what the server prints could read its database, too.

use serde_json::json;

use super::Refusal;
use super::audit::Target;
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::role::Role;
use crate::flow::account::Owner;
use crate::flow::condition::{NewAccount, NotMade};
use crate::flow::karat::Karat;
use crate::flow::login::Browser;
use crate::flow::register::parse_email;
use crate::flow::throttle::network;
use crate::flow::{Failure, Refused};
use crate::pages::{FieldErrors, Locale, Message, keys};
use crate::storage::audit::AuditEntry;
use crate::storage::events::EventKind;

/// Whom the audit log names: whoever held the link.
const ACTOR: &str = "setup";

const LONGEST_NAME: usize = 100;

/// The account of the first owner, as typed.
#[derive(Debug)]
pub struct FirstAccount {
    pub name: String,
    pub email: String,
    pub password: Secret,
}

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

    /// Whoever holds the link runs the installation: no mail proves the address.
    pub async fn make_first_account(
        &self,
        token: &str,
        wanted: &FirstAccount,
        browser: &Browser,
        locale: Locale,
    ) -> Result<(), Refused> {
        let from = format!("registrations:{}", network(browser.address));
        self.within(self.settings.throttle.registrations_per_address, &from).await??;
        match self.setup_is_open(token).await {
            Ok(true) => {}
            Ok(false) => return Err(Refused::Gone),
            Err(refusal) => return Err(Refused::Failed(Failure::fault(refusal))),
        }
        let mut errors = FieldErrors::none();
        let name: String = wanted.name.trim().chars().filter(|c| !c.is_control()).collect();
        if name.chars().count() > LONGEST_NAME {
            errors.push("name", Message::new(keys::TEXT_TOO_LONG).with("max", 100_i64));
        }
        let email = parse_email(&wanted.email).map_err(|message| errors.push("email", message)).ok();
        if let Some(message) = self.objection_to(&wanted.password, &[wanted.email.trim(), &name]).await? {
            errors.push("password", message);
        }
        let email = email.filter(|_| errors.is_empty()).ok_or(Refused::Form(errors))?;
        let account =
            NewAccount { email, password: wanted.password.clone(), locale, name: Some(name).filter(|n| !n.is_empty()) };
        let entry = |id| AuditEntry {
            address: Some(browser.address.to_string()),
            ..self.house_entry(ACTOR, Act::AddPerson.as_str(), Target::user(id), json!({}))
        };
        match self.add_account(account, entry).await {
            Ok(_) => Ok(()),
            Err(NotMade::Taken) => Err(Refused::on("email", keys::EMAIL_TAKEN)),
            Err(NotMade::Weak(_)) => Err(Refused::on("password", keys::PASSWORD_WEAK)),
            Err(refused @ NotMade::Name) => Err(Refused::Failed(Failure::fault(refused))),
            Err(NotMade::Refused(refusal)) => Err(Refused::Failed(Failure::fault(refusal))),
            Err(NotMade::Failed(failure)) => Err(Refused::Failed(failure)),
        }
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
        change.grant_role(user.id, Role::Owner, ACTOR, now).await?;
        let told = json!({ "role": Role::Owner.as_str(), "granted": true, "by": ACTOR });
        change.record(&self.event(EventKind::RoleChanged, user.id).with(told.clone())).await?;
        let address = Some(owner.browser.address.to_string());
        let entry = self.house_entry(ACTOR, Act::ChangeRoles.as_str(), Target::user(user.id), told);
        change.audit(AuditEntry { address, ..entry });
        Ok(change.commit().await?)
    }
}
