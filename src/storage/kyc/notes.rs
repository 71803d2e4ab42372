//! What reviewers wrote down about a person, sealed under the person's key: it is about them.

use serde::{Deserialize, Serialize};

use super::keys::PersonKey;
use crate::crypto::seal::Place;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A UUID as text.
    pub id: String,
    pub user_id: UserId,
    /// Of which application; `None`: of the person.
    pub case_id: Option<CaseId>,
    pub at: Timestamp,
    /// As in the history: `reviewer:<account>` or `operator`.
    pub author: String,
    pub text: String,
}

#[derive(Serialize, Deserialize)]
struct Words {
    text: String,
}

record! {
    struct Row {
        id: String,
        case_id: Option<String>,
        at: i64,
        author: String,
        sealed: Vec<u8>,
    }
}

fn words_of(id: &str) -> Place<'_> {
    Place { table: "kyc_notes", column: "sealed", row: id }
}

impl Store {
    /// The oldest first, at most 200. None when the person's key is gone.
    pub async fn kyc_notes(&self, user: UserId) -> Result<Vec<Note>, Error> {
        let Some(key) = self.person_key(user).await? else { return Ok(Vec::new()) };
        let rows: Vec<Row> = self
            .read("SELECT id, case_id, at, author, sealed FROM kyc_notes WHERE user_id = $1 ORDER BY at, id LIMIT 200")
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                let words: Words = key.open(words_of(&row.id), &row.sealed)?;
                let case_id = row.case_id.as_deref().map(|id| super::super::store::parsed(id, "kyc_notes.case_id"));
                Ok(Note {
                    case_id: case_id.transpose()?,
                    user_id: user,
                    at: Timestamp::from_unix(row.at),
                    author: row.author,
                    text: words.text,
                    id: row.id,
                })
            })
            .collect()
    }
}

impl Change {
    pub async fn add_kyc_note(&mut self, key: &PersonKey, note: &Note) -> Result<(), Error> {
        let sealed = key.seal(words_of(&note.id), &Words { text: note.text.clone() })?;
        self.sql("INSERT INTO kyc_notes (id, user_id, case_id, at, author, sealed) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(&note.id)
            .bind(note.user_id.to_string())
            .bind(note.case_id.map(|id| id.to_string()))
            .bind(note.at)
            .bind(&note.author)
            .bind(sealed)
            .run()
            .await?;
        Ok(())
    }
}
