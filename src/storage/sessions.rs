//! Browser sessions. The cookie's token is stored as a hash; the id is the `sid` that apps hear.

use serde_json::json;

use super::store::{Change, Store, from_json, parsed, to_json};
use super::users;
use super::{Columns, Error, Record};
use crate::crypto::token::TokenHash;
use crate::domain::authentication::Authentication;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::webhook::WebhookEvent;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub authentication: Authentication,
    pub device: Device,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Where a browser was last seen, for the person's own list of sessions.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// IP address as text.
    pub address: String,
    /// The User-Agent header, shortened.
    pub agent: String,
}

record! {
    struct Row {
        id: String = "session_id",
        user_id: String,
        authentication: String,
        address: String,
        agent: String,
        created_at: i64 = "started_at",
        last_seen_at: i64,
        expires_at: i64,
    }
}

impl TryFrom<Row> for Session {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: parsed(&row.id, "sessions.id")?,
            user_id: parsed(&row.user_id, "sessions.user_id")?,
            authentication: from_json(&row.authentication, "sessions.authentication")?,
            device: Device { address: row.address, agent: row.agent },
            created_at: Timestamp::from_unix(row.created_at),
            last_seen_at: Timestamp::from_unix(row.last_seen_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        })
    }
}

struct WithPerson {
    session: Row,
    user: users::Row,
}

impl Record for WithPerson {
    fn from_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self { session: Record::from_columns(columns)?, user: Record::from_columns(columns)? })
    }
}

impl Store {
    /// The live session of a cookie's token with its person; `seen_since` is where idleness ends it.
    pub async fn session(
        &self,
        token: &TokenHash,
        now: Timestamp,
        seen_since: Timestamp,
    ) -> Result<Option<(Session, User)>, Error> {
        let found = self
            .read(
                "SELECT s.id AS session_id, s.user_id, s.authentication, s.address, s.agent, s.created_at AS started_at, \
                 s.last_seen_at, s.expires_at, u.* FROM sessions s JOIN users u ON u.id = s.user_id \
                 WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3",
            )
            .bind(token.as_str())
            .bind(now)
            .bind(seen_since);
        let Some(row) = found.optional::<WithPerson>().await? else { return Ok(None) };
        Ok(Some((row.session.try_into()?, self.user_of(row.user)?.user)))
    }

    pub async fn sessions_of(
        &self,
        user: UserId,
        now: Timestamp,
        seen_since: Timestamp,
    ) -> Result<Vec<Session>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id AS session_id, user_id, authentication, address, agent, created_at AS started_at, \
                 last_seen_at, expires_at FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_seen_at > $3 \
                 ORDER BY last_seen_at DESC, id",
            )
            .bind(user.to_string())
            .bind(now)
            .bind(seen_since)
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Notes that the session was used, from where.
    pub async fn touch_session(&self, id: SessionId, device: &Device, now: Timestamp) -> Result<(), Error> {
        self.write(
            "UPDATE sessions SET last_seen_at = $1, address = $2, agent = $3 WHERE id = $4 AND ended_at IS NULL",
        )
        .bind(now)
        .bind(&device.address)
        .bind(&device.agent)
        .bind(id.to_string())
        .run()
        .await?;
        Ok(())
    }
}

impl Change {
    pub async fn add_session(&mut self, session: &Session, token: &TokenHash) -> Result<(), Error> {
        self.sql(
            "INSERT INTO sessions (id, token_hash, user_id, authentication, address, agent, created_at, last_seen_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(session.id.to_string())
        .bind(token.as_str())
        .bind(session.user_id.to_string())
        .bind(to_json(&session.authentication)?)
        .bind(&session.device.address)
        .bind(&session.device.agent)
        .bind(session.created_at)
        .bind(session.last_seen_at)
        .bind(session.expires_at)
        .run()
        .await?;
        let told = json!({
            "user_id": session.user_id.to_string(),
            "session_id": session.id.to_string(),
            "acr": session.authentication.acr.as_str(),
            "amr": session.authentication.amr,
        });
        self.announce(WebhookEvent::SessionStarted, session.last_seen_at, told).await
    }

    /// A new log-in within a running session: a new token, the old one dead. `false` when the session has ended.
    pub async fn renew_session(&mut self, session: &Session, token: &TokenHash) -> Result<bool, Error> {
        let renewed = self
            .sql(
                "UPDATE sessions SET token_hash = $1, authentication = $2, last_seen_at = $3, expires_at = $4, \
                 address = $5, agent = $6 WHERE id = $7 AND ended_at IS NULL",
            )
            .bind(token.as_str())
            .bind(to_json(&session.authentication)?)
            .bind(session.last_seen_at)
            .bind(session.expires_at)
            .bind(&session.device.address)
            .bind(&session.device.agent)
            .bind(session.id.to_string())
            .run()
            .await?;
        Ok(renewed == 1)
    }

    /// Writes the session unchanged: a lock until the end of the transaction. `false` when it has ended meanwhile.
    pub async fn hold_session(&mut self, session: SessionId) -> Result<bool, Error> {
        let held = self
            .sql("UPDATE sessions SET ended_at = ended_at WHERE id = $1 AND ended_at IS NULL")
            .bind(session.to_string())
            .run()
            .await?;
        Ok(held == 1)
    }

    /// The running sessions of the person of `newest` that were used longest ago, beyond the `most` that may be; never
    /// `newest` itself.
    pub async fn sessions_beyond(
        &mut self,
        most: i64,
        newest: &Session,
        seen_since: Timestamp,
    ) -> Result<Vec<SessionId>, Error> {
        let beyond: Vec<(String,)> = self
            .sql(
                "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL AND expires_at > $3 \
                 AND last_seen_at > $4 ORDER BY last_seen_at DESC, created_at DESC, id DESC LIMIT 1000 OFFSET $5",
            )
            .bind(newest.user_id.to_string())
            .bind(newest.id.to_string())
            .bind(newest.last_seen_at)
            .bind(seen_since)
            .bind(most - 1)
            .all()
            .await?;
        beyond.into_iter().map(|(id,)| parsed(&id, "sessions.id")).collect()
    }

    /// Writes the sessions unchanged: a lock until the end of the transaction, so that no grant is made in them meanwhile.
    pub async fn hold_sessions(&mut self, which: &Running) -> Result<(), Error> {
        let text = "UPDATE sessions SET ended_at = ended_at \
                    WHERE user_id = $1 AND ended_at IS NULL AND ($2 = '' OR id = $2) AND id <> $3";
        self.sql(text).bind(which.user()).bind(which.only()).bind(which.but()).run().await?;
        Ok(())
    }

    /// Ends the sessions and answers how many there were.
    pub async fn end_sessions(&mut self, which: &Running, now: Timestamp) -> Result<usize, Error> {
        let text = "UPDATE sessions SET ended_at = $4 \
                    WHERE user_id = $1 AND ended_at IS NULL AND ($2 = '' OR id = $2) AND id <> $3 RETURNING id";
        let ended: Vec<(String,)> =
            self.sql(text).bind(which.user()).bind(which.only()).bind(which.but()).bind(now).all().await?;
        for (session,) in &ended {
            let told = json!({ "user_id": which.user(), "session_id": session });
            self.announce(WebhookEvent::SessionEnded, now, told).await?;
        }
        Ok(ended.len())
    }
}

/// Sessions of one person that have not ended: all, only one, or all but one.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    pub user: UserId,
    pub only: Option<SessionId>,
    pub but: Option<SessionId>,
}

impl Running {
    pub(super) fn user(&self) -> String {
        self.user.to_string()
    }

    /// Empty: no restriction. No id is empty.
    pub(super) fn only(&self) -> String {
        self.only.map(|id| id.to_string()).unwrap_or_default()
    }

    pub(super) fn but(&self) -> String {
        self.but.map(|id| id.to_string()).unwrap_or_default()
    }
}
