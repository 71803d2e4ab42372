//! Who may do what for the operator.

use std::collections::BTreeSet;

use super::Error;
use super::store::{Change, Store, parsed};
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::domain::time::Timestamp;

/// A role, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub user_id: UserId,
    pub email: EmailAddress,
    pub role: Role,
    pub since: Timestamp,
    /// Who gave it: `operator`, `person:<id>`, `setup`.
    pub granted_by: String,
}

record! {
    struct Row {
        user_id: String,
        email: String,
        role: String,
        granted_at: i64,
        granted_by: String,
    }
}

impl Store {
    pub async fn has_role(&self, user: UserId, role: Role) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read("SELECT granted_at FROM roles WHERE user_id = $1 AND role = $2")
            .bind(user.to_string())
            .bind(role.as_str())
            .optional()
            .await?;
        Ok(found.is_some())
    }

    /// One person's.
    pub async fn roles_of(&self, user: UserId) -> Result<BTreeSet<Role>, Error> {
        let rows: Vec<(String,)> =
            self.read("SELECT role FROM roles WHERE user_id = $1").bind(user.to_string()).all().await?;
        // A role of a newer version is nobody's here.
        Ok(rows.iter().filter_map(|(role,)| role.parse().ok()).collect())
    }

    /// Everybody's.
    pub async fn roles(&self) -> Result<Vec<Held>, Error> {
        let rows: Vec<Row> = self
            .read(
                // CROSS: SQLite begins with the few who have a role, and not with everybody.
                "SELECT r.user_id, u.email, r.role, r.granted_at, r.granted_by FROM roles r \
                 CROSS JOIN users u WHERE u.id = r.user_id ORDER BY u.email, r.role",
            )
            .all()
            .await?;
        // A role of a newer version is nobody's here.
        let known = rows.into_iter().filter_map(|row| Some((row.role.parse::<Role>().ok()?, row)));
        known
            .map(|(role, row)| {
                Ok(Held {
                    user_id: parsed(&row.user_id, "roles.user_id")?,
                    email: parsed(&row.email, "users.email")?,
                    role,
                    since: Timestamp::from_unix(row.granted_at),
                    granted_by: row.granted_by,
                })
            })
            .collect()
    }
}

impl Change {
    /// `false` when the person has it already.
    pub async fn grant_role(&mut self, user: UserId, role: Role, by: &str, now: Timestamp) -> Result<bool, Error> {
        let granted = self
            .sql(
                "INSERT INTO roles (user_id, role, granted_at, granted_by) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (user_id, role) DO NOTHING",
            )
            .bind(user.to_string())
            .bind(role.as_str())
            .bind(now)
            .bind(by)
            .run()
            .await?;
        Ok(granted == 1)
    }

    /// `false` when the person does not have it.
    pub async fn withdraw_role(&mut self, user: UserId, role: Role) -> Result<bool, Error> {
        let withdrawn = self
            .sql("DELETE FROM roles WHERE user_id = $1 AND role = $2")
            .bind(user.to_string())
            .bind(role.as_str())
            .run()
            .await?;
        Ok(withdrawn == 1)
    }

    /// As [`Store::has_role`], inside this change: who lost the role a moment ago decides nothing any more.
    pub async fn has_role(&mut self, user: UserId, role: Role) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .sql("SELECT granted_at FROM roles WHERE user_id = $1 AND role = $2")
            .bind(user.to_string())
            .bind(role.as_str())
            .optional()
            .await?;
        Ok(found.is_some())
    }
}
