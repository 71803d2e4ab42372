//! `/admin/roles`: who may do what for the operator.

use axum::response::Response;

use super::{ConsoleForm, ConsoleNotice, ConsoleVisit, came_to};
use crate::domain::admin::Act;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::http::error::PageError;
use crate::pages::admin::roles::{HolderRow, RolesPage};

const PATH: &str = "/admin/roles";

pub async fn get(visit: ConsoleVisit) -> Result<Response, PageError> {
    let karat = visit.karat();
    let mut names = super::names::Names::default();
    let mut held = Vec::new();
    for one in karat.roles_held(&visit.by).await? {
        held.push(HolderRow {
            id: one.user_id.to_string(),
            is_own: visit.by.person() == Some(one.user_id),
            email: one.email.to_string(),
            role: one.role.as_str(),
            since: one.since,
            by: names.actor(&karat, &one.granted_by).await?,
        });
    }
    let page = RolesPage {
        shell: visit.shell("roles", Vec::new()),
        held,
        roles: super::roles(),
        may_change: visit.by.may(Act::ChangeRoles),
        takes_two: karat.settings.admin.second_person.contains(&Act::ChangeRoles),
    };
    visit.page(&page)
}

pub async fn post_give(form: ConsoleForm) -> Result<Response, PageError> {
    let (email, reason) = (form.text("email").trim().parse::<EmailAddress>(), form.text("give_reason").to_owned());
    let role = role_of(form.text("role"))?;
    let visit = form.visit;
    let karat = visit.karat();
    // First the right, so that nobody learns here who has an account.
    if let Err(refusal) = visit.by.permit(Act::ChangeRoles) {
        return visit.done(PATH, Err(refusal)).await;
    }
    let found = match email {
        Ok(email) => karat.store.user_by_email(&email).await?,
        Err(_) => None,
    };
    let Some(found) = found else { return Ok(visit.go(PATH, ConsoleNotice::NobodyFound)) };
    let done = karat.grant_role(&visit.by, found.user.id, role, &reason).await;
    visit.done(PATH, came_to(done, ConsoleNotice::RoleGiven)).await
}

pub async fn post_take(form: ConsoleForm) -> Result<Response, PageError> {
    let reason = form.text("take_reason").to_owned();
    let held = form.text("held").split_once(':').ok_or_else(|| PageError::bad_request("held is nobody's role"))?;
    let user: UserId = held.0.parse().map_err(|_| PageError::bad_request("held is nobody's role"))?;
    let role = role_of(held.1)?;
    let visit = form.visit;
    let done = visit.karat().withdraw_role(&visit.by, user, role, &reason).await;
    visit.done(PATH, came_to(done, ConsoleNotice::RoleTaken)).await
}

fn role_of(text: &str) -> Result<Role, PageError> {
    text.parse().map_err(|_| PageError::bad_request("role is none of the roles"))
}
