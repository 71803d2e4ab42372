//! An operator gives and takes roles. There is no page for it: who reviews others does not make reviewers.

use serde_json::json;

use super::Failure;
use super::condition::Changed;
use super::karat::Karat;
use crate::domain::role::Role;
use crate::domain::user::User;
use crate::storage::events::EventKind;

/// Who gives and takes roles.
const OPERATOR: &str = "operator";

impl Karat {
    pub async fn has_role(&self, user: &User, role: Role) -> Result<bool, Failure> {
        Ok(self.store.has_role(user.id, role).await?)
    }

    pub async fn grant_role(&self, user: &User, role: Role) -> Result<Changed, Failure> {
        self.switch_role(user, role, true).await
    }

    /// Counts from the next request on, also where a review is open in a browser.
    pub async fn withdraw_role(&self, user: &User, role: Role) -> Result<Changed, Failure> {
        self.switch_role(user, role, false).await
    }

    async fn switch_role(&self, user: &User, role: Role, on: bool) -> Result<Changed, Failure> {
        let mut change = self.store.begin().await?;
        if !change.hold_account(user.id).await? {
            return Ok(Changed::Already);
        }
        let changed = match on {
            true => change.grant_role(user.id, role, OPERATOR, self.now()).await?,
            false => change.withdraw_role(user.id, role).await?,
        };
        if !changed {
            return Ok(Changed::Already);
        }
        let detail = json!({ "role": role.as_str(), "granted": on, "by": OPERATOR });
        change.record(&self.event(EventKind::RoleChanged, user.id).with(detail)).await?;
        change.commit().await?;
        Ok(Changed::Done)
    }
}
