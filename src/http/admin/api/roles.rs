//! Roles: who has which, giving and taking them.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::input::InBody;
use super::listing::Page;
use super::named;
use super::problem::Problem;
use super::proposals::outcome;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::http::web::Web;
use crate::storage::roles::Held;

#[derive(Serialize, utoipa::ToSchema)]
pub struct HeldRole {
    #[schema(format = "uuid")]
    user: String,
    email: String,
    #[schema(schema_with = named::roles)]
    role: &'static str,
    since: i64,
    /// `operator`, `setup` or `person:<id>`.
    granted_by: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    #[serde(deserialize_with = "named::named")]
    #[schema(value_type = String, format = "uuid")]
    user: UserId,
    #[serde(deserialize_with = "named::named")]
    #[schema(schema_with = named::roles)]
    role: Role,
    /// For the audit log.
    #[schema(min_length = 1)]
    reason: String,
}

impl From<Held> for HeldRole {
    fn from(held: Held) -> Self {
        Self {
            user: held.user_id.to_string(),
            email: held.email.to_string(),
            role: held.role.as_str(),
            since: held.since.unix(),
            granted_by: held.granted_by,
        }
    }
}

#[utoipa::path(get, path = "/roles", tag = "roles", operation_id = "list_roles", summary = "Who has which role",
    responses((status = 200, description = "Every role that somebody has", body = Page<HeldRole>)),
    extensions(("x-karat-act" = json!("roles.read"))))]
pub async fn list(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    let held = web.karat.roles_held(&by).await?;
    Ok(Page::whole(held.into_iter().map(HeldRole::from).collect()).into_response())
}

#[utoipa::path(post, path = "/roles/give", tag = "roles", operation_id = "give_role", summary = "Give somebody a role",
    request_body = RoleChange,
    responses((status = 204, description = "Done"),
        (status = 202, description = "Waits for a second person", body = super::proposals::Proposed),
        (status = 404)),
    extensions(("x-karat-act" = json!("roles.change"))))]
pub async fn give(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(wanted): InBody<RoleChange>,
) -> Result<Response, Problem> {
    Ok(outcome(&web, web.karat.grant_role(&by, wanted.user, wanted.role, &wanted.reason).await?))
}

#[utoipa::path(post, path = "/roles/withdraw", tag = "roles", operation_id = "withdraw_role",
    summary = "Take a role from somebody", request_body = RoleChange,
    responses((status = 204, description = "Done"),
        (status = 202, description = "Waits for a second person", body = super::proposals::Proposed),
        (status = 404)),
    extensions(("x-karat-act" = json!("roles.change"))))]
pub async fn withdraw(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(wanted): InBody<RoleChange>,
) -> Result<Response, Problem> {
    Ok(outcome(&web, web.karat.withdraw_role(&by, wanted.user, wanted.role, &wanted.reason).await?))
}
