//! Who holds grants of whom: what clients were given of a person, and which of them lose something when sessions or the person's standing
//! end.

use std::collections::HashMap;

use super::Error;
use super::sessions::Running;
use super::store::{Change, Store, from_json, parsed, stored_scope};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, SessionId, UserId};
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;

/// Grants of one scope that a client has of a person.
#[derive(Clone, Debug)]
pub struct Holding {
    pub client_id: ClientId,
    pub scope: Scope,
    /// When the earliest and the latest of them were given.
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Store {
    /// What each client was given of the person and may still hold, one entry a client and scope.
    pub async fn holdings(&self, user: UserId, now: Timestamp) -> Result<Vec<Holding>, Error> {
        let rows: Vec<(String, String, i64, i64)> = self
            .read(
                "SELECT client_id, scope, MIN(created_at), MAX(created_at) FROM grants WHERE user_id = $1 \
                 AND revoked_at IS NULL AND expires_at > $2 GROUP BY client_id, scope ORDER BY client_id, scope",
            )
            .bind(user.to_string())
            .bind(now)
            .all()
            .await?;
        rows.into_iter()
            .map(|(client, scope, first, last)| {
                Ok(Holding {
                    client_id: parsed(&client, "grants.client_id")?,
                    scope: stored_scope(&scope, "grants.scope")?,
                    first: Timestamp::from_unix(first),
                    last: Timestamp::from_unix(last),
                })
            })
            .collect()
    }
}

impl Change {
    /// The clients that were ever given tokens of the sessions: those to tell when they end.
    pub async fn parties(&mut self, which: &Running) -> Result<Vec<(SessionId, ClientId)>, Error> {
        let rows: Vec<(String, String)> = self
            .sql(
                "SELECT DISTINCT session_id, client_id FROM grants WHERE user_id = $1 AND session_id IN \
                 (SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND ($2 = '' OR id = $2) AND id <> $3) \
                 ORDER BY session_id, client_id",
            )
            .bind(which.user())
            .bind(which.only())
            .bind(which.but())
            .all()
            .await?;
        rows.into_iter()
            .map(|(session, client)| Ok((parsed(&session, "grants.session_id")?, parsed(&client, "grants.client_id")?)))
            .collect()
    }

    /// What was given and not taken back, in running sessions or beyond them: who loses something when the person does.
    pub async fn scopes_held(
        &mut self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<(SessionId, ClientId, Scope)>, Error> {
        let rows: Vec<(String, String, String)> = self
            .sql(
                "SELECT DISTINCT session_id, client_id, scope FROM grants WHERE user_id = $1 AND revoked_at IS NULL \
                 AND (expires_at > $2 OR session_id IN \
                 (SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL)) ORDER BY session_id, client_id",
            )
            .bind(user.to_string())
            .bind(now)
            .all()
            .await?;
        rows.into_iter()
            .map(|(session, client, scope)| {
                Ok((
                    parsed(&session, "grants.session_id")?,
                    parsed(&client, "grants.client_id")?,
                    stored_scope(&scope, "grants.scope")?,
                ))
            })
            .collect()
    }

    /// The registrations of the clients that hold them, as far as there still are any.
    pub async fn clients_holding(&mut self, user: UserId) -> Result<HashMap<ClientId, Client>, Error> {
        let rows: Vec<(String,)> = self
            .sql(
                "SELECT settings FROM clients WHERE id IN \
                 (SELECT client_id FROM grants WHERE user_id = $1 AND revoked_at IS NULL)",
            )
            .bind(user.to_string())
            .all()
            .await?;
        by_id(rows)
    }

    /// The registrations of these clients, as far as there still are any.
    pub async fn clients_in(&mut self, which: &Running) -> Result<HashMap<ClientId, Client>, Error> {
        let rows: Vec<(String,)> = self
            .sql(
                "SELECT settings FROM clients WHERE id IN \
                 (SELECT client_id FROM grants WHERE user_id = $1 AND session_id IN \
                 (SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND ($2 = '' OR id = $2) AND id <> $3))",
            )
            .bind(which.user())
            .bind(which.only())
            .bind(which.but())
            .all()
            .await?;
        by_id(rows)
    }

    /// The running sessions of the person in which the client was given tokens.
    pub async fn sessions_with(&mut self, user: UserId, client: &ClientId) -> Result<Vec<SessionId>, Error> {
        let rows: Vec<(String,)> = self
            .sql(
                "SELECT DISTINCT g.session_id FROM grants g JOIN sessions s ON s.id = g.session_id \
                 WHERE g.user_id = $1 AND g.client_id = $2 AND s.ended_at IS NULL ORDER BY g.session_id",
            )
            .bind(user.to_string())
            .bind(client.as_str())
            .all()
            .await?;
        rows.into_iter().map(|(session,)| parsed(&session, "grants.session_id")).collect()
    }
}

fn by_id(registrations: Vec<(String,)>) -> Result<HashMap<ClientId, Client>, Error> {
    registrations
        .into_iter()
        .map(|(settings,)| {
            let client: Client = from_json(&settings, "clients.settings")?;
            Ok((client.id.clone(), client))
        })
        .collect()
}
