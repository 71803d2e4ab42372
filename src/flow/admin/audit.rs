//! The audit log: making entries, reading them, and proving that none was changed or removed.

use serde_json::{Value, json};

use super::{Authority, Grave, Refusal};
use crate::crypto::random::random_bytes;
use crate::domain::admin::Act;
use crate::domain::ids::UserId;
use crate::flow::karat::Karat;
use crate::storage::audit::{AuditEntry, Chained, Head, Wanted, chained_hash};

/// Rows that are verified at a time.
const BATCH: i64 = 1_000;

/// What an entry is about.
#[derive(Clone, Debug)]
pub struct Target(pub &'static str, pub String);

impl Target {
    pub fn user(id: UserId) -> Self {
        Self("user", id.to_string())
    }

    pub fn client(id: &crate::domain::ids::ClientId) -> Self {
        Self("client", id.to_string())
    }
}

/// What [`Karat::verify_audit`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything from the first entry to the head.
    Whole(Head),
    /// The first place where the chain does not hold.
    Broken { seq: i64, what: &'static str },
}

impl Authority {
    /// An entry of now, to be given to the change that does it.
    pub fn entry(&self, karat: &Karat, act: Act, target: Target, detail: Value) -> AuditEntry {
        AuditEntry {
            actor: self.actor(),
            address: self.address.clone(),
            request_id: self.request_id.clone(),
            ..karat.house_entry("", act.as_str(), target, detail)
        }
    }
}

impl Karat {
    /// An entry of what nobody asked for at a door of the operator's: rules, providers, the clock.
    pub fn house_entry(&self, actor: &str, act: &str, target: Target, detail: Value) -> AuditEntry {
        let Target(kind, target) = target;
        AuditEntry {
            id: self.new_id().to_string(),
            at: self.now(),
            actor: actor.to_owned(),
            act: act.to_owned(),
            target_kind: kind.to_owned(),
            target,
            detail,
            address: None,
            request_id: None,
        }
    }

    /// The newest first, older than `before`.
    pub async fn audited(
        &self,
        by: &Authority,
        wanted: &Wanted,
        before: Option<i64>,
        most: i64,
    ) -> Result<Vec<Chained>, Refusal> {
        by.permit(Act::ReadAudit)?;
        Ok(self.store.audited(wanted, before.unwrap_or(i64::MAX), most).await?)
    }

    pub async fn audited_one(&self, by: &Authority, id: &str) -> Result<Chained, Refusal> {
        by.permit(Act::ReadAudit)?;
        self.store.audit_entry(id).await?.ok_or(Refusal::NotFound)
    }

    /// From the beginning to the head: gaps, changed rows and rows after the head are found. `head`, noted down elsewhere, also shows an
    /// end that was cut off.
    pub async fn verify_audit(&self, by: &Authority, head: Option<&Head>) -> Result<Verdict, Refusal> {
        by.permit(Act::ReadAudit)?;
        let key = self.store.audit_key(random_bytes(), self.now()).await?;
        let end = self.store.audit_head().await?;
        let (mut last, mut hash) = (0, String::new());
        loop {
            let rows = self.store.audit_from(last, BATCH).await?;
            if rows.is_empty() {
                break;
            }
            for (row, detail) in rows {
                if row.seq != last + 1 {
                    return Ok(Verdict::Broken { seq: last + 1, what: "is missing" });
                }
                if chained_hash(&*key, &hash, row.seq, &row.entry, &detail) != row.hash {
                    return Ok(Verdict::Broken { seq: row.seq, what: "was changed, or one before it was" });
                }
                if head.is_some_and(|head| head.seq == row.seq && head.hash != row.hash) {
                    return Ok(Verdict::Broken { seq: row.seq, what: "is not the entry that was noted down" });
                }
                (last, hash) = (row.seq, row.hash);
            }
        }
        // What was written while this was read is the next reader's.
        if last < end.seq || (last == end.seq && hash != end.hash) {
            return Ok(Verdict::Broken { seq: last + 1, what: "is missing at the end" });
        }
        if head.is_some_and(|head| head.seq > last) {
            return Ok(Verdict::Broken { seq: last + 1, what: "is missing at the end: a later one was noted down" });
        }
        Ok(Verdict::Whole(Head { seq: last, hash }))
    }

    /// That somebody took the log away is in the log.
    pub async fn note_audit_export(&self, by: &Authority, wanted: &Wanted) -> Result<(), Refusal> {
        self.may_export(by, &Grave::ExportAudit).await?;
        let mut change = self.store.begin().await?;
        let told = json!({ "actor": wanted.actor, "act": wanted.act, "since": wanted.since, "until": wanted.until });
        change.audit(by.entry(self, Act::ExportAudit, Target("audit", String::new()), told));
        Ok(change.commit().await?)
    }
}
