//! Beginning holds. There is no way to end one: it passes.

use super::Failure;
use super::karat::Karat;
use super::tell_apps::RightsChange;
use crate::domain::hold::{Hold, HoldCause, running};
use crate::domain::time::{Seconds, Timestamp};
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
        let now = self.now();
        let span = self.settings.holds.of(cause).max(least_for(user, cause, now));
        if span.0 <= 0 {
            return Ok(running(user.hold_until, now));
        }
        let hold = Hold { cause, began_at: now, ends_at: now.plus(span) };
        let until = change.begin_hold(&self.new_id().to_string(), user.id, &hold).await?;
        self.tell_apps(change, user.id, RightsChange::HoldBegan).await?;
        Ok(Some(until))
    }
}

/// A way back that a settings lock cannot close, since it would shut out the owner as well, at least holds as long as unlocking
/// would have taken.
fn least_for(user: &User, cause: HoldCause, now: Timestamp) -> Seconds {
    let way_back = matches!(cause, HoldCause::PasswordReset | HoldCause::PasswordResetElsewhere | HoldCause::Recovered);
    user.protection.settings.at(now).delay().filter(|_| way_back).unwrap_or(Seconds(0))
}
