//! Applications for verification levels, for whoever may read them. What people filled in and their documents are for reviewers alone.

use super::{Authority, Refusal};
use crate::domain::admin::Act;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{Case, DocumentKind};
use crate::flow::karat::Karat;
use crate::flow::kyc::dossier::PersonFile;
use crate::storage::kyc::history::Transition;
use crate::storage::kyc::queue::{Listed, Place, Wanted};

/// An application, without what the person filled in.
#[derive(Clone, Debug)]
pub struct CaseView {
    pub case: Case,
    pub documents: Vec<DocumentKind>,
    pub history: Vec<Transition>,
}

impl Karat {
    /// Those that wait: who has waited longest first. Others: the youngest first. `after`: the last one of the page before.
    pub async fn cases(
        &self,
        by: &Authority,
        wanted: Wanted,
        after: Option<Place>,
        most: i64,
    ) -> Result<Vec<Listed>, Refusal> {
        by.permit(Act::ReadCases)?;
        Ok(self.store.kyc_queue(wanted, after, most).await?)
    }

    /// With which documents there are, and what became of the person's verification, the youngest first.
    pub async fn case_view(&self, by: &Authority, id: CaseId) -> Result<CaseView, Refusal> {
        by.permit(Act::ReadCases)?;
        let case = self.store.kyc_case(id).await?.ok_or(Refusal::NotFound)?;
        let documents = self.store.kyc_documents(id).await?.into_iter().map(|document| document.kind).collect();
        let history = self.store.kyc_history(case.user_id).await?;
        Ok(CaseView { case, documents, history })
    }

    /// Where somebody stands, with all their applications. The record of who has left stays as long as the law wants it.
    pub async fn verification_of(&self, by: &Authority, user: UserId) -> Result<PersonFile, Refusal> {
        by.permit(Act::ReadCases)?;
        let file = self.person_file(user).await?;
        match file.user.is_none() && file.cases.is_empty() && file.history.is_empty() {
            true => Err(Refusal::NotFound),
            false => Ok(file),
        }
    }
}
