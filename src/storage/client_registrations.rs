//! Clients that registered themselves (RFC 7591, RFC 7592), and the invitations to do so.

use super::Error;
use super::store::{Change, Store, parsed};
use crate::crypto::token::TokenHash;
use crate::domain::ids::ClientId;
use crate::domain::time::Timestamp;

/// An initial access token (RFC 7591 section 3).
#[derive(Clone, Debug)]
pub struct Invitation {
    /// A UUID.
    pub id: String,
    pub hash: TokenHash,
    /// Whom it was made for, in the operator's words.
    pub note: String,
    pub uses_left: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What belongs to a client that registered itself.
#[derive(Clone, Debug)]
pub struct ClientRegistration {
    pub client_id: ClientId,
    /// Of the registration access token.
    pub token_hash: TokenHash,
    pub invitation_id: Option<String>,
    pub issued_at: Timestamp,
    /// When the operator changed the client, the last time.
    pub edited_at: Option<Timestamp>,
}

record! {
    struct InvitationRow {
        id: String,
        hash: String,
        note: String,
        uses_left: i64,
        created_at: i64,
        expires_at: i64,
    }
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            id: row.id,
            hash: TokenHash::from_stored(row.hash),
            note: row.note,
            uses_left: row.uses_left,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        }
    }
}

impl Store {
    /// An invitation that can still be used.
    pub async fn invitation(&self, hash: &TokenHash, now: Timestamp) -> Result<Option<Invitation>, Error> {
        let found: Option<InvitationRow> = self
            .read(
                "SELECT id, hash, note, uses_left, created_at, expires_at FROM client_invitations \
                 WHERE hash = $1 AND uses_left > 0 AND expires_at > $2",
            )
            .bind(hash.as_str())
            .bind(now)
            .optional()
            .await?;
        Ok(found.map(Invitation::from))
    }

    /// All of them, also those that are used up or over, until they are cleaned away.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, Error> {
        let rows: Vec<InvitationRow> = self
            .read(
                "SELECT id, hash, note, uses_left, created_at, expires_at FROM client_invitations \
                 ORDER BY created_at, id",
            )
            .all()
            .await?;
        Ok(rows.into_iter().map(Invitation::from).collect())
    }

    pub async fn client_registration(&self, client: &ClientId) -> Result<Option<ClientRegistration>, Error> {
        let found: Option<(String, Option<String>, i64, Option<i64>)> = self
            .read(
                "SELECT token_hash, invitation_id, issued_at, edited_at FROM client_registrations WHERE client_id = $1",
            )
            .bind(client.as_str())
            .optional()
            .await?;
        Ok(found.map(|(token_hash, invitation_id, issued_at, edited_at)| ClientRegistration {
            client_id: client.clone(),
            token_hash: TokenHash::from_stored(token_hash),
            invitation_id,
            issued_at: Timestamp::from_unix(issued_at),
            edited_at: edited_at.map(Timestamp::from_unix),
        }))
    }

    pub async fn count_client_registrations(&self) -> Result<i64, Error> {
        let (count,): (i64,) = self.read("SELECT COUNT(*) FROM client_registrations").long().one().await?;
        Ok(count)
    }

    /// Puts off the end of those that somebody uses: who hold a grant, or a consent under which they will.
    pub async fn touch_used_clients(&self, before: Timestamp, now: Timestamp) -> Result<(), Error> {
        self.write(
            "UPDATE client_registrations SET touched_at = $1 WHERE touched_at < $2 \
             AND (EXISTS (SELECT 1 FROM grants g WHERE g.client_id = client_registrations.client_id) \
             OR EXISTS (SELECT 1 FROM consents c WHERE c.client_id = client_registrations.client_id))",
        )
        .bind(now)
        .bind(before)
        .run()
        .await?;
        Ok(())
    }

    /// At most `most` of those that were last touched before `before`, that nobody uses and that the operator left alone.
    pub async fn unused_clients(&self, before: Timestamp, most: i64) -> Result<Vec<ClientId>, Error> {
        let rows: Vec<(String,)> = self
            .read(
                "SELECT r.client_id FROM client_registrations r WHERE r.touched_at < $1 AND r.edited_at IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = r.client_id) \
                 AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.client_id = r.client_id) \
                 ORDER BY r.touched_at LIMIT $2",
            )
            .bind(before)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(|(id,)| parsed(&id, "client_registrations.client_id")).collect()
    }
}

impl Change {
    pub async fn add_invitation(&mut self, invitation: &Invitation) -> Result<(), Error> {
        self.sql(
            "INSERT INTO client_invitations (id, hash, note, uses_left, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(invitation.id.as_str())
        .bind(invitation.hash.as_str())
        .bind(invitation.note.as_str())
        .bind(invitation.uses_left)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .run()
        .await?;
        Ok(())
    }

    /// One use of it; `false` when there is none left.
    pub async fn use_invitation(&mut self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let used = self
            .sql(
                "UPDATE client_invitations SET uses_left = uses_left - 1 \
                 WHERE id = $1 AND uses_left > 0 AND expires_at > $2",
            )
            .bind(id)
            .bind(now)
            .run()
            .await?;
        Ok(used == 1)
    }

    pub async fn remove_invitation(&mut self, id: &str) -> Result<bool, Error> {
        Ok(self.sql("DELETE FROM client_invitations WHERE id = $1").bind(id).run().await? == 1)
    }

    pub async fn add_client_registration(&mut self, registration: &ClientRegistration) -> Result<(), Error> {
        self.sql(
            "INSERT INTO client_registrations (client_id, token_hash, invitation_id, issued_at, touched_at) \
             VALUES ($1, $2, $3, $4, $4)",
        )
        .bind(registration.client_id.as_str())
        .bind(registration.token_hash.as_str())
        .bind(registration.invitation_id.clone())
        .bind(registration.issued_at)
        .run()
        .await?;
        Ok(())
    }

    /// A new registration access token in the place of `old`; `false` when that is not the one in force any more.
    pub async fn rotate_registration_token(
        &mut self,
        client: &ClientId,
        (old, new): (&TokenHash, &TokenHash),
        now: Timestamp,
    ) -> Result<bool, Error> {
        let rotated = self
            .sql(
                "UPDATE client_registrations SET token_hash = $1, touched_at = $2 \
                 WHERE client_id = $3 AND token_hash = $4",
            )
            .bind(new.as_str())
            .bind(now)
            .bind(client.as_str())
            .bind(old.as_str())
            .run()
            .await?;
        Ok(rotated == 1)
    }

    /// The operator changed the client. Nothing happens to clients that did not register themselves.
    pub async fn note_edited_by_operator(&mut self, client: &ClientId, now: Timestamp) -> Result<(), Error> {
        self.sql("UPDATE client_registrations SET edited_at = $1, touched_at = $1 WHERE client_id = $2")
            .bind(now)
            .bind(client.as_str())
            .run()
            .await?;
        Ok(())
    }

    /// Takes the right to change the client; `false` when the token is not the one in force any more.
    pub async fn end_registration(&mut self, client: &ClientId, token: &TokenHash) -> Result<bool, Error> {
        let ended = self
            .sql("DELETE FROM client_registrations WHERE client_id = $1 AND token_hash = $2")
            .bind(client.as_str())
            .bind(token.as_str())
            .run()
            .await?;
        Ok(ended == 1)
    }

    /// Removes a client that is unused still.
    pub async fn remove_unused_client(&mut self, client: &ClientId, before: Timestamp) -> Result<bool, Error> {
        let removed = self
            .sql(
                "DELETE FROM clients WHERE id IN (SELECT r.client_id FROM client_registrations r \
                 WHERE r.client_id = $1 AND r.touched_at < $2 AND r.edited_at IS NULL \
                 AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = r.client_id) \
                 AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.client_id = r.client_id))",
            )
            .bind(client.as_str())
            .bind(before)
            .run()
            .await?;
        Ok(removed == 1)
    }
}
