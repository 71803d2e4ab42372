//! What became of text messages. Their numbers and texts are in the outbox, sealed, and erased once they are on their way.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Error;
use super::outbox::{KEPT_LATEST_FIRST, Outgoing, Sms, payload_of};
use super::store::{Change, Store};
use crate::crypto::seal::Place;
use crate::domain::phone::{Country, PhoneNumber};
use crate::domain::sms::SmsStatus;
use crate::domain::time::Timestamp;

/// What a gateway said about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsReport<'a> {
    pub id: &'a str,
    pub gateway: &'a str,
    /// The gateway's own name for the message.
    pub reference: Option<&'a str>,
    pub status: SmsStatus,
    /// The gateway's code of what went wrong.
    pub error: Option<&'a str>,
}

/// A message whose payload was kept: only the demo does.
#[derive(Clone, Debug)]
pub struct KeptSms {
    pub id: String,
    pub at: Timestamp,
    pub sms: Sms,
}

fn number_of(challenge: &str) -> Place<'_> {
    Place { table: "short_lived", column: "number", row: challenge }
}

impl Store {
    /// Notes how far a message has come. `false`, and nothing is noted, when it has come further already, when there is no
    /// such message, or when another gateway took it over.
    pub async fn note_sms(&self, report: &SmsReport<'_>, now: Timestamp) -> Result<bool, Error> {
        let noted = self
            .write(
                "UPDATE sms_messages SET status = $1, step = $2, gateway = $3, \
                 reference = COALESCE($4, reference), error = $5, updated_at = $6 \
                 WHERE id = $7 AND step < $2 AND (gateway IS NULL OR gateway = $3) \
                 AND (reference IS NULL OR reference = COALESCE($4, reference))",
            )
            .bind(report.status.as_str())
            .bind(report.status.step())
            .bind(report.gateway)
            .bind(report.reference)
            .bind(report.error)
            .bind(now)
            .bind(report.id)
            .run()
            .await?;
        Ok(noted == 1)
    }

    pub async fn sms_status(&self, id: &str) -> Result<Option<String>, Error> {
        let found: Option<(String,)> =
            self.read("SELECT status FROM sms_messages WHERE id = $1").bind(id).optional().await?;
        Ok(found.map(|(status,)| status))
    }

    /// A number as it stands in short-lived state, bound to the challenge that it is of.
    pub fn sealed_number(&self, challenge: &str, number: &PhoneNumber) -> Result<String, Error> {
        Ok(STANDARD.encode(self.seal(number_of(challenge), number)?))
    }

    pub fn opened_number(&self, challenge: &str, sealed: &str) -> Result<PhoneNumber, Error> {
        let sealed = STANDARD.decode(sealed).map_err(|_| Error::Corrupt("the number of a challenge".to_owned()))?;
        self.open(number_of(challenge), &sealed)
    }

    /// Messages whose payload was kept, the latest first.
    pub async fn kept_sms(&self, most: i64) -> Result<Vec<KeptSms>, Error> {
        let rows: Vec<(String, i64, Vec<u8>)> = self.read(KEPT_LATEST_FIRST).bind("sms").bind(most).all().await?;
        let mut kept = Vec::with_capacity(rows.len());
        for (id, at, sealed) in rows {
            if let Outgoing::Sms(sms) = self.open(payload_of(&id), &sealed)? {
                kept.push(KeptSms { id, at: Timestamp::from_unix(at), sms });
            }
        }
        Ok(kept)
    }
}

impl Change {
    /// Goes out after the change is committed, and never before.
    pub async fn send_sms(&mut self, id: &str, sms: Sms, country: Country, now: Timestamp) -> Result<(), Error> {
        self.sql(
            "INSERT INTO sms_messages (id, purpose, country, status, step, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(id)
        .bind(sms.purpose.as_str())
        .bind(country.as_str())
        .bind(SmsStatus::Waiting.as_str())
        .bind(SmsStatus::Waiting.step())
        .bind(now)
        .run()
        .await?;
        self.send(id, &Outgoing::Sms(sms), now).await
    }
}
