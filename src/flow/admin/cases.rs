//! Applications for verification levels, for whoever may read them. What people filled in and their documents are for reviewers alone.

use super::{Authority, Refusal};
use crate::domain::admin::Act;
use crate::domain::ids::CaseId;
use crate::domain::kyc::Case;
use crate::flow::karat::Karat;
use crate::storage::kyc::history::Transition;
use crate::storage::kyc::queue::{Listed, Wanted};

impl Karat {
    /// Those that wait: who has waited longest first. Others: the youngest first.
    pub async fn cases(&self, by: &Authority, wanted: Wanted, skip: i64, most: i64) -> Result<Vec<Listed>, Refusal> {
        by.permit(Act::ReadCases)?;
        Ok(self.store.kyc_queue(wanted, skip, most).await?)
    }

    /// With what became of the person's verification, the youngest first.
    pub async fn case_view(&self, by: &Authority, id: CaseId) -> Result<(Case, Vec<Transition>), Refusal> {
        by.permit(Act::ReadCases)?;
        let case = self.store.kyc_case(id).await?.ok_or(Refusal::NotFound)?;
        let history = self.store.kyc_history(case.user_id).await?;
        Ok((case, history))
    }
}
