//! Accepting the terms in force: at the registration, and again at the first log-in after they have changed.

use serde_json::json;

use super::authorize::SignedIn;
use super::karat::Karat;
use super::{Failure, Refused};
use crate::domain::ids::UserId;
use crate::pages::keys;
use crate::storage::events::EventKind;

impl Karat {
    pub async fn has_accepted_terms(&self, user: UserId) -> Result<bool, Failure> {
        Ok(self.store.has_accepted_terms(user, &self.settings.terms.version).await?)
    }

    /// `version` is the one that the form showed.
    pub async fn accept_terms(&self, signed_in: &SignedIn, version: &str, accepts: bool) -> Result<(), Refused> {
        if version != self.settings.terms.version {
            return Err(Refused::on("accept_terms", keys::TERMS_CHANGED));
        }
        if !accepts {
            return Err(Refused::on("accept_terms", keys::TERMS_REQUIRED));
        }
        let user = signed_in.user.id;
        let mut change = self.store.begin().await?;
        change.accept_terms(user, version, self.now()).await?;
        change.record(&self.event(EventKind::TermsAccepted, user).with(json!({ "version": version }))).await?;
        Ok(change.commit().await?)
    }
}
