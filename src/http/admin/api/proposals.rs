//! Grave acts that wait for a second person.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::caller::Caller;
use super::input::InPath;
use super::listing::Page;
use super::problem::Problem;
use super::{done, named};
use crate::flow::admin::Outcome;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::proposals::Proposal;

/// What waits for a second person.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WaitingProposal {
    id: String,
    #[schema(schema_with = named::acts)]
    act: String,
    /// What exactly is asked for.
    #[schema(value_type = Object)]
    asked: Value,
    reason: String,
    /// The `sub` of whoever asked.
    proposed_by: String,
    proposed_at: i64,
    expires_at: i64,
}

/// A second person has to agree.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Proposed {
    proposal: String,
}

impl From<Proposal> for WaitingProposal {
    fn from(proposal: Proposal) -> Self {
        Self {
            id: proposal.id,
            act: proposal.act,
            asked: proposal.asked,
            reason: proposal.reason,
            proposed_by: proposal.proposed_by.to_string(),
            proposed_at: proposal.proposed_at.unix(),
            expires_at: proposal.expires_at.unix(),
        }
    }
}

/// The answer to the request for a grave act.
pub fn outcome(web: &Web, outcome: Outcome) -> Response {
    let Outcome::Proposed(proposal) = outcome else { return done() };
    let place = web.karat.issuer.join("/admin/api/v1/proposals");
    let mut response = private_json(&Proposed { proposal });
    *response.status_mut() = StatusCode::ACCEPTED;
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

#[utoipa::path(get, path = "/proposals", tag = "proposals", operation_id = "list_proposals",
    summary = "What waits for a second person", description = "Of the acts that the caller could do.",
    responses((status = 200, description = "The oldest first", body = Page<WaitingProposal>)))]
pub async fn list(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    let waiting = web.karat.proposals(&by).await?;
    Ok(Page::whole(waiting.into_iter().map(WaitingProposal::from).collect()).into_response())
}

#[utoipa::path(post, path = "/proposals/{id}/confirm", tag = "proposals", operation_id = "confirm_proposal",
    summary = "Agree to it: it is done", params(("id" = String, Path, description = "Of the proposal")),
    description = "By somebody who may do the act, and not by whoever proposed it.",
    responses((status = 204, description = "Done")))]
pub async fn confirm(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    web.karat.confirm_proposal(&by, &id).await?;
    Ok(done())
}

#[utoipa::path(post, path = "/proposals/{id}/decline", tag = "proposals", operation_id = "decline_proposal",
    summary = "Decline it, or take the own one back", params(("id" = String, Path, description = "Of the proposal")),
    responses((status = 204, description = "Declined")))]
pub async fn decline(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    web.karat.decline_proposal(&by, &id).await?;
    Ok(done())
}
