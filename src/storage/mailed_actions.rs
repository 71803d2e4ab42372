//! Links and codes that were mailed to do one thing once: reset a password, prove a new address, freeze an account.

use super::Error;
use super::store::{Change, Store, parsed};
use crate::crypto::token::TokenHash;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    ResetPassword,
    ChangeEmail,
    /// Several may be open: each mail that warns has its own.
    Freeze,
    Unfreeze,
    KeepLocked,
    StartRecovery,
    /// Several may be open, as for [`Purpose::Freeze`].
    CancelRecovery,
    FinishRecovery,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::Freeze => "freeze",
            Self::Unfreeze => "unfreeze",
            Self::KeepLocked => "keep_locked",
            Self::StartRecovery => "start_recovery",
            Self::CancelRecovery => "cancel_recovery",
            Self::FinishRecovery => "finish_recovery",
        }
    }
}

#[derive(Clone, Debug)]
pub struct MailedAction {
    pub hash: TokenHash,
    pub purpose: Purpose,
    pub user_id: UserId,
    /// Where it was mailed to. For a change of address that is the new one.
    pub email: EmailAddress,
    pub code_hash: Option<TokenHash>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

record! {
    struct Row {
        hash: String,
        user_id: String,
        email: String,
        code_hash: Option<String>,
        created_at: i64,
        expires_at: i64,
    }
}

impl Row {
    fn action(self, purpose: Purpose) -> Result<MailedAction, Error> {
        Ok(MailedAction {
            purpose,
            user_id: parsed(&self.user_id, "mailed_actions.user_id")?,
            email: parsed(&self.email, "mailed_actions.email")?,
            hash: TokenHash::from_stored(self.hash),
            code_hash: self.code_hash.map(TokenHash::from_stored),
            created_at: Timestamp::from_unix(self.created_at),
            expires_at: Timestamp::from_unix(self.expires_at),
        })
    }
}

impl Store {
    /// An action that can still be used.
    pub async fn mailed_action(
        &self,
        hash: &TokenHash,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<MailedAction>, Error> {
        let found = self
            .read(
                "SELECT hash, user_id, email, code_hash, created_at, expires_at FROM mailed_actions \
                 WHERE hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
            )
            .bind(hash.as_str())
            .bind(purpose.as_str())
            .bind(now);
        found.optional::<Row>().await?.map(|row| row.action(purpose)).transpose()
    }

    /// The one action of this purpose a person has open.
    pub async fn open_mailed_action(
        &self,
        user: UserId,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<MailedAction>, Error> {
        let found = self
            .read(
                "SELECT hash, user_id, email, code_hash, created_at, expires_at FROM mailed_actions \
                 WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3",
            )
            .bind(user.to_string())
            .bind(purpose.as_str())
            .bind(now);
        found.optional::<Row>().await?.map(|row| row.action(purpose)).transpose()
    }

    /// Counts a guess of the code before it is looked at. `false` when none is left.
    pub async fn count_mailed_action_try(&self, hash: &TokenHash, most: i64) -> Result<bool, Error> {
        let counted = self
            .write("UPDATE mailed_actions SET tries = tries + 1 WHERE hash = $1 AND tries < $2")
            .bind(hash.as_str())
            .bind(most)
            .run()
            .await?;
        Ok(counted == 1)
    }
}

impl Change {
    /// Replaces any earlier action of the same purpose: an older mail is dead once a newer one was sent.
    pub async fn add_mailed_action(&mut self, made: &MailedAction) -> Result<(), Error> {
        self.void_mailed_actions(made.user_id, made.purpose).await?;
        self.add_mailed_action_beside(made).await
    }

    /// Leaves earlier actions of the same purpose open.
    pub async fn add_mailed_action_beside(&mut self, made: &MailedAction) -> Result<(), Error> {
        self.sql(
            "INSERT INTO mailed_actions (hash, purpose, user_id, email, code_hash, tries, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
        )
        .bind(made.hash.as_str())
        .bind(made.purpose.as_str())
        .bind(made.user_id.to_string())
        .bind(made.email.as_str())
        .bind(made.code_hash.as_ref().map(|hash| hash.as_str().to_owned()))
        .bind(made.created_at)
        .bind(made.expires_at)
        .run()
        .await?;
        Ok(())
    }

    /// `false` when it was used already, has expired or was replaced.
    pub async fn use_mailed_action(&mut self, hash: &TokenHash, now: Timestamp) -> Result<bool, Error> {
        let used = self
            .sql("UPDATE mailed_actions SET used_at = $1 WHERE hash = $2 AND used_at IS NULL AND expires_at > $1")
            .bind(now)
            .bind(hash.as_str())
            .run()
            .await?;
        Ok(used == 1)
    }

    /// Those that were mailed to one address; what another mailbox holds stays good.
    pub async fn void_actions_mailed_to(
        &mut self,
        user: UserId,
        purpose: Purpose,
        email: &EmailAddress,
    ) -> Result<(), Error> {
        self.sql("DELETE FROM mailed_actions WHERE user_id = $1 AND purpose = $2 AND email = $3 AND used_at IS NULL")
            .bind(user.to_string())
            .bind(purpose.as_str())
            .bind(email.as_str())
            .run()
            .await?;
        Ok(())
    }

    pub async fn void_mailed_actions(&mut self, user: UserId, purpose: Purpose) -> Result<(), Error> {
        self.sql("DELETE FROM mailed_actions WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL")
            .bind(user.to_string())
            .bind(purpose.as_str())
            .run()
            .await?;
        Ok(())
    }
}
