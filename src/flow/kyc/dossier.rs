//! What a reviewer sees: a case with everything there is to judge it by, and a person with all their cases.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::draft::Draft;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{Case, DocumentKind};
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::kyc::documents::Document;
use crate::storage::kyc::fingerprints::Duplicate;
use crate::storage::kyc::history::Transition;
use crate::storage::kyc::notes::Note;

pub struct Dossier {
    pub case: Case,
    /// As filled in; `None` when nothing is, or it cannot be read any more.
    pub draft: Option<Draft>,
    pub documents: Vec<Document>,
    pub file: PersonFile,
}

pub struct PersonFile {
    pub id: UserId,
    /// `None`: the account is gone.
    pub user: Option<User>,
    /// The youngest first.
    pub cases: Vec<Case>,
    pub duplicates: Vec<Duplicate>,
    /// The oldest first.
    pub notes: Vec<Note>,
    /// The youngest first.
    pub history: Vec<Transition>,
    /// The addresses of the reviewers who appear in it.
    pub reviewers: BTreeMap<UserId, String>,
}

/// Before the account of an actor in history and notes.
const REVIEWER: &str = "reviewer:";

impl PersonFile {
    /// An actor as people know it: reviewers by their address.
    pub fn actor<'a>(&'a self, actor: &'a str) -> &'a str {
        let reviewer = actor.strip_prefix(REVIEWER).and_then(|id| id.parse().ok());
        reviewer.and_then(|id: UserId| self.reviewers.get(&id)).map_or(actor, String::as_str)
    }
}

impl Karat {
    pub async fn dossier(&self, id: CaseId) -> Result<Option<Dossier>, Failure> {
        let Some(case) = self.store.kyc_case(id).await? else { return Ok(None) };
        let draft = self.store.kyc_draft(&case).await?;
        let documents = self.store.kyc_documents(id).await?;
        let file = self.person_file(case.user_id).await?;
        Ok(Some(Dossier { case, draft, documents, file }))
    }

    pub async fn person_file(&self, id: UserId) -> Result<PersonFile, Failure> {
        let mut file = PersonFile {
            id,
            user: self.store.user(id).await?,
            cases: self.store.kyc_cases(id).await?,
            duplicates: self.store.kyc_duplicates(id).await?,
            notes: self.store.kyc_notes(id).await?,
            history: self.store.kyc_history(id).await?,
            reviewers: BTreeMap::new(),
        };
        let actors = file.history.iter().map(|made| made.actor.as_str());
        let authors = file.notes.iter().map(|note| note.author.as_str());
        let mut found: Vec<UserId> =
            actors.chain(authors).filter_map(|actor| actor.strip_prefix(REVIEWER)?.parse().ok()).collect();
        found.extend(file.cases.iter().filter_map(|case| case.proposal.as_ref()).map(|proposal| proposal.by));
        found.sort();
        found.dedup();
        for id in found {
            if let Some(reviewer) = self.store.user(id).await? {
                file.reviewers.insert(id, reviewer.email.to_string());
            }
        }
        Ok(file)
    }

    /// A picture or paper of a case, opened. `None`: there is none, or none any more.
    pub async fn case_document(
        &self,
        case: CaseId,
        kind: DocumentKind,
    ) -> Result<Option<(Document, Zeroizing<Vec<u8>>)>, Failure> {
        let documents = self.store.kyc_documents(case).await?;
        let Some(document) = documents.into_iter().find(|document| document.kind == kind) else { return Ok(None) };
        let content = self.store.kyc_document_content(&document).await?;
        Ok(content.map(|content| (document, content)))
    }
}
