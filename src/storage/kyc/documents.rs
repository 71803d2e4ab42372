//! Pictures and papers of a case, sealed under the person's key.

use crate::domain::ids::CaseId;
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::Change;

impl Change {
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
