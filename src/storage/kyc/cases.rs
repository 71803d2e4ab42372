//! Cases: one application for one level.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::PersonKey;
use crate::crypto::seal::Place;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{Case, CaseState, Provider, Reason, Tier};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, from_json, parsed, to_json};

record! {
    struct Row {
        id: String,
        user_id: String,
        tier: i64,
        provider: String,
        reference: Option<String>,
        state: String,
        reason: Option<String>,
        provider_time: Option<i64>,
        proposal: Option<String>,
        created_at: i64,
        submitted_at: Option<i64>,
        decided_at: Option<i64>,
        decided_by: Option<String>,
    }
}

impl TryFrom<Row> for Case {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let corrupt = |what: &str| Error::Corrupt(format!("kyc_cases.{what}"));
        Ok(Self {
            id: parsed(&row.id, "kyc_cases.id")?,
            user_id: parsed(&row.user_id, "kyc_cases.user_id")?,
            tier: u8::try_from(row.tier)
                .ok()
                .and_then(|tier| Tier::try_from(tier).ok())
                .ok_or_else(|| corrupt("tier"))?,
            provider: Provider::parse(&row.provider).ok_or_else(|| corrupt("provider"))?,
            reference: row.reference,
            state: CaseState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            reason: row.reason.map(|text| Reason::parse(&text).ok_or_else(|| corrupt("reason"))).transpose()?,
            provider_time: row.provider_time,
            created_at: Timestamp::from_unix(row.created_at),
            submitted_at: row.submitted_at.map(Timestamp::from_unix),
            decided_at: row.decided_at.map(Timestamp::from_unix),
            decided_by: row.decided_by,
            proposal: row.proposal.map(|text| from_json(&text, "kyc_cases.proposal")).transpose()?,
        })
    }
}

fn draft_of(id: &str) -> Place<'_> {
    Place { table: "kyc_cases", column: "draft", row: id }
}

impl Store {
    pub async fn kyc_case(&self, id: CaseId) -> Result<Option<Case>, Error> {
        let found = self
            .read(
                "SELECT id, user_id, tier, provider, reference, state, reason, provider_time, proposal, created_at, \
                 submitted_at, decided_at, decided_by FROM kyc_cases WHERE id = $1",
            )
            .bind(id.to_string());
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// By the provider's own id of it.
    pub async fn kyc_case_of(&self, provider: Provider, reference: &str) -> Result<Option<Case>, Error> {
        let found = self
            .read(
                "SELECT id, user_id, tier, provider, reference, state, reason, provider_time, proposal, created_at, \
                 submitted_at, decided_at, decided_by FROM kyc_cases WHERE provider = $1 AND reference = $2",
            )
            .bind(provider.as_str())
            .bind(reference);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// The youngest first.
    pub async fn kyc_cases(&self, user: UserId) -> Result<Vec<Case>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, user_id, tier, provider, reference, state, reason, provider_time, proposal, created_at, \
                 submitted_at, decided_at, decided_by FROM kyc_cases WHERE user_id = $1 \
                 ORDER BY created_at DESC, id DESC LIMIT 200",
            )
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// What the person has filled in so far; `None` when there is nothing, or the person's key is gone.
    pub async fn kyc_draft<T: DeserializeOwned>(&self, case: &Case) -> Result<Option<T>, Error> {
        let Some(key) = self.person_key(case.user_id).await? else { return Ok(None) };
        let id = case.id.to_string();
        let found: Option<(Option<Vec<u8>>,)> =
            self.read("SELECT draft FROM kyc_cases WHERE id = $1").bind(&id).optional().await?;
        found.and_then(|(sealed,)| sealed).map(|sealed| key.open(draft_of(&id), &sealed)).transpose()
    }
}

impl Change {
    /// As it is inside this change. Hold the account first.
    pub async fn kyc_case(&mut self, id: CaseId) -> Result<Option<Case>, Error> {
        let found = self
            .sql(
                "SELECT id, user_id, tier, provider, reference, state, reason, provider_time, proposal, created_at, \
                 submitted_at, decided_at, decided_by FROM kyc_cases WHERE id = $1",
            )
            .bind(id.to_string());
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// [`Error::Conflict`] when the person has an open one, or the provider's id is another case's.
    pub async fn add_kyc_case(&mut self, case: &Case) -> Result<(), Error> {
        self.sql(
            "INSERT INTO kyc_cases (id, user_id, tier, provider, reference, state, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(case.id.to_string())
        .bind(case.user_id.to_string())
        .bind(i64::from(case.tier.level()))
        .bind(case.provider.as_str())
        .bind(case.reference.clone())
        .bind(case.state.as_str())
        .bind(case.created_at)
        .run()
        .await?;
        Ok(())
    }

    /// Writes what may change of a case. `false`, and nothing is changed, when it is not in the state `was` any more.
    pub async fn set_kyc_case(&mut self, case: &Case, was: CaseState) -> Result<bool, Error> {
        let proposal = case.proposal.as_ref().map(to_json).transpose()?;
        let set = self
            .sql(
                "UPDATE kyc_cases SET reference = $1, state = $2, reason = $3, provider_time = $4, proposal = $5, \
                 submitted_at = $6, decided_at = $7, decided_by = $8 WHERE id = $9 AND state = $10",
            )
            .bind(case.reference.clone())
            .bind(case.state.as_str())
            .bind(case.reason.map(Reason::as_str))
            .bind(case.provider_time)
            .bind(proposal)
            .bind(case.submitted_at)
            .bind(case.decided_at)
            .bind(case.decided_by.clone())
            .bind(case.id.to_string())
            .bind(was.as_str())
            .run()
            .await?;
        Ok(set == 1)
    }

    /// As it is inside this change.
    pub async fn kyc_draft<T: DeserializeOwned>(&mut self, case: CaseId, key: &PersonKey) -> Result<Option<T>, Error> {
        let id = case.to_string();
        let found: Option<(Option<Vec<u8>>,)> =
            self.sql("SELECT draft FROM kyc_cases WHERE id = $1").bind(&id).optional().await?;
        found.and_then(|(sealed,)| sealed).map(|sealed| key.open(draft_of(&id), &sealed)).transpose()
    }

    /// `false`, and nothing is changed, when the case is not being filled in any more.
    pub async fn set_kyc_draft<T: Serialize>(
        &mut self,
        case: CaseId,
        key: &PersonKey,
        draft: &T,
    ) -> Result<bool, Error> {
        let id = case.to_string();
        let sealed = key.seal(draft_of(&id), draft)?;
        let set = self
            .sql("UPDATE kyc_cases SET draft = $1 WHERE id = $2 AND state = 'collecting'")
            .bind(sealed)
            .bind(&id)
            .run()
            .await?;
        Ok(set == 1)
    }
}
