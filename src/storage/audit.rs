//! What was done for the operator: append-only, each row chained to the one before by a MAC (docs/decisions/0049).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Error;
use super::store::{Change, Store, from_json, to_json};
use crate::crypto::token::hmac;
use crate::domain::time::Timestamp;

/// The name of the key under which the chain is computed.
pub const KEY: &str = "audit_log";
/// How far the clocks of nodes may be apart, in seconds, before a day's entries are missed by whoever asks for the day.
const SKEW: i64 = 600;

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// A UUID.
    pub id: String,
    pub at: Timestamp,
    /// `person:<id>`, `service:<client_id>`, `operator`, `clock`, ..
    pub actor: String,
    /// `clients.change`, ..: an act of [`crate::domain::admin::Act`], or what the house itself did.
    pub act: String,
    /// `client`, `user`, `case`, `role`, ..
    pub target_kind: String,
    pub target: String,
    /// `before`, `after`, `reason`, as far as there are any. Never a secret, and of people never more than their id.
    pub detail: serde_json::Value,
    /// The IP address it came from.
    pub address: Option<String>,
    pub request_id: Option<String>,
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Chained {
    /// From 1, without gaps.
    pub seq: i64,
    pub entry: AuditEntry,
    /// base64url of the MAC over this entry and the hash of the one before.
    pub hash: String,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

/// Which entries are wanted; what is absent does not matter. One of the first four is looked up by an index, the others are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub actor: Option<String>,
    pub act: Option<String>,
    /// Kind and id.
    pub target: Option<(String, String)>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Wanted {
    /// Whether this moment is between `since` and `until`.
    pub fn spans(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }
}

record! {
    struct Row {
        seq: i64,
        id: String,
        at: i64,
        actor: String,
        act: String,
        target_kind: String,
        target: String,
        detail: String,
        address: Option<String>,
        request_id: Option<String>,
        hash: String,
    }
}

/// Of `entry` at `seq`, after an entry with the hash `before` (empty at the beginning). `detail` is the text that is stored: JSON has
/// more than one spelling.
pub fn chained_hash(key: &[u8], before: &str, seq: i64, entry: &AuditEntry, detail: &str) -> String {
    let (seq, at) = (seq.to_string(), entry.at.unix().to_string());
    // That there is none differs from an empty text.
    let told = |value: &Option<String>| value.as_ref().map_or("-".to_owned(), |text| format!("+{text}"));
    let (address, request) = (told(&entry.address), told(&entry.request_id));
    let parts = [
        before,
        &seq,
        &entry.id,
        &at,
        &entry.actor,
        &entry.act,
        &entry.target_kind,
        &entry.target,
        detail,
        &address,
        &request,
    ];
    URL_SAFE_NO_PAD.encode(hmac(key, &parts.map(str::as_bytes)))
}

impl Change {
    /// Goes into the log when this change is committed, and only then.
    pub fn audit(&mut self, entry: AuditEntry) {
        self.audited.push(entry);
    }

    pub(super) async fn write_audit(&mut self) -> Result<(), Error> {
        let entries = std::mem::take(&mut self.audited);
        if entries.is_empty() {
            return Ok(());
        }
        let key = self.shared_secret(KEY).await?;
        // Holds the end of the chain until this change is committed.
        let (seq, mut hash): (i64, String) = self
            .sql("UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash")
            .bind(i64::try_from(entries.len()).unwrap_or(i64::MAX))
            .one()
            .await?;
        let first = seq - i64::try_from(entries.len()).unwrap_or(i64::MAX) + 1;
        for (seq, entry) in (first..).zip(&entries) {
            let detail = to_json(&entry.detail)?;
            hash = chained_hash(&*key, &hash, seq, entry, &detail);
            self.sql(
                "INSERT INTO audit_log (seq, id, at, actor, act, target_kind, target, detail, address, request_id, hash) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(seq)
            .bind(&entry.id)
            .bind(entry.at)
            .bind(&entry.actor)
            .bind(&entry.act)
            .bind(&entry.target_kind)
            .bind(&entry.target)
            .bind(detail)
            .bind(entry.address.clone())
            .bind(entry.request_id.clone())
            .bind(&hash)
            .run()
            .await?;
        }
        self.sql("UPDATE audit_head SET hash = $1 WHERE id = 1").bind(&hash).run().await?;
        // The operator's log is out of reach of whoever rewrites the database.
        tracing::info!(seq, hash, act = entries.last().map(|entry| entry.act.as_str()), "audit");
        Ok(())
    }
}

impl Store {
    pub async fn audit_head(&self) -> Result<Head, Error> {
        let (seq, hash): (i64, String) = self.read("SELECT seq, hash FROM audit_head WHERE id = 1").one().await?;
        Ok(Head { seq, hash })
    }

    /// In the order in which they were written, at most `most` after `after`, with the text of their detail as it is stored.
    pub async fn audit_from(&self, after: i64, most: i64) -> Result<Vec<(Chained, String)>, Error> {
        let rows: Vec<Row> = self
            .read("SELECT * FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(most)
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                let detail = row.detail.clone();
                Ok((chained(row)?, detail))
            })
            .collect()
    }

    pub async fn audit_entry(&self, id: &str) -> Result<Option<Chained>, Error> {
        let row: Option<Row> = self.read("SELECT * FROM audit_log WHERE id = $1").bind(id).optional().await?;
        row.map(chained).transpose()
    }

    /// The newest first, at most `most` that are older than `before` (`i64::MAX` at first).
    pub async fn audited(&self, wanted: &Wanted, before: i64, most: i64) -> Result<Vec<Chained>, Error> {
        let since = wanted.since.map_or(0, Timestamp::unix);
        let until = wanted.until.map_or(i64::MAX, Timestamp::unix);
        // Times grow with the numbers but for the clocks of several nodes: where days are asked for, the others are not read through.
        let before = match wanted.until {
            Some(_) => {
                let last = "SELECT seq FROM audit_log WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1";
                let last: Option<(i64,)> = self.read(last).bind(until.saturating_add(SKEW)).optional().await?;
                before.min(last.map_or(0, |(seq,)| seq.saturating_add(1)))
            }
            None => before,
        };
        let first = match wanted.since {
            Some(_) => {
                let first = "SELECT seq FROM audit_log WHERE at >= $1 ORDER BY at, seq LIMIT 1";
                let first: Option<(i64,)> = self.read(first).bind(since.saturating_sub(SKEW)).optional().await?;
                first.map_or(i64::MAX, |(seq,)| seq)
            }
            None => 0,
        };
        let (kind, target) = wanted.target.clone().unzip();
        let statement = match (&wanted.target, &wanted.actor, &wanted.act) {
            (Some(_), ..) => self.read(
                "SELECT * FROM audit_log WHERE target_kind = $1 AND target = $2 AND ($3 = '' OR actor = $3) \
                 AND ($4 = '' OR act = $4) AND at >= $5 AND at < $6 AND seq < $7 AND seq >= $9 ORDER BY seq DESC LIMIT $8",
            ),
            (None, Some(_), Some(_)) => self.read(
                "SELECT * FROM audit_log WHERE ($1 = '' OR target_kind = $1) AND ($2 = '' OR target = $2) AND actor = $3 \
                 AND act = $4 AND at >= $5 AND at < $6 AND seq < $7 AND seq >= $9 ORDER BY seq DESC LIMIT $8",
            ),
            (None, Some(_), None) => self.read(
                "SELECT * FROM audit_log WHERE ($1 = '' OR target_kind = $1) AND ($2 = '' OR target = $2) AND actor = $3 \
                 AND ($4 = '' OR act = $4) AND at >= $5 AND at < $6 AND seq < $7 AND seq >= $9 ORDER BY seq DESC LIMIT $8",
            ),
            (None, None, Some(_)) => self.read(
                "SELECT * FROM audit_log WHERE ($1 = '' OR target_kind = $1) AND ($2 = '' OR target = $2) \
                 AND ($3 = '' OR actor = $3) AND act = $4 AND at >= $5 AND at < $6 AND seq < $7 AND seq >= $9 ORDER BY seq DESC LIMIT $8",
            ),
            (None, None, None) => self.read(
                "SELECT * FROM audit_log WHERE ($1 = '' OR target_kind = $1) AND ($2 = '' OR target = $2) \
                 AND ($3 = '' OR actor = $3) AND ($4 = '' OR act = $4) AND at >= $5 AND at < $6 AND seq < $7 AND seq >= $9 \
                 ORDER BY seq DESC LIMIT $8",
            ),
        };
        let rows: Vec<Row> = statement
            .bind(kind.unwrap_or_default())
            .bind(target.unwrap_or_default())
            .bind(wanted.actor.clone().unwrap_or_default())
            .bind(wanted.act.clone().unwrap_or_default())
            .bind(since)
            .bind(until)
            .bind(before)
            .bind(most)
            .bind(first)
            .all()
            .await?;
        rows.into_iter().map(chained).collect()
    }

    pub async fn audit_key(&self, fresh: [u8; 32], now: Timestamp) -> Result<zeroize::Zeroizing<[u8; 32]>, Error> {
        self.shared_secret(KEY, fresh, now).await
    }
}

fn chained(row: Row) -> Result<Chained, Error> {
    let entry = AuditEntry {
        id: row.id,
        at: Timestamp::from_unix(row.at),
        actor: row.actor,
        act: row.act,
        target_kind: row.target_kind,
        target: row.target,
        // A row that somebody spoilt is still shown to whoever verifies the chain.
        detail: from_json(&row.detail, "audit_log.detail").unwrap_or(serde_json::Value::Null),
        address: row.address,
        request_id: row.request_id,
    };
    Ok(Chained { seq: row.seq, entry, hash: row.hash })
}
