//! Keyed hashes by which the same document, or the same person, is recognised in another account.

use crate::domain::ids::{CaseId, UserId};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, parsed};

/// What was seen twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trait {
    /// Number and issuing country of an identity document.
    Document,
    /// Name and birthdate.
    Person,
}

impl Trait {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Person => "person",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Document, Self::Person].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Another account in which the same was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    pub what: Trait,
    pub user_id: UserId,
    /// `None`: that account is gone.
    pub email: Option<String>,
    /// The last application there that told it.
    pub case_id: CaseId,
}

record! {
    struct Row {
        kind: String,
        user_id: String,
        email: Option<String>,
        case_id: String,
    }
}

impl Store {
    /// At most 50, the oldest first.
    pub async fn kyc_duplicates(&self, user: UserId) -> Result<Vec<Duplicate>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT o.kind, o.user_id, u.email, o.case_id FROM kyc_fingerprints f \
                 JOIN kyc_fingerprints o ON o.kind = f.kind AND o.fingerprint = f.fingerprint AND o.user_id <> f.user_id \
                 LEFT JOIN users u ON u.id = o.user_id \
                 WHERE f.user_id = $1 ORDER BY o.created_at, o.kind, o.user_id LIMIT 50",
            )
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Duplicate {
                    what: Trait::parse(&row.kind).ok_or_else(|| Error::Corrupt("kyc_fingerprints.kind".to_owned()))?,
                    user_id: parsed(&row.user_id, "kyc_fingerprints.user_id")?,
                    email: row.email,
                    case_id: parsed(&row.case_id, "kyc_fingerprints.case_id")?,
                })
            })
            .collect()
    }
}

impl Change {
    /// Told again, it is of the later application.
    pub async fn add_kyc_fingerprint(
        &mut self,
        what: Trait,
        fingerprint: &str,
        (user, case): (UserId, CaseId),
        now: Timestamp,
    ) -> Result<(), Error> {
        self.sql(
            "INSERT INTO kyc_fingerprints (kind, fingerprint, user_id, case_id, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (kind, fingerprint, user_id) DO UPDATE SET case_id = excluded.case_id",
        )
        .bind(what.as_str())
        .bind(fingerprint)
        .bind(user.to_string())
        .bind(case.to_string())
        .bind(now)
        .run()
        .await?;
        Ok(())
    }
}
