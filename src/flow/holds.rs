//! Beginning holds. There is no way to end one: it passes.

use super::Failure;
use super::karat::Karat;
use crate::domain::hold::{Hold, HoldCause, running};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::Change;

impl Karat {
    /// Begins the hold that belongs to `cause`, within the change that caused it. Answers when the account's hold ends now,
    /// which may be later for an earlier cause; `None` when nothing is held.
    pub async fn start_hold(
        &self,
        change: &mut Change,
        user: &User,
        cause: HoldCause,
    ) -> Result<Option<Timestamp>, Failure> {
        let (span, now) = (self.settings.holds.of(cause), self.now());
        if span.0 <= 0 {
            return Ok(running(user.hold_until, now));
        }
        let hold = Hold { cause, began_at: now, ends_at: now.plus(span) };
        Ok(Some(change.begin_hold(&self.new_id().to_string(), user.id, &hold).await?))
    }
}
