//! `/account`: the overview.

use axum::response::Response;

use super::owner::OwnerVisit;
use crate::domain::role::Role;
use crate::http::error::PageError;
use crate::pages::account::AccountPage;

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let overview = at.visit.web.karat.account_overview(&at.signed_in).await?;
    let user = &at.signed_in.user;
    let roles = at.visit.web.karat.store.roles_of(user.id).await?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let page = AccountPage {
        email: user.email.to_string(),
        email_verified: user.email_verified_at.is_some(),
        name: user.profile.name.clone(),
        member_since: user.created_at,
        password_changed_at: (overview.password_changed_at > user.created_at).then_some(overview.password_changed_at),
        recovery_ripe_at: overview.recovery_ripe_at,
        sessions: count(overview.sessions),
        apps: count(overview.apps),
        reviews: roles.contains(&Role::Compliance),
        console: !roles.is_empty(),
    };
    at.page("/account", &page)
}
