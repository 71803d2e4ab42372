//! What reviewers work through: cases as a list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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

/// Where a case stands in a list: by when it was submitted, or begun where it was not; of several at once by its id. What happens to other cases
/// between two pages moves none, and of the case itself nothing has to be there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    at: Timestamp,
    id: CaseId,
}

/// The text is no place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list of cases")]
pub struct NoPlace;

impl Listed {
    pub fn place(&self) -> Place {
        Place { at: self.submitted_at.unwrap_or(self.created_at), id: self.id }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.unix(), self.id)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('.').ok_or(NoPlace)?;
        let (at, id) = (at.parse().map_err(|_| NoPlace)?, id.parse().map_err(|_| NoPlace)?);
        Ok(Self { at: Timestamp::from_unix(at), id })
    }
}

record! {
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

/// Before and after every time there is.
const FIRST: Timestamp = Timestamp::from_unix(i64::MIN);
const LAST: Timestamp = Timestamp::from_unix(i64::MAX);

impl Store {
    /// Those that wait: who has waited longest first. Others: the youngest first. `after`: the last one of the page before.
    pub async fn kyc_queue(&self, wanted: Wanted, after: Option<Place>, most: i64) -> Result<Vec<Listed>, Error> {
        // A page is picked first, and what stands beside its rows is looked up for them alone. It begins among those of the same second, and
        // goes on with the others: each part is sought in its index. SQLite seeks no pair that begins with an expression.
        let (found, beginning) = match wanted.state {
            None => (
                self.read(
                    "SELECT c.id, c.user_id, u.email, c.tier, c.provider, c.state, c.created_at, c.submitted_at, c.decided_at, \
                     (SELECT COUNT(*) FROM kyc_fingerprints f JOIN kyc_fingerprints o ON o.kind = f.kind \
                     AND o.fingerprint = f.fingerprint AND o.user_id <> f.user_id WHERE f.user_id = c.user_id) AS doubts \
                     FROM (SELECT * FROM (SELECT * FROM kyc_cases \
                     WHERE CASE WHEN state IN ('submitted', 'proposed') THEN 1 ELSE 0 END = 1 \
                     AND COALESCE(submitted_at, created_at) = $1 AND id > $2 \
                     AND ($3 = '' OR provider = $3) AND ($4 = 0 OR tier = $4) \
                     ORDER BY id LIMIT $5) same \
                     UNION ALL SELECT * FROM (SELECT * FROM kyc_cases \
                     WHERE CASE WHEN state IN ('submitted', 'proposed') THEN 1 ELSE 0 END = 1 \
                     AND COALESCE(submitted_at, created_at) > $1 \
                     AND ($3 = '' OR provider = $3) AND ($4 = 0 OR tier = $4) \
                     ORDER BY COALESCE(submitted_at, created_at), id LIMIT $5) later) c \
                     LEFT JOIN users u ON u.id = c.user_id \
                     ORDER BY COALESCE(c.submitted_at, c.created_at), c.id LIMIT $5",
                ),
                FIRST,
            ),
            Some(_) => (
                self.read(
                    "SELECT c.id, c.user_id, u.email, c.tier, c.provider, c.state, c.created_at, c.submitted_at, c.decided_at, \
                     (SELECT COUNT(*) FROM kyc_fingerprints f JOIN kyc_fingerprints o ON o.kind = f.kind \
                     AND o.fingerprint = f.fingerprint AND o.user_id <> f.user_id WHERE f.user_id = c.user_id) AS doubts \
                     FROM (SELECT * FROM (SELECT * FROM kyc_cases WHERE state = $6 \
                     AND COALESCE(submitted_at, created_at) = $1 AND id < $2 \
                     AND ($3 = '' OR provider = $3) AND ($4 = 0 OR tier = $4) \
                     ORDER BY id DESC LIMIT $5) same \
                     UNION ALL SELECT * FROM (SELECT * FROM kyc_cases WHERE state = $6 \
                     AND COALESCE(submitted_at, created_at) < $1 \
                     AND ($3 = '' OR provider = $3) AND ($4 = 0 OR tier = $4) \
                     ORDER BY COALESCE(submitted_at, created_at) DESC, id DESC LIMIT $5) earlier) c \
                     LEFT JOIN users u ON u.id = c.user_id \
                     ORDER BY COALESCE(c.submitted_at, c.created_at) DESC, c.id DESC LIMIT $5",
                ),
                LAST,
            ),
        };
        let mut found = found
            .bind(after.map_or(beginning, |place| place.at))
            .bind(after.map_or_else(String::new, |place| place.id.to_string()))
            .bind(wanted.provider.map(Provider::as_str).unwrap_or_default())
            .bind(wanted.tier.map_or(0, |tier| i64::from(tier.level())))
            .bind(most);
        if let Some(state) = wanted.state {
            found = found.bind(state.as_str());
        }
        let rows: Vec<Row> = found.all().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
