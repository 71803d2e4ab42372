//! `/admin/proposals`: grave acts that wait for a second person.

use axum::extract::Path;
use axum::response::Response;

use super::names::Names;
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::http::error::PageError;
use crate::pages::admin::proposals::{ProposalRow, ProposalsPage};

const PATH: &str = "/admin/proposals";

pub async fn get(visit: ConsoleVisit) -> Result<Response, PageError> {
    let karat = visit.karat();
    let own = visit.by.person();
    let mut names = Names::default();
    let mut rows = Vec::new();
    for proposal in karat.proposals(&visit.by).await? {
        let about = match proposal.target_kind.as_str() {
            "user" => match proposal.target.parse() {
                Ok(id) => names.of(&karat, id).await?.or(Some(proposal.target.clone())),
                Err(_) => Some(proposal.target.clone()),
            },
            _ => None,
        };
        let asked = |key: &str| proposal.asked.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        rows.push(ProposalRow {
            about,
            role: asked("role"),
            granted: proposal.asked.get("granted").and_then(|value| value.as_bool()).unwrap_or(true),
            what: asked("what").unwrap_or_default(),
            by: names.of(&karat, proposal.proposed_by).await?.unwrap_or_else(|| proposal.proposed_by.to_string()),
            is_own: own == Some(proposal.proposed_by),
            id: proposal.id,
            reason: proposal.reason,
            at: proposal.proposed_at,
            until: proposal.expires_at,
        });
    }
    let page = ProposalsPage { shell: visit.shell("proposals", Vec::new()), now: karat.now(), proposals: rows };
    visit.page(&page)
}

pub async fn post_confirm(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let visit = form.visit;
    let done = visit.karat().confirm_proposal(&visit.by, &id).await;
    visit.done(PATH, done.map(|()| ConsoleNotice::Confirmed)).await
}

pub async fn post_decline(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let visit = form.visit;
    let done = visit.karat().decline_proposal(&visit.by, &id).await;
    visit.done(PATH, done.map(|()| ConsoleNotice::Declined)).await
}
