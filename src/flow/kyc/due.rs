//! What time brings: levels that end, applications that nobody finishes, and what has been kept long enough.

use serde_json::json;

use super::record::{Actor, Cause};
use crate::domain::ids::UserId;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::events::EventKind;

/// People at once.
const BATCH: i64 = 100;
/// How long it is known which events of providers were heard. They send each again for a day at most.
const KEEP_HEARD: Seconds = Seconds::days(30);

impl Karat {
    /// Finds what the clock says of standings. Answers how many findings there were; call again while it is not zero.
    pub async fn look_at_standings(&self) -> Result<usize, Failure> {
        let mut found = 0;
        for id in self.store.kyc_due(self.now(), BATCH).await? {
            match self.look_at_standing(id).await {
                Ok(findings) => found += findings,
                // One that cannot be read keeps nobody else's from being looked at.
                Err(error) => tracing::error!(%error, user = %id, "a standing could not be looked at"),
            }
        }
        Ok(found)
    }

    async fn look_at_standing(&self, id: UserId) -> Result<usize, Failure> {
        let Some(subject) = self.kyc_subject(id).await? else { return Ok(0) };
        let (now, notice) = (self.now(), self.settings.kyc.expiry_notice);
        let cause = Cause::of(Actor::Clock, json!({}));
        let mut found = 0;
        let mut change = self.store.begin().await?;
        while let Some(standing) = change.kyc_standing(id).await? {
            let Some(finding) = standing.due(now, notice) else {
                // Another node was first, or the notice is another than it was.
                change.set_kyc_standing(id, &standing, standing.due_at(notice)).await?;
                break;
            };
            self.record_finding(&mut change, &subject, &finding, &cause).await?;
            found += 1;
        }
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(found)
    }

    /// Gives up applications that nobody has finished in `kyc.case_lifetime`; their pictures and papers go at once. Answers how many.
    pub async fn give_up_unfinished(&self) -> Result<usize, Failure> {
        let before = self.now().minus(self.settings.kyc.case_lifetime);
        let cause = Cause::of(Actor::Clock, json!({}));
        let mut closed = 0;
        for id in self.store.kyc_cases_unfinished(before, BATCH).await? {
            let Some(case) = self.store.kyc_case(id).await? else { continue };
            let Some(subject) = self.kyc_subject(case.user_id).await? else { continue };
            let mut change = self.store.begin().await?;
            if !change.hold_account(case.user_id).await? {
                continue;
            }
            self.close_unfinished(&mut change, &subject, &case, &cause).await?;
            change.commit().await?;
            closed += 1;
        }
        Ok(closed)
    }

    /// Destroys what has been kept long enough, some rows of each kind. Answers how many; call again while it is not zero.
    pub async fn destroy_what_was_kept(&self) -> Result<u64, Failure> {
        let now = self.now();
        let mut gone = self.store.destroy_kyc_documents(now, BATCH).await?;
        gone += self.store.destroy_kyc_drafts(now.minus(self.settings.kyc.keep_documents), BATCH).await?;
        gone += self.store.forget_kyc_webhooks(now.minus(KEEP_HEARD), BATCH).await?;
        for id in self.store.kyc_keys_to_destroy(now, BATCH).await? {
            let mut change = self.store.begin().await?;
            change.destroy_kyc_record(id).await?;
            change.record(&self.event(EventKind::RecordDestroyed, id)).await?;
            change.commit().await?;
            gone += 1;
        }
        Ok(gone)
    }
}
