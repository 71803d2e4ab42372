//! The link by which the first owner comes in.

use super::Error;
use super::store::{Change, Store};
use crate::crypto::token::TokenHash;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

impl Store {
    pub async fn has_owner(&self) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read("SELECT granted_at FROM roles WHERE role = $1 LIMIT 1")
            .bind(Role::Owner.as_str())
            .optional()
            .await?;
        Ok(found.is_some())
    }

    pub async fn is_empty(&self) -> Result<bool, Error> {
        let found: Option<(String,)> = self.read("SELECT id FROM users LIMIT 1").optional().await?;
        Ok(found.is_none())
    }

    pub async fn setup_is_open(&self, link: &TokenHash, now: Timestamp) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read("SELECT created_at FROM setup_links WHERE hash = $1 AND expires_at > $2")
            .bind(link.as_str())
            .bind(now)
            .optional()
            .await?;
        Ok(found.is_some())
    }
}

impl Change {
    pub async fn add_setup_link(
        &mut self,
        link: &TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        self.sql("DELETE FROM setup_links WHERE expires_at <= $1").bind(now).run().await?;
        self.sql("INSERT INTO setup_links (hash, created_at, expires_at) VALUES ($1, $2, $3)")
            .bind(link.as_str())
            .bind(now)
            .bind(expires_at)
            .run()
            .await?;
        Ok(())
    }

    /// Uses up every link, if this one still counts. The row of the audit log's end is held first, so that of two links only one leads in.
    pub async fn use_setup_links(&mut self, link: &TokenHash, now: Timestamp) -> Result<bool, Error> {
        self.sql("UPDATE audit_head SET seq = seq WHERE id = 1").run().await?;
        let used = self
            .sql("DELETE FROM setup_links WHERE hash = $1 AND expires_at > $2")
            .bind(link.as_str())
            .bind(now)
            .run()
            .await?;
        self.sql("DELETE FROM setup_links").run().await?;
        let owner: Option<(i64,)> = self
            .sql("SELECT granted_at FROM roles WHERE role = $1 LIMIT 1")
            .bind(Role::Owner.as_str())
            .optional()
            .await?;
        Ok(used == 1 && owner.is_none())
    }

    /// Links that were printed before somebody became the owner otherwise lead nowhere, also when that owner goes.
    pub async fn void_setup_links(&mut self) -> Result<(), Error> {
        self.sql("DELETE FROM setup_links").run().await?;
        Ok(())
    }

    /// Whether there are owners beside `user` whose accounts can be used, while nobody else changes roles: the row of the audit log's end
    /// is held.
    pub async fn has_other_owners(&mut self, user: UserId) -> Result<bool, Error> {
        self.sql("UPDATE audit_head SET seq = seq WHERE id = 1").run().await?;
        let (count,): (i64,) = self
            .sql(
                "SELECT COUNT(*) FROM roles r JOIN users u ON u.id = r.user_id \
                 WHERE r.role = $1 AND r.user_id <> $2 AND u.locked_at IS NULL AND u.frozen_at IS NULL",
            )
            .bind(Role::Owner.as_str())
            .bind(user.to_string())
            .one()
            .await?;
        Ok(count > 0)
    }
}
