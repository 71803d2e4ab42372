//! Ending sessions from the page that lists them.

use super::Owner;
use crate::domain::grant::RevocationReason;
use crate::domain::ids::SessionId;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::logout::Ending;
use crate::storage::events::EventKind;

impl Karat {
    /// Ends one of the person's own sessions; somebody else's id ends nothing. Answers how many ended.
    pub async fn end_own_session(&self, owner: Owner<'_>, id: SessionId) -> Result<usize, Failure> {
        self.end_own(owner, Ending::One(id)).await
    }

    pub async fn end_other_sessions(&self, owner: Owner<'_>) -> Result<usize, Failure> {
        self.end_own(owner, Ending::AllBut(owner.signed_in.session.id)).await
    }

    async fn end_own(&self, owner: Owner<'_>, ending: Ending) -> Result<usize, Failure> {
        let user = owner.signed_in.user.id;
        let mut change = self.store.begin().await?;
        let ended = self.end_sessions(&mut change, user, ending, RevocationReason::LoggedOut).await?;
        if ended > 0 {
            let event = self.event(EventKind::SessionEnded, user).from_address(&owner.browser.address.to_string());
            change.record(&event.with(serde_json::json!({ "count": ended }))).await?;
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(ended)
    }
}
