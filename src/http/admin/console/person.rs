//! `/admin/people/{id}`: one person, and what can be done for them.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::clients::unprocessable;
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit, came_to, people};
use crate::domain::admin::Act;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::time::Seconds;
use crate::domain::user::{Condition, User};
use crate::flow::admin::directory::PersonView;
use crate::flow::admin::people::ExportAsked;
use crate::flow::admin::{Authority, Grave, Refusal};
use crate::flow::condition::Changed;
use crate::flow::export::{Export, Reader};
use crate::flow::sessions::device_name;
use crate::http::account::protection::rows::words_for;
use crate::http::error::PageError;
use crate::pages::admin::Crumb;
use crate::pages::admin::people::*;
use crate::pages::{FieldError, FieldErrors, Message, keys};

/// Of a hold that is begun by hand: 30 days.
const MOST_HOURS: i64 = 720;

pub async fn get(visit: ConsoleVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    show(visit, id_of(&id)?, FieldErrors::none()).await
}

async fn show(visit: ConsoleVisit, id: UserId, errors: FieldErrors) -> Result<Response, PageError> {
    let karat = visit.karat();
    let view = karat.person_view(&visit.by, id).await?;
    let second = &karat.settings.admin.second_person;
    let (since, because) = match &view.user.condition {
        Condition::Active => (None, None),
        Condition::Locked { since, because } => (Some(*since), Some(because.clone())),
        Condition::Frozen { since } => (Some(*since), None),
    };
    let crumb = Crumb { path: None, text: view.user.email.to_string() };
    let page = PersonPage {
        now: karat.now(),
        person: people::row(&karat, &view.user),
        name: view.user.profile.name.clone(),
        is_email_verified: view.user.email_verified_at.is_some(),
        password_changed_at: view.user.password_changed_at,
        locale: view.user.locale.clone(),
        because,
        condition_since: since,
        state: view.state.as_str(),
        roles: view.roles.iter().map(|role| role.as_str()).collect(),
        is_own: visit.by.person() == Some(view.user.id),
        removing_takes_two: second.contains(&Act::RemoveAuthenticator),
        export_takes_two: second.contains(&Act::ExportPerson),
        may: may(&visit.by),
        shell: visit.shell("people", vec![crumb]),
        sessions: sessions(&view),
        authenticators: authenticators(&view),
        consents: consents(&view),
        holds: holds(&view),
        events: events(&view),
        errors,
    };
    visit.page_at(&path_of(id), &page)
}

fn may(by: &Authority) -> MayDo {
    MayDo {
        freeze: by.may(Act::FreezePerson),
        unfreeze: by.may(Act::UnfreezePerson),
        end_sessions: by.may(Act::EndSessions),
        remove_authenticator: by.may(Act::RemoveAuthenticator),
        start_hold: by.may(Act::StartHold),
        lift_hold: by.may(Act::LiftHold),
        withdraw_consent: by.may(Act::WithdrawConsent),
        export: by.may(Act::ExportPerson),
        read_cases: by.may(Act::ReadCases),
        read_audit: by.may(Act::ReadAudit),
    }
}

fn sessions(view: &PersonView) -> Vec<SessionRow> {
    let row = |one: &crate::storage::sessions::Session| SessionRow {
        id: one.id.to_string(),
        device: device_name(&one.device.agent),
        place: one.device.address.clone(),
        acr: one.authentication.acr.as_str(),
        started_at: one.created_at,
        last_seen_at: one.last_seen_at,
    };
    view.sessions.iter().map(row).collect()
}

fn authenticators(view: &PersonView) -> Vec<AuthenticatorRow> {
    let row = |one: &crate::domain::authenticator::Authenticator| AuthenticatorRow {
        id: one.id.clone(),
        kind: one.kind().as_str(),
        name: one.name.clone(),
        added_at: one.created_at,
        used_at: one.last_used_at,
    };
    view.authenticators.iter().map(row).collect()
}

fn consents(view: &PersonView) -> Vec<ConsentRow> {
    let row = |one: &crate::domain::consent::Consent| ConsentRow {
        client: one.client_id.to_string(),
        scope: one.scope.iter().map(str::to_owned).collect(),
        since: one.given_at,
    };
    view.consents.iter().map(row).collect()
}

fn holds(view: &PersonView) -> Vec<HoldRow> {
    let row = |one: &crate::domain::hold::Hold| HoldRow {
        cause: one.cause.as_str(),
        began_at: one.began_at,
        ends_at: one.ends_at,
    };
    view.holds.iter().map(row).collect()
}

fn events(view: &PersonView) -> Vec<EventRow> {
    let row = |one: &crate::storage::events::PastEvent| EventRow {
        at: one.at,
        kind: one.kind.clone(),
        words: words_for(&one.kind),
        client: one.client_id.clone(),
        place: one.address.clone(),
    };
    view.events.iter().map(row).collect()
}

pub async fn post_freeze(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let (user, reason) = (account(&form, &id, Act::FreezePerson).await?, form.text("freeze_reason").to_owned());
    let visit = form.visit;
    let done = visit.karat().lock_account(&visit.by, &user, &reason).await;
    visit.done(&path_of(user.id), changed(done, ConsoleNotice::Frozen)).await
}

pub async fn post_unfreeze(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let (user, reason) = (account(&form, &id, Act::UnfreezePerson).await?, form.text("unfreeze_reason").to_owned());
    let visit = form.visit;
    let done = match reason.trim().is_empty() {
        true => Err(Refusal::ReasonMissing),
        false => visit.karat().unlock_account(&visit.by, &user, &reason).await,
    };
    visit.done(&path_of(user.id), changed(done, ConsoleNotice::Unfrozen)).await
}

pub async fn post_end_sessions(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    let only = match form.text("session") {
        "" => None,
        text => Some(text.parse::<SessionId>().map_err(|_| PageError::bad_request("session is no session"))?),
    };
    let visit = form.visit;
    let done = visit.karat().end_sessions_of(&visit.by, id, only).await;
    visit.done(&path_of(id), done.map(|_| ConsoleNotice::SessionsEnded)).await
}

pub async fn post_remove_authenticator(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    let wanted = Grave::RemoveAuthenticator { user: id, authenticator: form.text("authenticator").to_owned() };
    let reason = form.text("remove_reason").to_owned();
    let visit = form.visit;
    let done = visit.karat().grave(&visit.by, wanted, &reason).await;
    visit.done(&path_of(id), came_to(done, ConsoleNotice::AuthenticatorRemoved)).await
}

pub async fn post_hold(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let (id, reason) = (id_of(&id)?, form.text("hold_reason").to_owned());
    let hours = form.text("hold_hours").trim().parse().ok().filter(|hours| (1..=MOST_HOURS).contains(hours));
    let visit = form.visit;
    visit.by.permit_on(Act::StartHold, id)?;
    let Some(span) = hours.map(Seconds::hours) else {
        let errors = FieldError::on("hold_hours", Message::new(keys::ADMIN_NO_HOURS)).into();
        return show(visit, id, errors).await.map(unprocessable);
    };
    let done = visit.karat().hold_person(&visit.by, id, span, &reason).await;
    visit.done(&path_of(id), done.map(|_| ConsoleNotice::HoldStarted)).await
}

pub async fn post_lift(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let (id, reason) = (id_of(&id)?, form.text("lift_reason").to_owned());
    let visit = form.visit;
    let done = visit.karat().lift_holds(&visit.by, id, &reason).await;
    visit.done(&path_of(id), done.map(|_| ConsoleNotice::HoldLifted)).await
}

pub async fn post_withdraw(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    let client = form.text("client").parse().map_err(|_| PageError::bad_request("client is no client"))?;
    let visit = form.visit;
    let done = visit.karat().withdraw_consent_of(&visit.by, id, &client).await;
    visit.done(&path_of(id), done.map(|()| ConsoleNotice::ConsentWithdrawn)).await
}

/// The file itself; where two are needed, first a proposal.
pub async fn post_export(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let (id, reason) = (id_of(&id)?, form.text("export_reason").to_owned());
    let visit = form.visit;
    let karat = visit.karat();
    let asked = ExportAsked { reason: Some(&reason), reader: Reader::Operator };
    match karat.export_person(&visit.by, id, asked).await.map(Export::without_documents) {
        Ok(held) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"person.json\"")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            Ok(visit.at.visit.finish((headers, format!("{held:#}\n")).into_response()))
        }
        Err(Refusal::Conflict(_)) => {
            let asked = karat.grave(&visit.by, Grave::ExportPerson { user: id }, &reason).await;
            visit.done(&path_of(id), came_to(asked, ConsoleNotice::Proposed)).await
        }
        Err(refusal) => visit.done(&path_of(id), Err(refusal)).await,
    }
}

/// First the right, then the account: who may not act does not learn here who there is.
async fn account(form: &ConsoleForm, id: &str, act: Act) -> Result<User, PageError> {
    let by = &form.visit.by;
    if !by.may(act) {
        return Err(Refusal::Forbidden(act).into());
    }
    form.visit.karat().store.user(id_of(id)?).await?.ok_or(PageError::NotFound)
}

fn changed(done: Result<Changed, Refusal>, notice: ConsoleNotice) -> Result<ConsoleNotice, Refusal> {
    done.map(|changed| match changed {
        Changed::Done => notice,
        Changed::Already => ConsoleNotice::Stale,
    })
}

fn path_of(id: UserId) -> String {
    format!("{}/{id}", people::PATH)
}

fn id_of(text: &str) -> Result<UserId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
