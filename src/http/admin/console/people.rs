//! `/admin/people`: finding somebody. What is typed stands in no address: those end up in logs and histories.

use axum::response::Response;

use super::{ConsoleForm, ConsoleVisit};
use crate::domain::hold::running;
use crate::domain::user::{Condition, User};
use crate::flow::Karat;
use crate::flow::admin::directory::PeopleWanted;
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::people::{PeoplePage, PersonRow};
use crate::storage::directory::Filter;

pub const PATH: &str = "/admin/people";
const ROWS_A_PAGE: i64 = 50;
const FILTERS: [Filter; 8] = [
    Filter::All,
    Filter::Locked,
    Filter::Frozen,
    Filter::Held,
    Filter::Suspended,
    Filter::Level(1),
    Filter::Level(2),
    Filter::Level(3),
];

pub async fn get(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    let filter = query.text("filter").and_then(Filter::parse).unwrap_or_default();
    let after = query.text("after").and_then(|text| text.parse().ok());
    show(visit, PeopleWanted { find: None, filter, after }).await
}

pub async fn post_find(form: ConsoleForm) -> Result<Response, PageError> {
    let find = form.text("find").trim().to_owned();
    let after = form.fields.get("after").and_then(|text| text.parse().ok());
    let wanted = PeopleWanted { find: Some(find), filter: Filter::All, after };
    show(form.visit, wanted).await
}

async fn show(visit: ConsoleVisit, wanted: PeopleWanted) -> Result<Response, PageError> {
    let karat = visit.karat();
    let (found, more) = karat.people(&visit.by, &wanted, ROWS_A_PAGE).await?;
    // Who typed a whole address or id means that one.
    if let (Some(find), [one], None) = (&wanted.find, found.as_slice(), wanted.after)
        && [one.email.to_string(), one.id.to_string()].contains(&find.to_lowercase())
    {
        return Ok(visit.at.visit.see_other(&format!("{PATH}/{}", one.id)));
    }
    let page = PeoplePage {
        shell: visit.shell("people", Vec::new()),
        now: karat.now(),
        is_later: wanted.after.is_some(),
        find: wanted.find.unwrap_or_default(),
        filter: wanted.filter.as_str(),
        filters: FILTERS.iter().map(|filter| filter.as_str()).collect(),
        after: found.last().filter(|_| more).map(|last| last.id.to_string()),
        people: found.iter().map(|user| row(&karat, user)).collect(),
    };
    visit.page_at(PATH, &page)
}

pub fn row(karat: &Karat, user: &User) -> PersonRow {
    PersonRow {
        id: user.id.to_string(),
        email: user.email.to_string(),
        condition: match user.condition {
            Condition::Active => "active",
            Condition::Locked { .. } => "locked",
            Condition::Frozen { .. } => "frozen",
        },
        level: karat.kyc_tier(user).level(),
        is_suspended: user.kyc.suspended().is_some(),
        hold_until: running(user.hold_until, karat.now()),
        since: user.created_at,
    }
}
