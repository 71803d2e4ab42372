//! An operator makes, locks and unlocks accounts.

use serde_json::json;

use super::Failure;
use super::account::profile::{self, LONGEST_NAME};
use super::admin::audit::Target;
use super::admin::proposals::words;
use super::admin::{Authority, Refusal};
use super::karat::Karat;
use super::logout::Ending;
use crate::crypto::password_strength::Weakness;
use crate::crypto::token::Secret;
use crate::domain::admin::Act;
use crate::domain::email::EmailAddress;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::UserId;
use crate::domain::profile::Profile;
use crate::domain::role::Role;
use crate::domain::user::{Condition, User};
use crate::pages::Locale;
use crate::pages::mail::AccountLocked;
use crate::storage;
use crate::storage::audit::AuditEntry;
use crate::storage::events::EventKind;
use crate::storage::grants::Reach;

/// An account as an operator makes it: the operator answers for the address.
#[derive(Debug)]
pub struct NewAccount {
    pub email: EmailAddress,
    pub password: Secret,
    pub locale: Locale,
    pub name: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    #[error("the address has an account already")]
    Taken,
    #[error("the password is refused: it is {0}")]
    Weak(#[from] Weakness),
    #[error("the name is longer than {LONGEST_NAME} characters, or holds what is no text")]
    Name,
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Failure),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Done,
    /// It was so already.
    Already,
}

impl Karat {
    /// The terms are not accepted on anybody's behalf: the person is asked at the first log-in.
    pub async fn make_account(&self, by: &Authority, wanted: NewAccount) -> Result<User, NotMade> {
        by.permit(Act::AddPerson)?;
        self.add_account(wanted, |id| by.entry(self, Act::AddPerson, Target::user(id), json!({}))).await
    }

    /// `entry` is what the audit log says of it.
    pub(in crate::flow) async fn add_account(
        &self,
        wanted: NewAccount,
        entry: impl FnOnce(UserId) -> AuditEntry,
    ) -> Result<User, NotMade> {
        let name = wanted.name.as_deref().map(profile::name_as_told).transpose().map_err(|_| NotMade::Name)?.flatten();
        let personal = [wanted.email.as_str(), name.as_deref().unwrap_or_default()];
        self.judge_password(&wanted.password, &personal).await.map_err(Failure::from)??;
        let hash = self.passwords.hash(&wanted.password).await.map_err(Failure::from)?;
        let now = self.now();
        let user = User {
            id: UserId::new(self.new_id()),
            email: wanted.email,
            email_verified_at: Some(now),
            profile: Profile { name, ..Profile::default() },
            locale: wanted.locale.tag().to_owned(),
            condition: Condition::Active,
            created_at: now,
            updated_at: now,
            password_changed_at: now,
            hold_until: None,
            protection: Default::default(),
            kyc: Default::default(),
        };
        let event = self.event(EventKind::Registered, user.id).with(json!({ "by": "operator" }));
        let entry = entry(user.id);
        let made = async {
            let mut change = self.store.begin().await?;
            change.add_user(&user, &hash).await?;
            change.record(&event).await?;
            change.audit(entry);
            change.commit().await
        };
        match made.await {
            Ok(()) => Ok(user),
            Err(storage::Error::Conflict) => Err(NotMade::Taken),
            Err(error) => Err(NotMade::Failed(error.into())),
        }
    }

    /// Nobody gets in any more, and whoever is in is out: sessions end, grants die, apps hear of it. The person gets a
    /// mail.
    pub async fn lock_account(&self, by: &Authority, user: &User, because: &str) -> Result<Changed, Refusal> {
        by.permit_on(Act::FreezePerson, user.id)?;
        let because = words(because);
        if because.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        if user.is_locked() {
            return Ok(Changed::Already);
        }
        let roles = self.store.roles_of(user.id).await?;
        if !roles.is_empty() {
            // Or whoever may do least could shut out those who may undo it.
            by.permit(Act::ChangeRoles)?;
        }
        let now = self.now();
        let mut change = self.store.begin().await?;
        if !change.hold_account(user.id).await? {
            return Err(Refusal::NotFound);
        }
        if roles.contains(&Role::Owner) {
            self.keep_an_owner(&mut change, user.id, true).await?;
        }
        let locked = Condition::Locked { since: now, because: because.clone() };
        if !change.set_condition(user.id, &locked).await? {
            return Ok(Changed::Already);
        }
        self.end_sessions(&mut change, user.id, Ending::All, RevocationReason::Locked).await?;
        // Those that outlive their session as well.
        change.revoke_grants(user.id, &Reach::Everything, RevocationReason::Locked, now).await?;
        change.record(&self.event(EventKind::Locked, user.id).with(json!({ "because": because }))).await?;
        self.put_mail_to(&mut change, user, &AccountLocked { at: now }).await?;
        change.audit(by.entry(self, Act::FreezePerson, Target::user(user.id), json!({ "reason": because })));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Changed::Done)
    }

    /// What the person froze stays frozen.
    pub async fn unlock_account(&self, by: &Authority, user: &User, reason: &str) -> Result<Changed, Refusal> {
        by.permit_on(Act::UnfreezePerson, user.id)?;
        if !user.is_locked() {
            return Ok(Changed::Already);
        }
        let mut change = self.store.begin().await?;
        if !change.set_condition(user.id, &Condition::Active).await? {
            return Ok(Changed::Already);
        }
        change.record(&self.event(EventKind::Unlocked, user.id)).await?;
        change.audit(by.entry(self, Act::UnfreezePerson, Target::user(user.id), json!({ "reason": words(reason) })));
        change.commit().await?;
        Ok(Changed::Done)
    }
}
