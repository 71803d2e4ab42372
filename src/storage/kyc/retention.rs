//! How long what is known of people is kept, and its end.

use crate::domain::ids::{CaseId, UserId};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, parsed};

/// Everything that is kept of one person's verification. The key goes first: without it the rest, and every copy of it in a backup, is noise.
const RECORD: [&str; 7] = [
    "DELETE FROM kyc_keys WHERE user_id = $1",
    "DELETE FROM kyc_identities WHERE user_id = $1",
    "DELETE FROM kyc_documents WHERE user_id = $1",
    "DELETE FROM kyc_fingerprints WHERE user_id = $1",
    "DELETE FROM kyc_notes WHERE user_id = $1",
    "DELETE FROM kyc_history WHERE user_id = $1",
    "DELETE FROM kyc_cases WHERE user_id = $1",
];

impl Store {
    /// Pictures and papers whose time has come. Answers how many, at most `most`.
    pub async fn destroy_kyc_documents(&self, now: Timestamp, most: i64) -> Result<u64, Error> {
        self.write(
            "DELETE FROM kyc_documents WHERE id IN (SELECT id FROM kyc_documents WHERE delete_at <= $1 LIMIT $2)",
        )
        .bind(now)
        .bind(most)
        .run()
        .await
    }

    /// What people filled in for cases that were decided, or given up, before `before`: what was verified of it is kept elsewhere.
    pub async fn destroy_kyc_drafts(&self, before: Timestamp, most: i64) -> Result<u64, Error> {
        self.write(
            "UPDATE kyc_cases SET draft = NULL WHERE id IN (SELECT id FROM kyc_cases \
             WHERE draft IS NOT NULL AND decided_at <= $1 AND state NOT IN ('collecting', 'submitted', 'proposed') LIMIT $2)",
        )
        .bind(before)
        .bind(most)
        .run()
        .await
    }

    /// Cases that were begun before `before` and are still being filled in, here or at a provider.
    pub async fn kyc_cases_unfinished(&self, before: Timestamp, most: i64) -> Result<Vec<CaseId>, Error> {
        let rows: Vec<(String,)> = self
            .read(
                "SELECT id FROM kyc_cases WHERE state = 'collecting' AND created_at <= $1 ORDER BY created_at LIMIT $2",
            )
            .bind(before)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(|(id,)| parsed(&id, "kyc_cases.id")).collect()
    }

    pub async fn forget_kyc_webhooks(&self, before: Timestamp, most: i64) -> Result<u64, Error> {
        self.write(
            "DELETE FROM kyc_webhooks WHERE (provider, event_id) IN \
             (SELECT provider, event_id FROM kyc_webhooks WHERE received_at < $1 LIMIT $2)",
        )
        .bind(before)
        .bind(most)
        .run()
        .await
    }

    /// Whose records have been locked long enough.
    pub async fn kyc_keys_to_destroy(&self, now: Timestamp, most: i64) -> Result<Vec<UserId>, Error> {
        let rows: Vec<(String,)> = self
            .read("SELECT user_id FROM kyc_keys WHERE destroy_at <= $1 ORDER BY destroy_at LIMIT $2")
            .bind(now)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(|(id,)| parsed(&id, "kyc_keys.user_id")).collect()
    }

    /// Until when the record of a person who has left stays locked; `None`: there is none, or the person has not left.
    pub async fn kyc_locked_until(&self, user: UserId) -> Result<Option<Timestamp>, Error> {
        let found: Option<(Option<i64>,)> =
            self.read("SELECT destroy_at FROM kyc_keys WHERE user_id = $1").bind(user.to_string()).optional().await?;
        Ok(found.and_then(|(at,)| at).map(Timestamp::from_unix))
    }

    /// Whether the record of the person may have to be kept: they were once approved for level 2 or above, whatever came after, or rejected
    /// for good or suspended, or the reviewers have not said their word yet.
    pub async fn leaves_kyc_record(&self, user: UserId) -> Result<bool, Error> {
        let found: Option<(i64,)> = self.read(LEAVES_RECORD).bind(user.to_string()).optional().await?;
        Ok(found.is_some())
    }
}

const LEAVES_RECORD: &str = "SELECT h.at FROM kyc_history h JOIN kyc_cases c ON c.id = h.case_id \
                             WHERE h.user_id = $1 AND h.finding = 'approved' AND c.tier >= 2 \
                             UNION ALL SELECT created_at FROM kyc_cases \
                             WHERE user_id = $1 AND state IN ('rejected_final', 'submitted', 'proposed') \
                             UNION ALL SELECT at FROM kyc_history \
                             WHERE user_id = $1 AND to_state = 'suspended' LIMIT 1";

impl Change {
    /// As [`Store::leaves_kyc_record`], inside this change. Hold the account first.
    pub async fn leaves_kyc_record(&mut self, user: UserId) -> Result<bool, Error> {
        let found: Option<(i64,)> = self.sql(LEAVES_RECORD).bind(user.to_string()).optional().await?;
        Ok(found.is_some())
    }

    /// Everything, with its key.
    pub async fn destroy_kyc_record(&mut self, user: UserId) -> Result<(), Error> {
        for text in RECORD {
            self.sql(text).bind(user.to_string()).run().await?;
        }
        Ok(())
    }

    /// The person leaves. What was decided stays, locked, until `until`, and that something waited for a decision; what was filled in
    /// or shown for that goes at once. Pictures and papers of decided cases keep their own, earlier time.
    pub async fn lock_kyc_record(&mut self, user: UserId, until: Timestamp) -> Result<(), Error> {
        let id = user.to_string();
        self.sql(
            "DELETE FROM kyc_documents WHERE user_id = $1 AND case_id IN (SELECT id FROM kyc_cases \
             WHERE user_id = $1 AND state IN ('collecting', 'submitted', 'proposed', 'abandoned'))",
        )
        .bind(&id)
        .run()
        .await?;
        self.sql("DELETE FROM kyc_cases WHERE user_id = $1 AND state IN ('collecting', 'abandoned')")
            .bind(&id)
            .run()
            .await?;
        // Nobody decides it any more; that it was there is known with its marks.
        self.sql(
            "UPDATE kyc_cases SET state = 'abandoned', proposal = NULL WHERE user_id = $1 AND state IN ('submitted', 'proposed')",
        )
        .bind(&id)
        .run()
        .await?;
        self.sql("UPDATE kyc_cases SET draft = NULL WHERE user_id = $1").bind(&id).run().await?;
        self.sql("UPDATE kyc_keys SET destroy_at = $1 WHERE user_id = $2").bind(until).bind(&id).run().await?;
        Ok(())
    }
}
