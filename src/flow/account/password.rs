//! Changing the password: everything that stood on the old one ends, except the session at hand, which goes on under a
//! new token.

use super::{Owner, hold_proof};
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::authentication::{Method, Proven};
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::flow::Refused;
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::flow::password_reset::personal;
use crate::pages::{FieldErrors, Message, keys};
use crate::storage::events::EventKind;
use crate::storage::sessions::Session;

/// New values for the cookies of the browser at hand.
pub struct Renewed {
    /// The session's.
    pub token: OpaqueToken,
    /// The one by which the account knows this browser.
    pub device: OpaqueToken,
}

impl Karat {
    pub async fn change_password(&self, owner: Owner<'_>, current: &Secret, new: &Secret) -> Result<Renewed, Refused> {
        let user = &owner.signed_in.user;
        let mut errors = FieldErrors::none();
        if current.is_empty() {
            errors.push("current_password", Message::new(keys::PASSWORD_REQUIRED));
        }
        if let Some(message) = self.objection_to(new, &personal(user)).await? {
            errors.push("new_password", message);
        } else if new == current {
            errors.push("new_password", Message::new(keys::PASSWORD_SAME));
        }
        if !errors.is_empty() {
            return Err(Refused::Form(errors));
        }
        let proof = self.prove_owner(owner, "current_password", current).await?;
        let hash = self.passwords.hash(new).await?;
        let (now, token) = (self.now(), OpaqueToken::mint());
        let session = Session {
            authentication: owner.signed_in.session.authentication.with(Proven { method: Method::Password, at: now }),
            last_seen_at: now,
            expires_at: now.plus(self.settings.sessions.absolute_lifetime),
            ..owner.signed_in.session.clone()
        };
        let mut change = self.store.begin().await?;
        hold_proof(&mut change, &proof).await?;
        // A session that was ended meanwhile, as by a reset, has no say in the password any more.
        if !change.renew_session(&session, &token.hash()).await? {
            return Err(Refused::Gone);
        }
        let others = Ending::AllBut(session.id);
        self.end_sessions(&mut change, user.id, others, RevocationReason::PasswordChanged).await?;
        let device =
            self.replace_password(&mut change, user, &hash, (owner.browser, HoldCause::PasswordChanged)).await?;
        let event = self.event(EventKind::PasswordChanged, user.id).from_address(&session.device.address);
        change.record(&event).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Renewed { token, device })
    }
}
