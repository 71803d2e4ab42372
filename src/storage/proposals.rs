//! Grave acts that one person asked for and that wait for a second one.

use super::Error;
use super::store::{Change, Store, from_json, to_json};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// What became of it.
///
/// ```text
/// open --second person--> done
///      --second person--> declined
///      --who proposed---> withdrawn
///      --time-----------> expired (no row changes)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Declined,
    Withdrawn,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Done, Self::Declined, Self::Withdrawn].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct Proposal {
    pub id: String,
    /// Of [`crate::domain::admin::Act`].
    pub act: String,
    pub target_kind: String,
    pub target: String,
    /// What exactly, for the operation that will do it.
    pub asked: serde_json::Value,
    pub reason: String,
    pub proposed_by: UserId,
    pub proposed_at: Timestamp,
    pub expires_at: Timestamp,
    pub outcome: Option<Outcome>,
    pub decided_by: Option<UserId>,
    pub decided_at: Option<Timestamp>,
}

record! {
    struct Row {
        id: String,
        act: String,
        target_kind: String,
        target: String,
        asked: String,
        reason: String,
        proposed_by: String,
        proposed_at: i64,
        expires_at: i64,
        outcome: Option<String>,
        decided_by: Option<String>,
        decided_at: Option<i64>,
    }
}

impl Store {
    pub async fn proposal(&self, id: &str) -> Result<Option<Proposal>, Error> {
        let row: Option<Row> = self.read("SELECT * FROM proposals WHERE id = $1").bind(id).optional().await?;
        row.map(proposal).transpose()
    }

    /// Whether a second person has agreed since `since` to what `proposer` asked for.
    pub async fn has_agreed_proposal(
        &self,
        act: &str,
        (kind, target): (&str, &str),
        proposer: UserId,
        since: Timestamp,
    ) -> Result<bool, Error> {
        let found: Option<(String,)> = self
            .read(
                "SELECT id FROM proposals WHERE proposed_by = $1 AND act = $2 AND target_kind = $3 AND target = $4 \
                 AND outcome = $5 AND decided_at >= $6 LIMIT 1",
            )
            .bind(proposer.to_string())
            .bind(act)
            .bind(kind)
            .bind(target)
            .bind(Outcome::Done.as_str())
            .bind(since)
            .optional()
            .await?;
        Ok(found.is_some())
    }

    /// Those that wait, the oldest first.
    pub async fn open_proposals(&self, now: Timestamp, most: i64) -> Result<Vec<Proposal>, Error> {
        let rows: Vec<Row> = self
            .read("SELECT * FROM proposals WHERE outcome IS NULL AND expires_at > $1 ORDER BY id LIMIT $2")
            .bind(now)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(proposal).collect()
    }
}

impl Change {
    pub async fn add_proposal(&mut self, proposal: &Proposal) -> Result<(), Error> {
        self.sql(
            "INSERT INTO proposals (id, act, target_kind, target, asked, reason, proposed_by, proposed_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&proposal.id)
        .bind(&proposal.act)
        .bind(&proposal.target_kind)
        .bind(&proposal.target)
        .bind(to_json(&proposal.asked)?)
        .bind(&proposal.reason)
        .bind(proposal.proposed_by.to_string())
        .bind(proposal.proposed_at)
        .bind(proposal.expires_at)
        .run()
        .await?;
        Ok(())
    }

    /// Decides what waits, once: `false` when somebody has, or its time is over.
    pub async fn decide_proposal(
        &mut self,
        id: &str,
        outcome: Outcome,
        by: UserId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let decided = self
            .sql(
                "UPDATE proposals SET outcome = $1, decided_by = $2, decided_at = $3 \
                 WHERE id = $4 AND outcome IS NULL AND expires_at > $3",
            )
            .bind(outcome.as_str())
            .bind(by.to_string())
            .bind(now)
            .bind(id)
            .run()
            .await?;
        Ok(decided == 1)
    }
}

fn proposal(row: Row) -> Result<Proposal, Error> {
    let person = |text: &str, what: &str| text.parse::<UserId>().map_err(|_| Error::Corrupt(what.to_owned()));
    Ok(Proposal {
        asked: from_json(&row.asked, "proposals.asked")?,
        proposed_by: person(&row.proposed_by, "proposals.proposed_by")?,
        decided_by: row.decided_by.as_deref().map(|text| person(text, "proposals.decided_by")).transpose()?,
        outcome: row.outcome.as_deref().and_then(Outcome::parse),
        id: row.id,
        act: row.act,
        target_kind: row.target_kind,
        target: row.target,
        reason: row.reason,
        proposed_at: Timestamp::from_unix(row.proposed_at),
        expires_at: Timestamp::from_unix(row.expires_at),
        decided_at: row.decided_at.map(Timestamp::from_unix),
    })
}
