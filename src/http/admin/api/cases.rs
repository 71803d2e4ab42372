//! Applications for verification levels: where they stand. Documents and decisions are for reviewers, on `/review`.

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::caller::Caller;
use super::input::{InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::named;
use super::problem::Problem;
use crate::domain::ids::CaseId;
use crate::domain::kyc::{Case, CaseState, Reason};
use crate::domain::time::Timestamp;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::kyc::history::Transition;
use crate::storage::kyc::queue::{Listed, Wanted};

/// Of a list that goes on by counting.
const FARTHEST: i64 = 100_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseFilter {
    /// Those that wait for a decision when absent.
    #[serde(default, deserialize_with = "named::case_state")]
    #[param(schema_with = named::case_states)]
    state: Option<CaseState>,
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

#[derive(Serialize, utoipa::ToSchema)]
pub struct CaseShown {
    id: String,
    user: String,
    level: u8,
    provider: &'static str,
    state: &'static str,
    reason: Option<&'static str>,
    created_at: i64,
    submitted_at: Option<i64>,
    decided_at: Option<i64>,
    decided_by: Option<String>,
    /// Whether one of two reviewers has said what they want.
    proposed: bool,
    /// Of the person's verification, the youngest first.
    history: Vec<HistoryRow>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct HistoryRow {
    at: i64,
    finding: String,
    from_level: i64,
    to_level: i64,
    actor: String,
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

fn shown((case, history): (Case, Vec<Transition>)) -> CaseShown {
    CaseShown {
        id: case.id.to_string(),
        user: case.user_id.to_string(),
        level: case.tier.level(),
        provider: case.provider.as_str(),
        state: case.state.as_str(),
        reason: case.reason.map(Reason::as_str),
        created_at: case.created_at.unix(),
        submitted_at: case.submitted_at.map(Timestamp::unix),
        decided_at: case.decided_at.map(Timestamp::unix),
        decided_by: case.decided_by,
        proposed: case.proposal.is_some(),
        history: history
            .into_iter()
            .map(|made| HistoryRow {
                at: made.at.unix(),
                finding: made.finding,
                from_level: made.from_tier,
                to_level: made.to_tier,
                actor: made.actor,
            })
            .collect(),
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
    let skip = after::<i64>(asked.cursor.as_deref())?.unwrap_or(0);
    if !(0..=FARTHEST).contains(&skip) {
        return Err(Problem::invalid("cursor", "this is none of ours"));
    }
    let wanted = Wanted { state: asked.state, ..Wanted::default() };
    let found = web.karat.cases(&by, wanted, skip, asked.limit.0 + 1).await?;
    let next = cursor(&(skip + asked.limit.0));
    Ok(Page::of((&web, &uri), asked.limit, found, |_| next.clone(), CaseRow::from).into_response())
}

#[utoipa::path(get, path = "/kyc/cases/{id}", tag = "kyc", operation_id = "get_case", summary = "One application",
    params(("id" = String, Path, description = "Of the case")),
    responses((status = 200, description = "Where it stands", body = CaseShown)),
    extensions(("x-karat-act" = json!("kyc.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<CaseId>) -> Result<Response, Problem> {
    Ok(private_json(&shown(web.karat.case_view(&by, id).await?)))
}
