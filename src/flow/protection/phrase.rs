//! The phrase of the mails.

use crate::domain::phrase::{Phrase, PhraseError};
use crate::flow::Refused;
use crate::flow::account::Owner;
use crate::flow::authenticators::change::SecurityChange;
use crate::flow::karat::Karat;
use crate::pages::{FieldError, Message, keys};
use crate::storage::events::EventKind;

impl Karat {
    /// The mail about it still carries the phrase there was.
    pub async fn choose_phrase(&self, owner: Owner<'_>, typed: &str) -> Result<(), Refused> {
        let phrase = Phrase::parse(typed).map_err(|error| {
            let message = match error {
                PhraseError::Empty => Message::new(keys::PHRASE_REQUIRED),
                PhraseError::TooLong => Message::new(keys::TEXT_TOO_LONG).with("max", Phrase::LONGEST as i64),
            };
            Refused::Form(FieldError::on("phrase", message).into())
        })?;
        self.set_phrase(owner, Some(&phrase), &SecurityChange::PhraseChosen).await
    }

    pub async fn remove_phrase(&self, owner: Owner<'_>) -> Result<(), Refused> {
        self.set_phrase(owner, None, &SecurityChange::PhraseRemoved).await
    }

    async fn set_phrase(
        &self,
        owner: Owner<'_>,
        phrase: Option<&Phrase>,
        told: &SecurityChange,
    ) -> Result<(), Refused> {
        let user = &owner.signed_in.user;
        self.may_change_security(owner).await?;
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        change.set_phrase(user.id, phrase).await?;
        change.record(&self.own_event(EventKind::PhraseChanged, owner, serde_json::json!({}))).await?;
        self.tell_of_change(&mut change, user, told, owner.browser, None).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }
}
