//! The tokens with which apps register themselves (RFC 7591 section 3).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::input::{InBody, InPath};
use super::listing::Page;
use super::problem::Problem;
use super::{done, named};
use crate::domain::time::Seconds;
use crate::flow::clients::invitations::InvitationWanted;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::client_registrations::Invitation;

#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationView {
    id: String,
    /// Whom it is for.
    note: String,
    /// How many apps may be registered with it still.
    uses_left: i64,
    created_at: i64,
    expires_at: i64,
}

/// An invitation, and the token: shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvitationWithToken {
    invitation: InvitationView,
    /// The initial access token (RFC 7591 section 3).
    initial_access_token: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Whom it is for.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    note: String,
    /// How many apps may be registered with it.
    #[serde(deserialize_with = "named::whole")]
    #[schema(value_type = i64, minimum = 1, maximum = 10_000)]
    uses: i64,
    /// How long it can be used.
    #[serde(deserialize_with = "named::whole")]
    #[schema(value_type = i64, minimum = 60, maximum = 31_536_000)]
    lifetime: i64,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            note: invitation.note,
            uses_left: invitation.uses_left,
            created_at: invitation.created_at.unix(),
            expires_at: invitation.expires_at.unix(),
        }
    }
}

#[utoipa::path(get, path = "/client-invitations", tag = "clients", operation_id = "list_client_invitations",
    summary = "The tokens with which apps can register themselves",
    responses((status = 200, description = "All of them, without the tokens", body = Page<InvitationView>)),
    extensions(("x-karat-act" = json!("clients.read"))))]
pub async fn list(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    let all = web.karat.client_invitations(&by).await?;
    Ok(Page::whole(all.into_iter().map(InvitationView::from).collect()).into_response())
}

#[utoipa::path(post, path = "/client-invitations", tag = "clients", operation_id = "invite_client",
    summary = "Make a token with which apps register themselves", description = "Shown this once.",
    request_body = NewInvitation,
    responses((status = 201, description = "Made, with the token", body = InvitationWithToken)),
    extensions(("x-karat-act" = json!("clients.invite"))))]
pub async fn post(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(new): InBody<NewInvitation>,
) -> Result<Response, Problem> {
    let wanted = InvitationWanted { note: new.note, uses: new.uses, lifetime: Seconds(new.lifetime) };
    let (invitation, token) = web.karat.invite_clients(&by, wanted).await?;
    let body = InvitationWithToken { invitation: invitation.into(), initial_access_token: token.expose().to_owned() };
    let mut response = private_json(&body);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

#[utoipa::path(delete, path = "/client-invitations/{id}", tag = "clients", operation_id = "withdraw_client_invitation",
    summary = "Nobody can register with it any more", params(("id" = String, Path, description = "Of the invitation")),
    responses((status = 204, description = "Withdrawn")), extensions(("x-karat-act" = json!("clients.invite"))))]
pub async fn delete(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    web.karat.withdraw_client_invitation(&by, &id).await?;
    Ok(done())
}
