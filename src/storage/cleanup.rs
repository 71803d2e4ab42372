//! Removing what has expired, in small batches that let other writers in between.

use super::store::Store;
use super::{Error, idempotency};
use crate::domain::time::{Seconds, Timestamp};

/// How long finished things stay as evidence.
const EVIDENCE: Seconds = Seconds::days(7);

/// How long the log of messages to the operator's systems is kept.
const DELIVERIES: Seconds = Seconds::days(30);

const BATCHES: [&str; 10] = [
    "DELETE FROM client_invitations WHERE id IN (SELECT id FROM client_invitations WHERE expires_at < $1 LIMIT $2)",
    "DELETE FROM registrations WHERE id IN (SELECT id FROM registrations WHERE expires_at < $1 LIMIT $2)",
    "DELETE FROM mailed_actions WHERE hash IN (SELECT hash FROM mailed_actions WHERE expires_at < $1 LIMIT $2)",
    "DELETE FROM recoveries WHERE id IN (SELECT id FROM recoveries WHERE expires_at < $1 LIMIT $2)",
    "DELETE FROM revoked_tokens WHERE jti IN (SELECT jti FROM revoked_tokens WHERE expires_at < $1 LIMIT $2)",
    // A session's apps are to hear of its end however long ago their tokens expired.
    "DELETE FROM grants WHERE id IN (SELECT g.id FROM grants g WHERE g.expires_at < $1 AND NOT EXISTS \
     (SELECT 1 FROM sessions s WHERE s.id = g.session_id AND s.ended_at IS NULL AND s.expires_at >= $1) LIMIT $2)",
    "DELETE FROM sessions WHERE id IN (SELECT s.id FROM sessions s WHERE s.expires_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.session_id = s.id) LIMIT $2)",
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE finished_at < $1 LIMIT $2)",
    "DELETE FROM sms_messages WHERE id IN (SELECT id FROM sms_messages WHERE created_at < $1 LIMIT $2)",
    "DELETE FROM signing_keys WHERE kid IN (SELECT kid FROM signing_keys WHERE published_until < $1 LIMIT $2)",
];

impl Store {
    /// Removes at most `batch` rows of each table and answers how many went; call again while it is not zero.
    pub async fn clean_up(&self, now: Timestamp, batch: i64) -> Result<u64, Error> {
        let before = now.minus(EVIDENCE);
        let mut removed = 0;
        for text in BATCHES {
            removed += self.write(text).bind(before).bind(batch).run().await?;
        }
        removed += self
            .write(
                "DELETE FROM webhook_deliveries WHERE id IN \
                 (SELECT id FROM webhook_deliveries WHERE created_at < $1 LIMIT $2)",
            )
            .bind(now.minus(DELIVERIES))
            .bind(batch)
            .run()
            .await?;
        // There may be many, and they are evidence of nothing.
        removed += self
            .write(
                "DELETE FROM used_assertions WHERE hash IN \
                 (SELECT hash FROM used_assertions WHERE expires_at <= $1 LIMIT $2)",
            )
            .bind(now)
            .bind(batch)
            .run()
            .await?;
        removed += self
            .write(
                "DELETE FROM idempotency_keys WHERE (caller, name) IN \
                 (SELECT caller, name FROM idempotency_keys WHERE created_at <= $1 LIMIT $2)",
            )
            .bind(now.minus(idempotency::KEPT_FOR))
            .bind(batch)
            .run()
            .await?;
        Ok(removed)
    }
}
