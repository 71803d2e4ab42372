//! Applications for verification levels: where they stand. Documents and decisions are for reviewers, on `/review`.

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::caller::Caller;
use super::case_views::{CaseShown, VerificationShown};
use super::input::{InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::named;
use super::problem::Problem;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{CaseState, Tier};
use crate::domain::time::Timestamp;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::kyc::queue::{Listed, Place, Wanted};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseFilter {
    /// Those that wait for a decision when absent.
    #[serde(default, deserialize_with = "named::case_state")]
    #[param(schema_with = named::case_states)]
    state: Option<CaseState>,
    /// What people apply for: 1, 2 or 3.
    #[serde(default, deserialize_with = "named::perhaps_named")]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 3)]
    level: Option<Tier>,
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct CaseRow {
    id: String,
    /// The `sub`.
    user: String,
    /// Absent once the account is gone.
    email: Option<String>,
    /// What the person applies for.
    level: u8,
    /// Who decides: `review`, or a provider.
    provider: &'static str,
    state: &'static str,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    /// Something in it was told in another account, too.
    doubtful: bool,
}

impl From<Listed> for CaseRow {
    fn from(case: Listed) -> Self {
        Self {
            id: case.id.to_string(),
            user: case.user_id.to_string(),
            email: case.email,
            level: case.tier.level(),
            provider: case.provider.as_str(),
            state: case.state.as_str(),
            created_at: case.created_at.unix(),
            submitted_at: case.submitted_at.map(Timestamp::unix),
            decided_at: case.decided_at.map(Timestamp::unix),
            doubtful: case.is_doubtful,
        }
    }
}

#[utoipa::path(get, path = "/kyc/cases", tag = "kyc", operation_id = "list_cases",
    summary = "Applications for verification levels", params(CaseFilter),
    responses((status = 200, description = "A page", body = Page<CaseRow>)),
    extensions(("x-karat-act" = json!("kyc.read"))))]
pub async fn list(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InQuery(asked): InQuery<CaseFilter>,
) -> Result<Response, Problem> {
    let after = after::<Place>(asked.cursor.as_deref())?;
    if asked.level == Some(Tier::REGISTERED) {
        return Err(Problem::invalid("level", "is 1, 2 or 3: for level 0 nobody applies"));
    }
    let wanted = Wanted { state: asked.state, tier: asked.level, provider: None };
    let found = web.karat.cases(&by, wanted, after, asked.limit.0 + 1).await?;
    Ok(Page::of((&web, &uri), asked.limit, found, |case| cursor(&case.place()), CaseRow::from).into_response())
}

#[utoipa::path(get, path = "/kyc/cases/{id}", tag = "kyc", operation_id = "get_case", summary = "One application",
    params(("id" = String, Path, description = "Of the case")),
    responses((status = 200, description = "Where it stands", body = CaseShown)),
    extensions(("x-karat-act" = json!("kyc.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<CaseId>) -> Result<Response, Problem> {
    Ok(private_json(&CaseShown::from(web.karat.case_view(&by, id).await?)))
}

#[utoipa::path(get, path = "/kyc/people/{id}", tag = "kyc", operation_id = "get_verification",
    summary = "Where a person stands, with all their applications",
    params(("id" = String, Path, description = "The `sub`")),
    responses((status = 200, description = "As it stands", body = VerificationShown)),
    extensions(("x-karat-act" = json!("kyc.read"))))]
pub async fn of_person(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
) -> Result<Response, Problem> {
    Ok(private_json(&VerificationShown::of(&web.karat, web.karat.verification_of(&by, id).await?)))
}
