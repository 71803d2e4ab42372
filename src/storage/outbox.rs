//! What is on its way out: mails, text messages and logout tokens. A row is leased to one sender at a time and retried until it has
//! arrived or is given up; its payload is sealed, and erased at the end.

use serde::{Deserialize, Serialize};

use super::Error;
use super::store::{Change, Store};
use crate::crypto::seal::Place;
use crate::domain::ids::{ClientId, SessionId, UserId};
use crate::domain::sms::SmsPurpose;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outgoing {
    Mail(Mail),
    Sms(Sms),
    LogoutToken(LogoutNotice),
    SecurityEvent(SecurityEvent),
    Webhook(WebhookCall),
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Mails hold links and codes.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(redacted)")
    }
}

/// A text message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// E.164.
    pub to: String,
    pub text: String,
    pub purpose: SmsPurpose,
    pub locale: String,
    /// After this nobody wants it any more.
    pub expires_at: Timestamp,
}

/// Messages hold numbers and codes.
impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sms(redacted)")
    }
}

/// A session ended and this client is to hear of it (OpenID Connect Back-Channel Logout). The token is made when it is
/// sent: it is short-lived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutNotice {
    pub client_id: ClientId,
    pub user_id: UserId,
    pub session_id: SessionId,
}

/// Something happened to a person that this client is to hear of (RFC 8417). The token is made when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    pub client_id: ClientId,
    pub user_id: UserId,
    #[serde(rename = "what")]
    pub kind: SecurityEventKind,
}

/// A message that an endpoint of the operator's is to get. It is signed when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookCall {
    pub endpoint: String,
    pub delivery: String,
}

/// In the vocabulary of OpenID CAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEventKind {
    /// Level or hold.
    ClaimsChanged,
    SessionRevoked,
}

/// What [`Outgoing::kind`] can be.
pub const KINDS: [&str; 5] = ["mail", "sms", "logout_token", "security_event", "webhook"];

impl Outgoing {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
            Self::Sms(_) => "sms",
            Self::LogoutToken(_) => "logout_token",
            Self::SecurityEvent(_) => "security_event",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Who is slow when this is slow: one target does not hold up another.
    fn target(&self) -> String {
        match self {
            Self::Mail(_) => "mail".to_owned(),
            Self::Sms(_) => "sms".to_owned(),
            Self::LogoutToken(notice) => notice.client_id.to_string(),
            Self::SecurityEvent(event) => event.client_id.to_string(),
            Self::Webhook(call) => format!("webhook:{}", call.endpoint),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Leased {
    pub id: String,
    pub payload: Outgoing,
    pub target: String,
    /// How often it was tried before.
    pub attempts: i64,
}

/// What one look at the outbox brought.
#[derive(Debug, Default)]
pub struct Lease {
    pub due: Vec<Leased>,
    /// Entries that cannot be opened: their payload is damaged, or sealed under a key that is gone.
    pub unreadable: Vec<String>,
}

/// Which entries: the operator's own systems have a lane beside the one of people and apps, so that they cannot fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    PeopleAndApps,
    Webhooks,
}

/// How many entries may be leased at once, over all nodes.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Mails, and as many text messages.
    pub mails: i64,
    /// To one target other than the mail server and the message gateways.
    pub of_one_target: i64,
}

record! {
    struct Row {
        id: String,
        sealed: Option<Vec<u8>>,
        target: String,
        attempts: i64,
    }
}

/// A mail that has been sent and whose payload was kept: only the demo does.
#[derive(Clone, Debug)]
pub struct KeptMail {
    pub id: String,
    pub at: Timestamp,
    pub mail: Mail,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub waiting: i64,
    /// When the oldest waiting entry was written.
    pub oldest: Option<i64>,
}

/// How the outcomes of what never arrived begin.
const FAILURES: [&str; 3] = ["refused", "given up", "unreadable"];

/// Which entries are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Waiting,
    /// Of the last days: then it is forgotten.
    Failed,
}

record! {
    /// An entry without its payload.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OutboxEntry {
        pub id: String,
        /// `mail`, `sms`, `logout_token`, ..
        pub kind: String,
        /// The client for what goes to apps.
        pub target: String,
        pub created_at: i64,
        pub next_attempt_at: i64,
        pub attempts: i64,
        pub finished_at: Option<i64>,
        pub outcome: Option<String>,
        pub last_error: Option<String>,
    }
}

/// By kind: what has been sent and can still be read, the latest first.
pub(super) const KEPT_LATEST_FIRST: &str = "SELECT id, created_at, sealed FROM outbox WHERE kind = $1 \
    AND finished_at IS NOT NULL AND sealed IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT $2";

pub(super) fn payload_of(id: &str) -> Place<'_> {
    Place { table: "outbox", column: "sealed", row: id }
}

impl Store {
    /// Leases what is due, oldest first, and of no target more than its share: one that hangs does not hold up the
    /// others. A lease that runs out makes the entry due again.
    pub async fn lease_outgoing(
        &self,
        now: Timestamp,
        until: Timestamp,
        most: i64,
        share: Share,
    ) -> Result<Lease, Error> {
        self.lease_of(Lane::PeopleAndApps, (now, until), most, share).await
    }

    /// As [`Store::lease_outgoing`], in either lane.
    pub async fn lease_of(
        &self,
        lane: Lane,
        (now, until): (Timestamp, Timestamp),
        most: i64,
        share: Share,
    ) -> Result<Lease, Error> {
        let rows: Vec<Row> = self
            .write(
                "UPDATE outbox SET leased_until = $1 WHERE finished_at IS NULL AND leased_until <= $2 AND id IN \
                 (SELECT id FROM (SELECT o.id, o.next_attempt_at, \
                 ROW_NUMBER() OVER (PARTITION BY o.target ORDER BY o.next_attempt_at, o.id) + COALESCE(l.held, 0) \
                 AS place, CASE WHEN o.kind IN ('mail', 'sms') THEN $4 ELSE $5 END AS share \
                 FROM outbox o LEFT JOIN (SELECT target, COUNT(*) AS held FROM outbox \
                 WHERE finished_at IS NULL AND leased_until > $2 GROUP BY target) l ON l.target = o.target \
                 WHERE o.finished_at IS NULL AND o.next_attempt_at <= $2 AND o.leased_until <= $2 \
                 AND CASE WHEN o.kind = 'webhook' THEN 1 ELSE 0 END = $6) due \
                 WHERE place <= share ORDER BY next_attempt_at, id LIMIT $3) \
                 RETURNING id, sealed, target, attempts",
            )
            .bind(until)
            .bind(now)
            .bind(most)
            .bind(share.mails)
            .bind(share.of_one_target)
            .bind(i64::from(lane == Lane::Webhooks))
            .all()
            .await?;
        let mut lease = Lease::default();
        for row in rows {
            let payload = row.sealed.and_then(|sealed| self.open(payload_of(&row.id), &sealed).ok());
            match payload {
                Some(payload) => {
                    lease.due.push(Leased { id: row.id, payload, target: row.target, attempts: row.attempts });
                }
                None => lease.unreadable.push(row.id),
            }
        }
        Ok(lease)
    }

    /// It has arrived, or will never. `keep` leaves the payload readable (the demo's outbox page).
    pub async fn finish_outgoing(&self, id: &str, outcome: &str, keep: bool, now: Timestamp) -> Result<(), Error> {
        let text = if keep {
            "UPDATE outbox SET finished_at = $1, outcome = $2, failed = $4 WHERE id = $3"
        } else {
            "UPDATE outbox SET finished_at = $1, outcome = $2, failed = $4, sealed = NULL WHERE id = $3"
        };
        let failed = FAILURES.iter().any(|beginning| outcome.starts_with(beginning));
        self.write(text).bind(now).bind(outcome).bind(id).bind(i64::from(failed)).run().await?;
        Ok(())
    }

    pub async fn retry_outgoing(&self, id: &str, next: Timestamp, why: &str) -> Result<(), Error> {
        self.write(
            "UPDATE outbox SET next_attempt_at = $1, leased_until = 0, attempts = attempts + 1, last_error = $2 \
             WHERE id = $3",
        )
        .bind(next)
        .bind(why)
        .bind(id)
        .run()
        .await?;
        Ok(())
    }

    /// The youngest first, before the id `before`.
    pub async fn outbox_entries(
        &self,
        wanted: Wanted,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<OutboxEntry>, Error> {
        let text = match wanted {
            Wanted::Waiting => {
                "SELECT id, kind, target, created_at, next_attempt_at, attempts, finished_at, outcome, last_error \
                 FROM outbox WHERE COALESCE(finished_at, 0) = 0 AND id < $1 ORDER BY id DESC LIMIT $2"
            }
            Wanted::Failed => {
                "SELECT id, kind, target, created_at, next_attempt_at, attempts, finished_at, outcome, last_error \
                 FROM outbox WHERE failed > 0 AND id < $1 ORDER BY id DESC LIMIT $2"
            }
        };
        // After every id there is.
        self.read(text).bind(before.unwrap_or("g")).bind(most).all().await
    }

    pub async fn outbox_backlog(&self) -> Result<Backlog, Error> {
        let (waiting, oldest): (i64, Option<i64>) =
            self.read("SELECT COUNT(*), MIN(created_at) FROM outbox WHERE finished_at IS NULL").one().await?;
        Ok(Backlog { waiting, oldest })
    }

    /// As [`Store::outbox_backlog`], kind by kind: `mail`, `webhook`, ..
    pub async fn outbox_backlogs(&self) -> Result<Vec<(String, Backlog)>, Error> {
        let text =
            "SELECT kind, COUNT(*), MIN(created_at) FROM outbox WHERE finished_at IS NULL GROUP BY kind ORDER BY kind";
        let rows: Vec<(String, i64, Option<i64>)> = self.read(text).all().await?;
        Ok(rows.into_iter().map(|(kind, waiting, oldest)| (kind, Backlog { waiting, oldest })).collect())
    }

    /// Mails whose payload was kept, the latest first.
    pub async fn kept_mails(&self, most: i64) -> Result<Vec<KeptMail>, Error> {
        let rows: Vec<(String, i64, Vec<u8>)> = self.read(KEPT_LATEST_FIRST).bind("mail").bind(most).all().await?;
        let mut mails = Vec::with_capacity(rows.len());
        for (id, at, sealed) in rows {
            if let Outgoing::Mail(mail) = self.open(payload_of(&id), &sealed)? {
                mails.push(KeptMail { id, at: Timestamp::from_unix(at), mail });
            }
        }
        Ok(mails)
    }
}

impl Change {
    /// Goes out after the change is committed, and never before.
    pub async fn send(&mut self, id: &str, payload: &Outgoing, now: Timestamp) -> Result<(), Error> {
        let sealed = self.seal(payload_of(id), payload)?;
        self.sql(
            "INSERT INTO outbox (id, kind, target, sealed, created_at, next_attempt_at, attempts, leased_until) \
             VALUES ($1, $2, $3, $4, $5, $5, 0, 0)",
        )
        .bind(id)
        .bind(payload.kind())
        .bind(payload.target())
        .bind(sealed)
        .bind(now)
        .run()
        .await?;
        Ok(())
    }

    /// Makes what waits due at once. `false` when it does not wait.
    pub async fn hurry_outgoing(&mut self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let hurried = self
            .sql("UPDATE outbox SET next_attempt_at = $1 WHERE id = $2 AND finished_at IS NULL")
            .bind(now)
            .bind(id)
            .run()
            .await?;
        Ok(hurried == 1)
    }

    /// Costs what [`Change::send`] does and goes nowhere, so that an answer takes as long for somebody we do not know.
    pub async fn send_nothing(&mut self, id: &str, payload: &Outgoing, now: Timestamp) -> Result<(), Error> {
        self.seal(payload_of(id), payload)?;
        self.sql(
            "INSERT INTO outbox (id, kind, target, sealed, created_at, next_attempt_at, attempts, leased_until, \
             finished_at, outcome) VALUES ($1, 'nothing', $2, NULL, $3, $3, 0, 0, $3, 'nothing')",
        )
        .bind(id)
        .bind(payload.target())
        .bind(now)
        .run()
        .await?;
        Ok(())
    }
}
