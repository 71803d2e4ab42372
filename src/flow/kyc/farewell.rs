//! What becomes of a verification when its person leaves: law may want the record kept, and nobody else gets to see it.

use crate::domain::ids::UserId;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::Change;

impl Karat {
    /// Until when the record would stay locked if the person left now; `None`: nothing would be kept.
    pub async fn kept_after_leaving(&self, user: UserId) -> Result<Option<Timestamp>, Failure> {
        let is_kept = self.keeps_records() && self.store.leaves_kyc_record(user).await?;
        Ok(is_kept.then(|| self.locked_until()))
    }

    /// Within the change that ends the account. Who was verified, or rejected for good, suspended or not decided about yet, leaves a locked
    /// record, which is destroyed with its key when its time has come; of anybody else nothing stays.
    pub(in crate::flow) async fn part_with_verification(
        &self,
        change: &mut Change,
        user: UserId,
    ) -> Result<Option<Timestamp>, Failure> {
        if self.keeps_records() && change.leaves_kyc_record(user).await? {
            let until = self.locked_until();
            change.lock_kyc_record(user, until).await?;
            return Ok(Some(until));
        }
        change.destroy_kyc_record(user).await?;
        Ok(None)
    }

    fn keeps_records(&self) -> bool {
        self.settings.kyc.keep_records > Seconds(0)
    }

    fn locked_until(&self) -> Timestamp {
        self.now().plus(self.settings.kyc.keep_records)
    }
}
