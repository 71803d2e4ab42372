//! `/admin/people`: finding somebody. What is typed stands in no address: those end up in logs and histories.

use axum::response::Response;

use super::clients::unprocessable;
use super::{ConsoleForm, ConsoleVisit};
use crate::domain::admin::Act;
use crate::domain::hold::running;
use crate::domain::ids::UserId;
use crate::domain::user::{Condition, User};
use crate::flow::Karat;
use crate::flow::admin::Refusal;
use crate::flow::admin::directory::PeopleWanted;
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::people::{PeoplePage, PersonRow};
use crate::pages::{FieldError, FieldErrors, Message, keys};
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
    let mut errors = FieldErrors::none();
    let filter = query.text("filter").unwrap_or(Filter::All.as_str());
    let wanted = PeopleWanted {
        filter: Filter::parse(filter).unwrap_or_else(|| {
            errors.push("filter", Message::new(keys::ADMIN_NO_FILTER).with("given", filter));
            Filter::All
        }),
        after: place(query.text("after"), &mut errors),
        find: None,
    };
    show(visit, wanted, errors).await
}

pub async fn post_find(form: ConsoleForm) -> Result<Response, PageError> {
    let find = form.text("find").trim().to_owned();
    let mut errors = FieldErrors::none();
    let after = place(form.fields.get("after"), &mut errors);
    let wanted = PeopleWanted { find: Some(find), filter: Filter::All, after };
    show(form.visit, wanted, errors).await
}

/// Where in the list a page begins.
fn place(text: Option<&str>, errors: &mut FieldErrors) -> Option<UserId> {
    let read = text.map(str::parse);
    if matches!(read, Some(Err(_))) {
        errors.push(FieldError::FORM, Message::new(keys::ADMIN_NO_PLACE));
    }
    read.and_then(Result::ok)
}

/// Where something cannot be read, that is said and nobody is listed: a list that is another than the one that was asked for misleads.
async fn show(visit: ConsoleVisit, wanted: PeopleWanted, mut errors: FieldErrors) -> Result<Response, PageError> {
    let karat = visit.karat();
    let asked = match errors.is_empty() {
        true => karat.people(&visit.by, &wanted, ROWS_A_PAGE).await,
        false => visit.by.permit(Act::ReadPeople).map(|()| (Vec::new(), false)),
    };
    let (found, more) = match asked {
        // The person at whom the page before ended is gone.
        Err(Refusal::Invalid(_)) => {
            errors.push(FieldError::FORM, Message::new(keys::ADMIN_NO_PLACE));
            (Vec::new(), false)
        }
        other => other?,
    };
    let is_wrong = !errors.is_empty();
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
        errors,
    };
    let shown = visit.page_at(PATH, &page)?;
    Ok(if is_wrong { unprocessable(shown) } else { shown })
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
