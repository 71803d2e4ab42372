//! What reviewers work through: cases as a list.

use sqlx::FromRow;

use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{CaseState, Provider, Tier};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Store, parsed};

/// Which cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `None`: those that wait for a decision.
    pub state: Option<CaseState>,
    pub tier: Option<Tier>,
    /// `None`: whoever decides them.
    pub provider: Option<Provider>,
}

/// A case in a list. Nothing of what the person filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: CaseId,
    pub user_id: UserId,
    /// `None`: the account is gone.
    pub email: Option<String>,
    pub tier: Tier,
    pub provider: Provider,
    pub state: CaseState,
    pub created_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    /// Something in it was told in another account, too.
    pub is_doubtful: bool,
}

#[derive(FromRow)]
struct Row {
    id: String,
    user_id: String,
    email: Option<String>,
    tier: i64,
    provider: String,
    state: String,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    doubts: i64,
}

impl TryFrom<Row> for Listed {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let corrupt = |what: &str| Error::Corrupt(format!("kyc_cases.{what}"));
        let tier = u8::try_from(row.tier).ok().and_then(|tier| Tier::try_from(tier).ok());
        Ok(Self {
            id: parsed(&row.id, "kyc_cases.id")?,
            user_id: parsed(&row.user_id, "kyc_cases.user_id")?,
            email: row.email,
            tier: tier.ok_or_else(|| corrupt("tier"))?,
            provider: Provider::parse(&row.provider).ok_or_else(|| corrupt("provider"))?,
            state: CaseState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            created_at: Timestamp::from_unix(row.created_at),
            submitted_at: row.submitted_at.map(Timestamp::from_unix),
            decided_at: row.decided_at.map(Timestamp::from_unix),
            is_doubtful: row.doubts > 0,
        })
    }
}

impl Store {
    /// Those that wait: who has waited longest first. Others: the youngest first.
    pub async fn kyc_queue(&self, wanted: Wanted, skip: i64, most: i64) -> Result<Vec<Listed>, Error> {
        // A page is picked first, and what stands beside its rows is looked up for them alone.
        let found = match wanted.state {
            None => self.read(
                "SELECT c.id, c.user_id, u.email, c.tier, c.provider, c.state, c.created_at, c.submitted_at, c.decided_at, \
                 (SELECT COUNT(*) FROM kyc_fingerprints f JOIN kyc_fingerprints o ON o.kind = f.kind \
                 AND o.fingerprint = f.fingerprint AND o.user_id <> f.user_id WHERE f.user_id = c.user_id) AS doubts \
                 FROM (SELECT * FROM kyc_cases WHERE CASE WHEN state IN ('submitted', 'proposed') THEN 1 ELSE 0 END = 1 \
                 AND ($1 = '' OR provider = $1) AND ($2 = 0 OR tier = $2) \
                 ORDER BY submitted_at, id LIMIT $3 OFFSET $4) c LEFT JOIN users u ON u.id = c.user_id \
                 ORDER BY c.submitted_at, c.id",
            ),
            Some(_) => self.read(
                "SELECT c.id, c.user_id, u.email, c.tier, c.provider, c.state, c.created_at, c.submitted_at, c.decided_at, \
                 (SELECT COUNT(*) FROM kyc_fingerprints f JOIN kyc_fingerprints o ON o.kind = f.kind \
                 AND o.fingerprint = f.fingerprint AND o.user_id <> f.user_id WHERE f.user_id = c.user_id) AS doubts \
                 FROM (SELECT * FROM kyc_cases WHERE state = $5 \
                 AND ($1 = '' OR provider = $1) AND ($2 = 0 OR tier = $2) \
                 ORDER BY submitted_at DESC, id DESC LIMIT $3 OFFSET $4) c LEFT JOIN users u ON u.id = c.user_id \
                 ORDER BY c.submitted_at DESC, c.id DESC",
            ),
        };
        let mut found = found
            .bind(wanted.provider.map(Provider::as_str).unwrap_or_default())
            .bind(wanted.tier.map_or(0, |tier| i64::from(tier.level())))
            .bind(most)
            .bind(skip);
        if let Some(state) = wanted.state {
            found = found.bind(state.as_str());
        }
        let rows: Vec<Row> = found.all().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
