//! `/account/sessions`: where one is logged in, and ending it.

use axum::response::Response;

use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use crate::domain::ids::SessionId;
use crate::flow::sessions::device_name;
use crate::http::error::PageError;
use crate::pages::account::{SessionRow, SessionsPage};

const PATH: &str = "/account/sessions";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let current = at.signed_in.session.id;
    let mut sessions = karat.sessions_of(at.signed_in.user.id).await?;
    sessions.sort_by_key(|session| session.id != current);
    let rows = sessions.into_iter().map(|session| SessionRow {
        id: session.id.to_string(),
        device: Some(device_name(&session.device.agent)),
        place: session.device.address,
        started_at: session.created_at,
        last_seen_at: session.last_seen_at,
        current: session.id == current,
    });
    let page = SessionsPage { now: karat.now(), sessions: rows.collect() };
    at.page(PATH, &page)
}

pub async fn post_end(form: OwnerForm) -> Result<Response, PageError> {
    let id = form.text("session").parse::<SessionId>();
    let mut at = form.at;
    let karat = at.visit.web.karat.clone();
    let Ok(id) = id else { return Err(PageError::bad_request("session is not a session id")) };
    if id == at.signed_in.session.id {
        karat.log_out(&at.signed_in).await?;
        at.visit.sign_out();
        return Ok(at.visit.see_other("/login"));
    }
    let ended = karat.end_own_session(at.owner(), id).await?;
    Ok(at.go(PATH, if ended > 0 { Notice::SessionEnded } else { Notice::SessionsEnded(0) }))
}

pub async fn post_end_others(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    let ended = karat.end_other_sessions(at.owner()).await?;
    Ok(at.go(PATH, Notice::SessionsEnded(ended)))
}
