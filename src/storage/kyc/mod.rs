//! Verification: standings, cases, what was verified, and the record of every transition.
//!
//! What says who somebody is lies sealed under that person's own key ([`keys`]); destroying the key destroys it, wherever a copy may be.

pub mod cases;
pub mod documents;
pub mod fingerprints;
pub mod history;
pub mod identities;
pub mod keys;
pub mod notes;
pub mod queue;
pub mod retention;
pub mod webhooks;

use super::Error;
use super::store::{Change, Store, from_json, to_json};
use crate::domain::ids::UserId;
use crate::domain::kyc::Standing;
use crate::domain::time::Timestamp;

pub(super) fn standing_of(text: Option<&str>) -> Result<Standing, Error> {
    text.map_or(Ok(Standing::default()), |text| from_json(text, "users.kyc"))
}

impl Store {
    /// Whose standing has something due: a notice, or the end of a level.
    pub async fn kyc_due(&self, now: Timestamp, most: i64) -> Result<Vec<UserId>, Error> {
        let rows: Vec<(String,)> = self
            .read("SELECT id FROM users WHERE kyc_due_at <= $1 ORDER BY kyc_due_at LIMIT $2")
            .bind(now)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(|(id,)| super::store::parsed(&id, "users.id")).collect()
    }
}

impl Change {
    /// As it is inside this change; the person's row is held first, so that nobody changes it in between. `None`: there is no such account.
    pub async fn kyc_standing(&mut self, user: UserId) -> Result<Option<Standing>, Error> {
        if !self.hold_account(user).await? {
            return Ok(None);
        }
        let found: Option<(Option<String>,)> =
            self.sql("SELECT kyc FROM users WHERE id = $1").bind(user.to_string()).optional().await?;
        found.map(|(text,)| standing_of(text.as_deref())).transpose()
    }

    /// `due`: when somebody has to look next.
    pub async fn set_kyc_standing(
        &mut self,
        user: UserId,
        standing: &Standing,
        due: Option<Timestamp>,
    ) -> Result<(), Error> {
        let highest = standing.attained().iter().map(|level| level.tier.level()).max().unwrap_or_default();
        self.sql("UPDATE users SET kyc = $1, kyc_due_at = $2, kyc_level = $4, kyc_suspended = $5 WHERE id = $3")
            .bind(to_json(standing)?)
            .bind(due)
            .bind(user.to_string())
            .bind(i64::from(highest))
            .bind(i64::from(standing.suspended().is_some()))
            .run()
            .await?;
        Ok(())
    }
}
