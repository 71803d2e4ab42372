//! Pictures and papers of a case, sealed under the person's key.

use zeroize::Zeroizing;

use super::keys::PersonKey;
use crate::crypto::seal::Place;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{Case, DocumentKind, MediaType};
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, parsed};

/// One of them, without what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// A UUID as text.
    pub id: String,
    pub case_id: CaseId,
    pub user_id: UserId,
    pub kind: DocumentKind,
    pub media_type: MediaType,
    /// In bytes, before it was sealed.
    pub size: i64,
    pub created_at: Timestamp,
    /// Set when the case is decided.
    pub delete_at: Option<Timestamp>,
}

record! {
    struct Row {
        id: String,
        case_id: String,
        user_id: String,
        kind: String,
        media_type: String,
        size: i64,
        created_at: i64,
        delete_at: Option<i64>,
    }
}

impl TryFrom<Row> for Document {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let corrupt = |what: &str| Error::Corrupt(format!("kyc_documents.{what}"));
        Ok(Self {
            case_id: parsed(&row.case_id, "kyc_documents.case_id")?,
            user_id: parsed(&row.user_id, "kyc_documents.user_id")?,
            kind: DocumentKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
            media_type: MediaType::parse(&row.media_type).ok_or_else(|| corrupt("media_type"))?,
            size: row.size,
            created_at: Timestamp::from_unix(row.created_at),
            delete_at: row.delete_at.map(Timestamp::from_unix),
            id: row.id,
        })
    }
}

fn content_of(id: &str) -> Place<'_> {
    Place { table: "kyc_documents", column: "content", row: id }
}

impl Store {
    /// Of one case, in the order in which they are shown.
    pub async fn kyc_documents(&self, case: CaseId) -> Result<Vec<Document>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, case_id, user_id, kind, media_type, size, created_at, delete_at FROM kyc_documents \
                 WHERE case_id = $1",
            )
            .bind(case.to_string())
            .long()
            .all()
            .await?;
        let mut documents = rows.into_iter().map(Document::try_from).collect::<Result<Vec<_>, _>>()?;
        documents.sort_by_key(|document| document.kind);
        Ok(documents)
    }

    /// Of all cases of a person, the oldest first.
    pub async fn kyc_documents_of(&self, user: UserId) -> Result<Vec<Document>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, case_id, user_id, kind, media_type, size, created_at, delete_at FROM kyc_documents \
                 WHERE user_id = $1 ORDER BY created_at, id LIMIT 1000",
            )
            .bind(user.to_string())
            .long()
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// What it shows. `None` when it has been deleted, or the person's key is gone.
    pub async fn kyc_document_content(&self, document: &Document) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(key) = self.person_key(document.user_id).await? else { return Ok(None) };
        let found: Option<(Vec<u8>,)> =
            self.read("SELECT content FROM kyc_documents WHERE id = $1").bind(&document.id).long().optional().await?;
        found.map(|(sealed,)| key.open_bytes(content_of(&document.id), &sealed)).transpose()
    }
}

impl Change {
    /// In place of the earlier one of its kind.
    pub async fn set_kyc_document(
        &mut self,
        key: &PersonKey,
        document: &Document,
        content: &[u8],
    ) -> Result<(), Error> {
        let sealed = key.seal_bytes(content_of(&document.id), content);
        self.remove_kyc_document(document.case_id, document.kind).await?;
        self.sql(
            "INSERT INTO kyc_documents (id, case_id, user_id, kind, media_type, size, content, created_at, delete_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&document.id)
        .bind(document.case_id.to_string())
        .bind(document.user_id.to_string())
        .bind(document.kind.as_str())
        .bind(document.media_type.as_str())
        .bind(document.size)
        .bind(sealed)
        .bind(document.created_at)
        .bind(document.delete_at)
        .run()
        .await?;
        Ok(())
    }

    pub async fn remove_kyc_document(&mut self, case: CaseId, kind: DocumentKind) -> Result<(), Error> {
        self.sql("DELETE FROM kyc_documents WHERE case_id = $1 AND kind = $2")
            .bind(case.to_string())
            .bind(kind.as_str())
            .run()
            .await?;
        Ok(())
    }

    /// Of a case that nobody will look at any more.
    pub async fn remove_kyc_documents(&mut self, case: &Case) -> Result<(), Error> {
        self.sql("DELETE FROM kyc_documents WHERE case_id = $1").bind(case.id.to_string()).run().await?;
        Ok(())
    }

    /// The documents of a decided case stay until `at`. A later decision of the same case moves that.
    pub async fn let_documents_go(&mut self, case: CaseId, at: Timestamp) -> Result<(), Error> {
        self.sql("UPDATE kyc_documents SET delete_at = $1 WHERE case_id = $2")
            .bind(at)
            .bind(case.to_string())
            .run()
            .await?;
        Ok(())
    }
}
