//! The record of every transition: who, when, from where to where, on what evidence.

use serde_json::Value;

use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, from_json, to_json};

/// Written once, never changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// A UUID as text.
    pub id: String,
    pub user_id: UserId,
    pub at: Timestamp,
    /// The name of the [`crate::domain::kyc::Finding`].
    pub finding: String,
    /// States and levels before and after, in words and numbers of [`crate::domain::kyc`].
    pub from_state: String,
    pub to_state: String,
    pub from_tier: i64,
    pub to_tier: i64,
    /// `person`, `reviewer:<account>`, `operator`, `clock`, or a provider's name.
    pub actor: String,
    pub case_id: Option<String>,
    /// The true one, which the person may not be told.
    pub reason: Option<String>,
    /// References, no identity data.
    pub evidence: Value,
}

record! {
    struct Row {
        id: String,
        at: i64,
        finding: String,
        from_state: String,
        to_state: String,
        from_tier: i64,
        to_tier: i64,
        actor: String,
        case_id: Option<String>,
        reason: Option<String>,
        evidence: String,
    }
}

impl Store {
    /// The youngest first, at most 500.
    pub async fn kyc_history(&self, user_id: UserId) -> Result<Vec<Transition>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, at, finding, from_state, to_state, from_tier, to_tier, actor, case_id, reason, evidence \
                 FROM kyc_history WHERE user_id = $1 ORDER BY at DESC, id DESC LIMIT 500",
            )
            .bind(user_id.to_string())
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Transition {
                    id: row.id,
                    user_id,
                    at: Timestamp::from_unix(row.at),
                    finding: row.finding,
                    from_state: row.from_state,
                    to_state: row.to_state,
                    from_tier: row.from_tier,
                    to_tier: row.to_tier,
                    actor: row.actor,
                    case_id: row.case_id,
                    reason: row.reason,
                    evidence: from_json(&row.evidence, "kyc_history.evidence")?,
                })
            })
            .collect()
    }
}

impl Change {
    pub async fn add_kyc_transition(&mut self, made: &Transition) -> Result<(), Error> {
        self.sql(
            "INSERT INTO kyc_history (id, user_id, at, finding, from_state, to_state, from_tier, to_tier, actor, case_id, \
             reason, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&made.id)
        .bind(made.user_id.to_string())
        .bind(made.at)
        .bind(&made.finding)
        .bind(&made.from_state)
        .bind(&made.to_state)
        .bind(made.from_tier)
        .bind(made.to_tier)
        .bind(&made.actor)
        .bind(made.case_id.clone())
        .bind(made.reason.clone())
        .bind(to_json(&made.evidence)?)
        .run()
        .await?;
        Ok(())
    }
}
