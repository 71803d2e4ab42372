//! People who came from other products: their accounts, and how many still have the password hash they came with.

use super::Error;
use super::store::{Change, Store};
use crate::domain::ids::UserId;

/// How many people there are, and how many of them have a foreign hash of which kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasswordKinds {
    pub people: i64,
    /// A hash of the kind that matches nothing, and the people who have one like it. Always in the same order.
    pub foreign: Vec<(String, i64)>,
}

impl Store {
    pub async fn password_kinds(&self) -> Result<PasswordKinds, Error> {
        let foreign: Vec<(String, i64)> =
            self.read("SELECT decoy, people FROM imported_passwords WHERE people > 0 ORDER BY decoy").all().await?;
        // Counting people takes a look at each: only where somebody was imported.
        if foreign.is_empty() {
            return Ok(PasswordKinds::default());
        }
        let (people,): (i64,) = self.read("SELECT COUNT(*) FROM users").long().one().await?;
        Ok(PasswordKinds { people, foreign })
    }

    /// Replaces a hash by one of ours. `false`, and nothing is changed, when the password was changed meanwhile. `decoy`
    /// is of the kind of a foreign hash: one person fewer has one.
    pub async fn rehash_password(
        &self,
        id: UserId,
        (old, new): (&str, &str),
        decoy: Option<&str>,
    ) -> Result<bool, Error> {
        let mut change = self.begin().await?;
        let replaced = change
            .sql("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
            .bind(new)
            .bind(id.to_string())
            .bind(old)
            .run()
            .await?;
        if replaced == 1
            && let Some(decoy) = decoy
        {
            change
                .sql("UPDATE imported_passwords SET people = people - 1 WHERE decoy = $1 AND people > 0")
                .bind(decoy)
                .run()
                .await?;
        }
        change.commit().await?;
        Ok(replaced == 1)
    }

    /// Which of these addresses have an account.
    pub async fn is_taken(&self, email: &str) -> Result<bool, Error> {
        let found: Option<(String,)> =
            self.read("SELECT id FROM users WHERE email = $1").bind(email).optional().await?;
        Ok(found.is_some())
    }
}

impl Change {
    pub async fn count_imported(&mut self, decoy: &str, people: i64) -> Result<(), Error> {
        self.sql(
            "INSERT INTO imported_passwords (decoy, people) VALUES ($1, $2) \
             ON CONFLICT (decoy) DO UPDATE SET people = imported_passwords.people + $2",
        )
        .bind(decoy)
        .bind(people)
        .run()
        .await?;
        Ok(())
    }
}
