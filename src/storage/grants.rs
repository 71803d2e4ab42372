//! Grants: the families of tokens. Reads answer the person and the session's state along with the grant, so that no
//! caller can forget to look.

use super::sessions::Running;
use super::statement::Bound;
use super::store::{Change, Store, from_json, parsed, stored_scope, to_json};
use super::users;
use super::{Columns, Error, Record};
use crate::domain::grant::{Grant, RefreshLine, Refreshable, RevocationReason, Revoked};
use crate::domain::ids::{ClientId, GrantId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// A grant with what decides whether it still counts.
#[derive(Clone, Debug)]
pub struct StoredGrant {
    pub grant: Grant,
    pub salt: Option<Vec<u8>>,
    pub session_ended: bool,
}

record! {
    struct Row {
        id: String = "grant_id",
        client_id: String,
        user_id: String,
        session_id: String,
        scope: String,
        authentication: String,
        claims: String,
        created_at: i64 = "granted_at",
        expires_at: i64,
        refresh_salt: Option<Vec<u8>>,
        refresh_line: Option<String>,
        refresh_idle_until: Option<i64>,
        revoked_at: Option<i64>,
        revoked_because: Option<String>,
        ended_at: Option<i64>,
    }
}

struct WithPerson {
    grant: Row,
    user: users::Row,
}

impl Record for WithPerson {
    fn from_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self { grant: Record::from_columns(columns)?, user: Record::from_columns(columns)? })
    }
}

impl TryFrom<Row> for StoredGrant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let refresh = match (&row.refresh_line, row.refresh_idle_until) {
            (Some(line), Some(until)) => Some(Refreshable {
                line: from_json(line, "grants.refresh_line")?,
                idle_until: Timestamp::from_unix(until),
            }),
            _ => None,
        };
        let reason = row.revoked_because.as_deref().and_then(RevocationReason::parse);
        let revoked = row
            .revoked_at
            .map(|at| Revoked { at: Timestamp::from_unix(at), because: reason.unwrap_or(RevocationReason::ByClient) });
        let grant = Grant {
            id: parsed(&row.id, "grants.id")?,
            client_id: parsed(&row.client_id, "grants.client_id")?,
            user_id: parsed(&row.user_id, "grants.user_id")?,
            session_id: parsed(&row.session_id, "grants.session_id")?,
            scope: stored_scope(&row.scope, "grants.scope")?,
            authentication: from_json(&row.authentication, "grants.authentication")?,
            claims: from_json(&row.claims, "grants.claims")?,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
            refresh,
            revoked,
        };
        Ok(Self { grant, salt: row.refresh_salt, session_ended: row.ended_at.is_some() })
    }
}

impl Store {
    pub async fn grant(&self, id: GrantId) -> Result<Option<StoredGrant>, Error> {
        let found = self
            .read(
                "SELECT g.id AS grant_id, g.client_id, g.user_id, g.session_id, g.scope, g.authentication, g.claims, \
                 g.created_at AS granted_at, g.expires_at, g.refresh_salt, g.refresh_line, g.refresh_idle_until, g.revoked_at, \
                 g.revoked_because, s.ended_at \
                 FROM grants g LEFT JOIN sessions s ON s.id = g.session_id WHERE g.id = $1",
            )
            .bind(id.to_string());
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// What a shown token hangs on, as it is at one moment: its grant, the person and, for an access token with this `jti`,
    /// that it was not revoked by itself. `None` when one of them is gone.
    pub async fn grant_with_person(
        &self,
        id: GrantId,
        jti: Option<&str>,
    ) -> Result<Option<(StoredGrant, User)>, Error> {
        let found = self
            .read(
                "SELECT g.id AS grant_id, g.client_id, g.user_id, g.session_id, g.scope, g.authentication, g.claims, \
                 g.created_at AS granted_at, g.expires_at, g.refresh_salt, g.refresh_line, g.refresh_idle_until, \
                 g.revoked_at, g.revoked_because, s.ended_at, u.* \
                 FROM grants g JOIN users u ON u.id = g.user_id LEFT JOIN sessions s ON s.id = g.session_id \
                 WHERE g.id = $1 AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = $2)",
            )
            .bind(id.to_string())
            .bind(jti.unwrap_or_default());
        let Some(row) = found.optional::<WithPerson>().await? else { return Ok(None) };
        Ok(Some((row.grant.try_into()?, self.user_of(row.user)?.user)))
    }

    /// Stores a new grant if, at this very moment, the person may have one, the session still runs and consent, where
    /// it is needed, was not withdrawn. `false` when not, or when a replay of the code was quicker.
    ///
    /// Whoever ends the session or withdraws the consent at the same time comes before, and is seen here, or after, and
    /// finds the grant to revoke: never between the two.
    pub async fn add_grant(&self, grant: &Grant, salt: Option<&[u8]>, by_consent: bool) -> Result<bool, Error> {
        let added = self
            .write(
                "INSERT INTO grants (id, client_id, user_id, session_id, scope, authentication, claims, created_at, \
                 expires_at, refresh_salt, refresh_line, refresh_idle_until) \
                 SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 \
                 WHERE EXISTS (SELECT 1 FROM users WHERE id = $3 AND locked_at IS NULL) \
                 AND EXISTS (SELECT 1 FROM sessions WHERE id = $4 AND ended_at IS NULL) \
                 AND ($13 = 0 OR EXISTS (SELECT 1 FROM consents WHERE user_id = $3 AND client_id = $2)) \
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(grant.id.to_string())
            .bind(grant.client_id.as_str())
            .bind(grant.user_id.to_string())
            .bind(grant.session_id.to_string())
            .bind(grant.scope.to_string())
            .bind(to_json(&grant.authentication)?)
            .bind(to_json(&grant.claims)?)
            .bind(grant.created_at)
            .bind(grant.expires_at)
            .bind(salt.map(<[u8]>::to_vec))
            .bind(grant.refresh.as_ref().map(|refresh| to_json(&refresh.line)).transpose()?)
            .bind(grant.refresh.as_ref().map(|refresh| refresh.idle_until))
            .bind(i64::from(by_consent))
            .after(keep_session_from_ending(grant));
        let added = match by_consent {
            true => added.after(keep_consent_from_ending(grant)).run().await?,
            false => added.run().await?,
        };
        Ok(added == 1)
    }

    /// Revokes the family of a replayed code, whether its first redemption has been stored yet or not: a redemption
    /// that comes later finds the row and gives up.
    pub async fn revoke_replayed(&self, grant: &Grant, now: Timestamp) -> Result<(), Error> {
        self.write(
            "INSERT INTO grants (id, client_id, user_id, session_id, scope, authentication, claims, created_at, \
             expires_at, revoked_at, revoked_because) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (id) DO UPDATE SET revoked_at = COALESCE(grants.revoked_at, excluded.revoked_at), \
             revoked_because = COALESCE(grants.revoked_because, excluded.revoked_because)",
        )
        .bind(grant.id.to_string())
        .bind(grant.client_id.as_str())
        .bind(grant.user_id.to_string())
        .bind(grant.session_id.to_string())
        .bind(grant.scope.to_string())
        .bind(to_json(&grant.authentication)?)
        .bind(to_json(&grant.claims)?)
        .bind(grant.created_at)
        .bind(grant.expires_at)
        .bind(now)
        .bind(RevocationReason::CodeReplayed.as_str())
        .run()
        .await?;
        Ok(())
    }

    /// Moves the line of refresh tokens on, if it still stands where it was read, and the person and session still allow
    /// it. `false` when something has changed meanwhile.
    pub async fn move_refresh_line(&self, grant: &Grant, from: &RefreshLine, step: Step<'_>) -> Result<bool, Error> {
        let moved = self
            .write(
                "UPDATE grants SET refresh_line = $1, refresh_idle_until = $2 \
                 WHERE id = $3 AND revoked_at IS NULL AND expires_at > $4 AND refresh_idle_until > $4 \
                 AND refresh_line = $5 \
                 AND EXISTS (SELECT 1 FROM users WHERE id = $6 AND locked_at IS NULL) \
                 AND ($7 = 1 OR EXISTS (SELECT 1 FROM sessions WHERE id = $8 AND ended_at IS NULL))",
            )
            .bind(to_json(step.to)?)
            .bind(step.idle_until)
            .bind(grant.id.to_string())
            .bind(step.now)
            .bind(to_json(from)?)
            .bind(grant.user_id.to_string())
            .bind(i64::from(step.outlives_session))
            .bind(grant.session_id.to_string())
            .run()
            .await?;
        Ok(moved == 1)
    }

    pub async fn revoke_grant(&self, id: GrantId, because: RevocationReason, now: Timestamp) -> Result<(), Error> {
        self.write("UPDATE grants SET revoked_at = $1, revoked_because = $2 WHERE id = $3 AND revoked_at IS NULL")
            .bind(now)
            .bind(because.as_str())
            .bind(id.to_string())
            .run()
            .await?;
        Ok(())
    }
}

/// Where a line of refresh tokens goes.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    pub to: &'a RefreshLine,
    pub idle_until: Timestamp,
    /// Whether the grant counts on when its session has ended.
    pub outlives_session: bool,
    pub now: Timestamp,
}

/// Which grants of a person a revocation reaches.
#[derive(Clone, Debug)]
pub enum Reach {
    Everything,
    Client(ClientId),
}

/// Writes a row that a grant hangs on, unchanged: a lock until the end of the transaction, in every database alike.
fn keep_session_from_ending(grant: &Grant) -> Bound {
    Bound::new("UPDATE sessions SET last_seen_at = last_seen_at WHERE id = $1 AND ended_at IS NULL")
        .bind(grant.session_id.to_string())
}

fn keep_consent_from_ending(grant: &Grant) -> Bound {
    Bound::new("UPDATE consents SET updated_at = updated_at WHERE user_id = $1 AND client_id = $2")
        .bind(grant.user_id.to_string())
        .bind(grant.client_id.as_str())
}

impl Change {
    /// Revokes the grants given in the sessions, but for those of the clients whose offline access outlives them.
    pub async fn revoke_grants_in(
        &mut self,
        which: &Running,
        keeping: &[&ClientId],
        because: RevocationReason,
        now: Timestamp,
    ) -> Result<(), Error> {
        // No client id has a space in it.
        let keeping: String = keeping.iter().map(|id| format!(" {} ", id.as_str())).collect();
        self.sql(
            "UPDATE grants SET revoked_at = $4, revoked_because = $5 \
             WHERE user_id = $1 AND revoked_at IS NULL AND REPLACE($6, ' ' || client_id || ' ', '') = $6 \
             AND session_id IN (SELECT id FROM sessions \
             WHERE user_id = $1 AND ended_at IS NULL AND ($2 = '' OR id = $2) AND id <> $3)",
        )
        .bind(which.user())
        .bind(which.only())
        .bind(which.but())
        .bind(now)
        .bind(because.as_str())
        .bind(keeping)
        .run()
        .await?;
        Ok(())
    }

    pub async fn revoke_grants(
        &mut self,
        user: UserId,
        reach: &Reach,
        because: RevocationReason,
        now: Timestamp,
    ) -> Result<(), Error> {
        let client = match reach {
            Reach::Everything => "",
            Reach::Client(client) => client.as_str(),
        };
        self.sql(
            "UPDATE grants SET revoked_at = $1, revoked_because = $2 \
             WHERE user_id = $3 AND revoked_at IS NULL AND ($4 = '' OR client_id = $4)",
        )
        .bind(now)
        .bind(because.as_str())
        .bind(user.to_string())
        .bind(client)
        .run()
        .await?;
        Ok(())
    }

    pub async fn revoke_grants_of_client(&mut self, client: &ClientId, now: Timestamp) -> Result<(), Error> {
        self.sql("UPDATE grants SET revoked_at = $1, revoked_because = $2 WHERE client_id = $3 AND revoked_at IS NULL")
            .bind(now)
            .bind(RevocationReason::ClientRemoved.as_str())
            .bind(client.as_str())
            .run()
            .await?;
        Ok(())
    }

    /// Removes everything that names a deleted person.
    pub async fn remove_grants(&mut self, user: UserId) -> Result<(), Error> {
        self.sql("DELETE FROM grants WHERE user_id = $1").bind(user.to_string()).run().await?;
        Ok(())
    }
}
