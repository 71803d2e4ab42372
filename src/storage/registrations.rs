//! Registrations that wait for their mailbox to be proven.

use super::Error;
use super::store::{Change, Store, parsed};
use crate::crypto::token::TokenHash;
use crate::domain::email::EmailAddress;
use crate::domain::time::Timestamp;

/// Every registration is stored alike; a decoy is one whose address has an account already, and never becomes another.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The hash of the ticket that the registering browser holds.
    pub id: TokenHash,
    pub email: EmailAddress,
    pub password_hash: String,
    pub terms_version: String,
    pub locale: String,
    pub link_hash: TokenHash,
    pub code_hash: TokenHash,
    pub decoy: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

record! {
    struct Row {
        id: String,
        email: String,
        password_hash: String,
        terms_version: String,
        locale: String,
        link_hash: String,
        code_hash: String,
        decoy: i64,
        created_at: i64,
        expires_at: i64,
    }
}

impl TryFrom<Row> for Registration {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            email: parsed(&row.email, "registrations.email")?,
            id: TokenHash::from_stored(row.id),
            password_hash: row.password_hash,
            terms_version: row.terms_version,
            locale: row.locale,
            link_hash: TokenHash::from_stored(row.link_hash),
            code_hash: TokenHash::from_stored(row.code_hash),
            decoy: row.decoy != 0,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
        })
    }
}

impl Store {
    pub async fn registration(&self, id: &TokenHash, now: Timestamp) -> Result<Option<Registration>, Error> {
        let found =
            self.read("SELECT * FROM registrations WHERE id = $1 AND expires_at > $2").bind(id.as_str()).bind(now);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    pub async fn registration_by_link(&self, link: &TokenHash, now: Timestamp) -> Result<Option<Registration>, Error> {
        let found = self
            .read("SELECT * FROM registrations WHERE link_hash = $1 AND expires_at > $2")
            .bind(link.as_str())
            .bind(now);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// Counts a guess of the code before it is looked at. `false` when none is left.
    pub async fn count_registration_try(&self, id: &TokenHash, most: i64) -> Result<bool, Error> {
        let counted = self
            .write("UPDATE registrations SET tries = tries + 1 WHERE id = $1 AND tries < $2")
            .bind(id.as_str())
            .bind(most)
            .run()
            .await?;
        Ok(counted == 1)
    }
}

impl Change {
    pub async fn add_registration(&mut self, made: &Registration) -> Result<(), Error> {
        self.sql(
            "INSERT INTO registrations (id, email, password_hash, terms_version, locale, link_hash, code_hash, \
             decoy, tries, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)",
        )
        .bind(made.id.as_str())
        .bind(made.email.as_str())
        .bind(&made.password_hash)
        .bind(&made.terms_version)
        .bind(&made.locale)
        .bind(made.link_hash.as_str())
        .bind(made.code_hash.as_str())
        .bind(i64::from(made.decoy))
        .bind(made.created_at)
        .bind(made.expires_at)
        .run()
        .await?;
        Ok(())
    }

    /// New link and code; the earlier ones are dead and the tries start again.
    pub async fn renew_registration(
        &mut self,
        id: &TokenHash,
        link: &TokenHash,
        code: &TokenHash,
    ) -> Result<(), Error> {
        self.sql("UPDATE registrations SET link_hash = $1, code_hash = $2, tries = 0 WHERE id = $3")
            .bind(link.as_str())
            .bind(code.as_str())
            .bind(id.as_str())
            .run()
            .await?;
        Ok(())
    }

    /// Takes the registration and every other one for the same address: who proved the mailbox decides. `false` when
    /// it was taken already.
    pub async fn consume_registration(&mut self, made: &Registration) -> Result<bool, Error> {
        let taken = self.sql("DELETE FROM registrations WHERE id = $1").bind(made.id.as_str()).run().await?;
        self.sql("DELETE FROM registrations WHERE email = $1").bind(made.email.as_str()).run().await?;
        Ok(taken == 1)
    }
}
