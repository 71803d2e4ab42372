//! Accounts, their terms and their known devices.

use super::kyc::standing_of;
use super::store::{Change, Store, parsed};
use super::{Error, Statement};
use crate::crypto::seal::Place;
use crate::crypto::token::TokenHash;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::phrase::Phrase;
use crate::domain::profile::Profile;
use crate::domain::protection::{Protection, SettingsLock};
use crate::domain::time::{Seconds, Timestamp};
use crate::domain::user::{Condition, User};

record! {
    pub(super) struct Row {
        id: String,
        email: String,
        email_verified_at: Option<i64>,
        password_hash: String,
        password_changed_at: i64,
        profile: Vec<u8>,
        locale: String,
        locked_at: Option<i64>,
        locked_because: Option<String>,
        frozen_at: Option<i64>,
        hold_until: Option<i64>,
        phrase: Option<Vec<u8>>,
        approves_since: Option<i64>,
        settings_lock_delay: Option<i64>,
        settings_unlock_at: Option<i64>,
        kyc: Option<String>,
        created_at: i64,
        updated_at: i64,
    }
}

/// A person together with the hash of their password (PHC string), which stays inside the log-in.
pub struct UserWithPassword {
    pub user: User,
    pub password_hash: String,
}

fn profile_of(id: &str) -> Place<'_> {
    Place { table: "users", column: "profile", row: id }
}

fn phrase_of(id: &str) -> Place<'_> {
    Place { table: "users", column: "phrase", row: id }
}

impl Store {
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        let found = self.read("SELECT * FROM users WHERE id = $1").bind(id.to_string());
        Ok(self.read_user(found).await?.map(|found| found.user))
    }

    pub async fn user_with_password(&self, id: UserId) -> Result<Option<UserWithPassword>, Error> {
        self.read_user(self.read("SELECT * FROM users WHERE id = $1").bind(id.to_string())).await
    }

    pub async fn user_by_email(&self, email: &EmailAddress) -> Result<Option<UserWithPassword>, Error> {
        self.read_user(self.read("SELECT * FROM users WHERE email = $1").bind(email.as_str())).await
    }

    async fn read_user(&self, found: Statement<'_>) -> Result<Option<UserWithPassword>, Error> {
        found.optional::<Row>().await?.map(|row| self.user_of(row)).transpose()
    }

    pub(super) fn user_of(&self, row: Row) -> Result<UserWithPassword, Error> {
        let profile: Profile = self.open(profile_of(&row.id), &row.profile)?;
        let phrase = row.phrase.map(|sealed| self.open::<String>(phrase_of(&row.id), &sealed)).transpose()?;
        let settings = match (row.settings_lock_delay.map(Seconds), row.settings_unlock_at.map(Timestamp::from_unix)) {
            (None, _) => SettingsLock::Open,
            (Some(delay), None) => SettingsLock::Locked { delay },
            (Some(delay), Some(until)) => SettingsLock::Waiting { delay, until },
        };
        let condition = match (row.locked_at, row.frozen_at) {
            (Some(at), _) => {
                Condition::Locked { since: Timestamp::from_unix(at), because: row.locked_because.unwrap_or_default() }
            }
            (None, Some(at)) => Condition::Frozen { since: Timestamp::from_unix(at) },
            (None, None) => Condition::Active,
        };
        let user = User {
            id: parsed(&row.id, "users.id")?,
            email: parsed(&row.email, "users.email")?,
            email_verified_at: row.email_verified_at.map(Timestamp::from_unix),
            profile,
            locale: row.locale,
            condition,
            created_at: Timestamp::from_unix(row.created_at),
            updated_at: Timestamp::from_unix(row.updated_at),
            password_changed_at: Timestamp::from_unix(row.password_changed_at),
            hold_until: row.hold_until.map(Timestamp::from_unix),
            protection: Protection {
                phrase: phrase.map(Phrase::from_stored),
                settings,
                approves_log_ins: row.approves_since.is_some(),
            },
            kyc: standing_of(row.kyc.as_deref())?,
        };
        Ok(UserWithPassword { user, password_hash: row.password_hash })
    }

    pub async fn is_known_device(&self, id: UserId, device: &TokenHash, seen_since: Timestamp) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read(
                "SELECT last_seen_at FROM known_devices WHERE user_id = $1 AND device_hash = $2 AND last_seen_at > $3",
            )
            .bind(id.to_string())
            .bind(device.as_str())
            .bind(seen_since)
            .optional()
            .await?;
        Ok(found.is_some())
    }

    /// Whether the account of this address knows the device. Both are taken as they come, also when they are nobody's.
    pub async fn knows_device(&self, email: &str, device: &str, seen_since: Timestamp) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read(
                "SELECT d.last_seen_at FROM known_devices d JOIN users u ON u.id = d.user_id \
                 WHERE u.email = $1 AND d.device_hash = $2 AND d.last_seen_at > $3",
            )
            .bind(email)
            .bind(device)
            .bind(seen_since)
            .optional()
            .await?;
        Ok(found.is_some())
    }

    /// Whether anybody ever logged in: devices that are forgotten, or not seen for long, count.
    pub async fn has_had_devices(&self, id: UserId) -> Result<bool, Error> {
        let (known,): (i64,) =
            self.read("SELECT COUNT(*) FROM known_devices WHERE user_id = $1").bind(id.to_string()).one().await?;
        Ok(known > 0)
    }

    pub async fn has_accepted_terms(&self, id: UserId, version: &str) -> Result<bool, Error> {
        let found: Option<(i64,)> = self
            .read("SELECT accepted_at FROM terms_acceptances WHERE user_id = $1 AND version = $2")
            .bind(id.to_string())
            .bind(version)
            .optional()
            .await?;
        Ok(found.is_some())
    }

    pub async fn accepted_terms(&self, id: UserId) -> Result<Vec<(String, Timestamp)>, Error> {
        let rows: Vec<(String, i64)> = self
            .read("SELECT version, accepted_at FROM terms_acceptances WHERE user_id = $1 ORDER BY accepted_at")
            .bind(id.to_string())
            .all()
            .await?;
        Ok(rows.into_iter().map(|(version, at)| (version, Timestamp::from_unix(at))).collect())
    }
}

impl Change {
    /// [`Error::Conflict`] when the address belongs to an account already.
    pub async fn add_user(&mut self, user: &User, password_hash: &str) -> Result<(), Error> {
        if self.add_user_unless_taken(user, password_hash).await? { Ok(()) } else { Err(Error::Conflict) }
    }

    /// `false`, and the change may go on, when the address belongs to an account already.
    pub async fn add_user_unless_taken(&mut self, user: &User, password_hash: &str) -> Result<bool, Error> {
        let id = user.id.to_string();
        let profile = self.seal(profile_of(&id), &user.profile)?;
        let added = self
            .sql(
                "INSERT INTO users (id, email, email_verified_at, password_hash, password_changed_at, profile, locale, \
                 created_at, updated_at, email_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (email) DO NOTHING",
            )
            .bind(&id)
            .bind(user.email.as_str())
            .bind(user.email_verified_at)
            .bind(password_hash)
            .bind(user.password_changed_at)
            .bind(profile)
            .bind(&user.locale)
            .bind(user.created_at)
            .bind(user.updated_at)
            .bind(user.email.as_str().as_bytes().to_vec())
            .run()
            .await?;
        Ok(added == 1)
    }

    /// Holds the person's row until the change ends, if the password is still the one that was verified and nobody locked
    /// or froze the account; `false` when not. The first statement of whatever a password was asked for: hashing takes long enough
    /// for a reset to come in between, and who takes the row second sees what the first one did.
    pub async fn hold_password(&mut self, id: UserId, verified_hash: &str) -> Result<bool, Error> {
        let held = self
            .sql(
                "UPDATE users SET updated_at = updated_at \
                 WHERE id = $1 AND password_hash = $2 AND locked_at IS NULL AND frozen_at IS NULL",
            )
            .bind(id.to_string())
            .bind(verified_hash)
            .run()
            .await?;
        Ok(held == 1)
    }

    /// As [`Change::hold_password`], for what no password was asked for.
    pub async fn hold_active(&mut self, id: UserId) -> Result<bool, Error> {
        let held = self
            .sql("UPDATE users SET updated_at = updated_at WHERE id = $1 AND locked_at IS NULL AND frozen_at IS NULL")
            .bind(id.to_string())
            .run()
            .await?;
        Ok(held == 1)
    }

    /// As [`Change::hold_password`], also of an account that its person froze: only an operator's lock is in the way.
    pub async fn hold_password_unlocked(&mut self, id: UserId, verified_hash: &str) -> Result<bool, Error> {
        let held = self
            .sql("UPDATE users SET updated_at = updated_at WHERE id = $1 AND password_hash = $2 AND locked_at IS NULL")
            .bind(id.to_string())
            .bind(verified_hash)
            .run()
            .await?;
        Ok(held == 1)
    }

    /// As [`Change::hold_active`], also of an account that its person froze.
    pub async fn hold_unlocked(&mut self, id: UserId) -> Result<bool, Error> {
        let held = self
            .sql("UPDATE users SET updated_at = updated_at WHERE id = $1 AND locked_at IS NULL")
            .bind(id.to_string())
            .run()
            .await?;
        Ok(held == 1)
    }

    /// Holds the person's row, whatever became of the account. Who takes it first and everything else after it waits for
    /// another change, and never for one that waits for it.
    pub async fn hold_account(&mut self, id: UserId) -> Result<bool, Error> {
        let held =
            self.sql("UPDATE users SET updated_at = updated_at WHERE id = $1").bind(id.to_string()).run().await?;
        Ok(held == 1)
    }

    pub async fn set_password(&mut self, id: UserId, password_hash: &str, now: Timestamp) -> Result<(), Error> {
        self.sql("UPDATE users SET password_hash = $1, password_changed_at = $2 WHERE id = $3")
            .bind(password_hash)
            .bind(now)
            .bind(id.to_string())
            .run()
            .await?;
        Ok(())
    }

    /// [`Error::Conflict`] when the address belongs to another account.
    pub async fn set_email(&mut self, id: UserId, email: &EmailAddress, now: Timestamp) -> Result<(), Error> {
        self.sql("UPDATE users SET email = $1, email_verified_at = $2, updated_at = $2, email_key = $4 WHERE id = $3")
            .bind(email.as_str())
            .bind(now)
            .bind(id.to_string())
            .bind(email.as_str().as_bytes().to_vec())
            .run()
            .await?;
        Ok(())
    }

    pub async fn set_profile(&mut self, user: &User, now: Timestamp) -> Result<(), Error> {
        let id = user.id.to_string();
        let profile = self.seal(profile_of(&id), &user.profile)?;
        self.sql("UPDATE users SET profile = $1, locale = $2, updated_at = $3 WHERE id = $4")
            .bind(profile)
            .bind(&user.locale)
            .bind(now)
            .bind(&id)
            .run()
            .await?;
        Ok(())
    }

    /// Locks, or lifts the lock. What the person froze stays frozen. `false` when it stood so already: of two at once, one gets `true`.
    pub async fn set_condition(&mut self, id: UserId, condition: &Condition) -> Result<bool, Error> {
        let (at, because) = match condition {
            Condition::Active | Condition::Frozen { .. } => (None, None),
            Condition::Locked { since, because } => (Some(*since), Some(because.clone())),
        };
        let text = match at {
            Some(_) => "UPDATE users SET locked_at = $1, locked_because = $2 WHERE id = $3 AND locked_at IS NULL",
            None => "UPDATE users SET locked_at = $1, locked_because = $2 WHERE id = $3 AND locked_at IS NOT NULL",
        };
        Ok(self.sql(text).bind(at).bind(because).bind(id.to_string()).run().await? == 1)
    }

    /// `None` for the phrase takes it away.
    pub async fn set_phrase(&mut self, id: UserId, phrase: Option<&Phrase>) -> Result<(), Error> {
        let id = id.to_string();
        let sealed = phrase.map(|phrase| self.seal(phrase_of(&id), &phrase.expose())).transpose()?;
        self.sql("UPDATE users SET phrase = $1 WHERE id = $2").bind(sealed).bind(&id).run().await?;
        Ok(())
    }

    /// `false`, and nothing is changed, when the lock is not as it was any more.
    pub async fn set_settings_lock(
        &mut self,
        id: UserId,
        was: SettingsLock,
        lock: SettingsLock,
    ) -> Result<bool, Error> {
        let columns = |lock| match lock {
            SettingsLock::Open => (None, None),
            SettingsLock::Locked { delay } => (Some(delay.0), None),
            SettingsLock::Waiting { delay, until } => (Some(delay.0), Some(until.unix())),
        };
        let ((delay, until), (delay_was, until_was)) = (columns(lock), columns(was));
        let set = self
            .sql(
                "UPDATE users SET settings_lock_delay = $1, settings_unlock_at = $2 WHERE id = $3 \
                 AND COALESCE(settings_lock_delay, -1) = $4 AND COALESCE(settings_unlock_at, -1) = $5",
            )
            .bind(delay)
            .bind(until)
            .bind(id.to_string())
            .bind(delay_was.unwrap_or(-1))
            .bind(until_was.unwrap_or(-1))
            .run()
            .await?;
        Ok(set == 1)
    }

    /// Since when log-ins from unknown browsers wait for an approval; `None`: they do not.
    pub async fn set_approves_log_ins(&mut self, id: UserId, since: Option<Timestamp>) -> Result<(), Error> {
        self.sql("UPDATE users SET approves_since = $1 WHERE id = $2").bind(since).bind(id.to_string()).run().await?;
        Ok(())
    }

    pub async fn remove_user(&mut self, id: UserId) -> Result<(), Error> {
        self.sql("DELETE FROM users WHERE id = $1").bind(id.to_string()).run().await?;
        Ok(())
    }

    pub async fn accept_terms(&mut self, id: UserId, version: &str, at: Timestamp) -> Result<(), Error> {
        self.sql(
            "INSERT INTO terms_acceptances (user_id, version, accepted_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, version) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(version)
        .bind(at)
        .run()
        .await?;
        Ok(())
    }

    /// Answers whether the device is new to the account.
    pub async fn remember_device(&mut self, id: UserId, device: &TokenHash, now: Timestamp) -> Result<bool, Error> {
        let seen = self
            .sql("UPDATE known_devices SET last_seen_at = $1 WHERE user_id = $2 AND device_hash = $3")
            .bind(now)
            .bind(id.to_string())
            .bind(device.as_str())
            .run()
            .await?;
        if seen > 0 {
            return Ok(false);
        }
        self.sql(
            "INSERT INTO known_devices (user_id, device_hash, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3) \
             ON CONFLICT (user_id, device_hash) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(device.as_str())
        .bind(now)
        .run()
        .await?;
        Ok(true)
    }
}
