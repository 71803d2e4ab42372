//! Giving and taking roles. Nobody raises themselves, and the last owner stays.

use serde_json::json;

use super::audit::Target;
use super::proposals::{Grave, Outcome};
use super::{Authority, Refusal};
use crate::domain::admin::Act;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::domain::user::User;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::storage::Change;
use crate::storage::events::EventKind;
use crate::storage::roles::Held;

impl Karat {
    pub async fn has_role(&self, user: &User, role: Role) -> Result<bool, Failure> {
        Ok(self.store.has_role(user.id, role).await?)
    }

    pub async fn roles_held(&self, by: &Authority) -> Result<Vec<Held>, Refusal> {
        by.permit(Act::ReadRoles)?;
        Ok(self.store.roles().await?)
    }

    pub async fn grant_role(&self, by: &Authority, user: UserId, role: Role, reason: &str) -> Result<Outcome, Refusal> {
        self.grave(by, Grave::Role { user, role, granted: true }, reason).await
    }

    /// Counts from the next request on, also where a page is open in a browser.
    pub async fn withdraw_role(
        &self,
        by: &Authority,
        user: UserId,
        role: Role,
        reason: &str,
    ) -> Result<Outcome, Refusal> {
        self.grave(by, Grave::Role { user, role, granted: false }, reason).await
    }

    /// Changes of roles take turns, so that of two owners who remove each other at once one stays. `leaves`: `user` will not be one any more.
    pub(in crate::flow) async fn keep_an_owner(
        &self,
        change: &mut Change,
        user: UserId,
        leaves: bool,
    ) -> Result<(), Refusal> {
        let others = change.has_other_owners(user).await?;
        if leaves && !others && change.has_role(user, Role::Owner).await? {
            return Err(Refusal::conflict("this is the only owner: make another one first"));
        }
        Ok(())
    }

    pub(super) async fn switch_role(
        &self,
        change: &mut Change,
        by: &Authority,
        (user, role, granted): (UserId, Role, bool),
        reason: &str,
    ) -> Result<(), Refusal> {
        if !change.hold_account(user).await? {
            return Err(Refusal::NotFound);
        }
        self.keep_an_owner(change, user, role == Role::Owner && !granted).await?;
        let changed = match granted {
            true => change.grant_role(user, role, &by.actor(), self.now()).await?,
            false => change.withdraw_role(user, role).await?,
        };
        if changed && granted && role == Role::Owner {
            change.void_setup_links().await?;
        }
        if !changed {
            let stands = if granted { "has the role already" } else { "does not have the role" };
            return Err(Refusal::Conflict(format!("the person {stands}")));
        }
        let detail = json!({ "role": role.as_str(), "granted": granted, "by": by.actor() });
        change.record(&self.event(EventKind::RoleChanged, user).with(detail)).await?;
        let told = json!({ "role": role.as_str(), "granted": granted, "reason": reason });
        change.audit(by.entry(self, Act::ChangeRoles, Target::user(user), told));
        Ok(())
    }
}
