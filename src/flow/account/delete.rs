//! Deleting an account. What remains is that there was one and when it ended; and, of who was verified, a locked record for as long as
//! law wants it.

use super::{Owner, hold_proof};
use crate::crypto::token::Secret;
use crate::domain::admin::Act;
use crate::domain::grant::RevocationReason;
use crate::flow::Refused;
use crate::flow::admin::Refusal;
use crate::flow::admin::audit::Target;
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::pages::mail::AccountDeleted;
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::events::EventKind;

impl Karat {
    pub async fn delete_account(&self, owner: Owner<'_>, password: &Secret, confirmed: bool) -> Result<(), Refused> {
        let mut errors = FieldErrors::none();
        if password.is_empty() {
            errors.push("password", Message::new(keys::PASSWORD_REQUIRED));
        }
        if !confirmed {
            errors.push("confirm", Message::new(keys::CONFIRM_REQUIRED));
        }
        if !errors.is_empty() {
            return Err(Refused::Form(errors));
        }
        let proof = self.prove_owner(owner, "password", password).await?;
        let (user, now) = (&owner.signed_in.user, self.now());
        let roles = self.store.roles_of(user.id).await?;
        let mut change = self.store.begin().await?;
        hold_proof(&mut change, &proof).await?;
        if !roles.is_empty() {
            match self.keep_an_owner(&mut change, user.id, true).await {
                Ok(()) => {}
                Err(Refusal::Failed(failure)) => return Err(failure.into()),
                Err(_) => return Err(Refused::Form(FieldError::whole_form(Message::new(keys::LAST_OWNER)).into())),
            }
            let lost: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            let told = serde_json::json!({ "lost": lost, "because": "the account was deleted" });
            let actor = format!("person:{}", user.id);
            change.audit(self.house_entry(&actor, Act::ChangeRoles.as_str(), Target::user(user.id), told));
        }
        // First the sessions: the apps hear of it while it is still known which they are.
        self.end_sessions(&mut change, user.id, Ending::All, RevocationReason::LoggedOut).await?;
        change.remove_grants(user.id).await?;
        // Consents, terms, known devices, sessions and mailed actions go with the person's row.
        change.remove_user(user.id).await?;
        change.forget_in_events(user.id).await?;
        let kept_until = self.part_with_verification(&mut change, user.id).await?;
        let mut event = self.event(EventKind::Deleted, user.id);
        if let Some(until) = kept_until {
            event = event.with(serde_json::json!({ "record_kept_until": until }));
        }
        change.record(&event).await?;
        self.put_mail_to(&mut change, user, &AccountDeleted { at: now, kept_until }).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }
}
