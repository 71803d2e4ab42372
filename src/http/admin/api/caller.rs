//! Who calls: proven by the access token in the Authorization header and by nothing else, before anything of the request is looked at.
//!
//! ```text
//! no token, or not a live one for the issuer -> 401
//! a person without a role                    -> 403
//! a log-in without a second factor           -> 401, step up (RFC 9470)
//! not allowed the act of the operation       -> 403, or step up
//! no such operation                          -> 404, 405
//! ```
//! Every operation asks its `Authority` again: this is the first of two locks.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::description::Operations;
use super::problem::Problem;
use super::{idempotency, input};
use crate::flow::admin::{Admission, Authority, Refusal, Who, authority};
use crate::http::guard::RequestId;
use crate::http::oidc::userinfo::token_of_header;
use crate::http::visit::client_address;
use crate::http::web::Web;

/// Whoever calls an operation.
#[derive(Clone)]
pub struct Caller(pub Authority);

impl Caller {
    /// As idempotency keys are kept apart: two apps of one person are two callers.
    pub fn name(&self) -> String {
        match self.0.who() {
            Who::Person { client: Some(client), .. } => format!("{}@{client}", self.0.actor()),
            _ => self.0.actor(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Absent only where the layer below is missing.
        parts.extensions.get::<Caller>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// What the layer needs.
#[derive(Clone)]
pub struct Doorway {
    pub web: Web,
    pub operations: Arc<Operations>,
}

pub async fn admit(State(doorway): State<Doorway>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match caller(&doorway, &parts).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    parts.extensions.insert(caller.clone());
    idempotency::once(&doorway.web, &caller, Request::from_parts(parts, body), next).await
}

async fn caller(doorway: &Doorway, parts: &Parts) -> Result<Caller, Problem> {
    let karat = &doorway.web.karat;
    let token = token_of_header(&parts.headers).map_err(|_| Problem::unauthenticated())?;
    let live = karat.live_token(&token, Some(karat.issuer())).await?.ok_or_else(Problem::unauthenticated)?;
    let by = match karat.admit_token(&live).await? {
        Admission::Admitted(by) => by,
        Admission::TooWeak { .. } => return Err(Refusal::StepUp.into()),
        Admission::Stranger => {
            let detail = "this is for services, and for people who have a role, by an app with the scope karat:admin";
            return Err(Problem::forbidden(detail, Some(authority::SCOPE)));
        }
    };
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let by = by.from_address(&client_address(parts, &doorway.web).to_string(), &request_id);
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    if let Some(act) = doorway.operations.act(&parts.method, path) {
        by.permit(act)?;
    }
    input::without_nul(parts)?;
    Ok(Caller(by))
}
