//! People: finding them, looking after their accounts. What is known of them beyond the account is not told, and no secret is.

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::audit::Because;
use super::caller::Caller;
use super::done;
use super::input::{InBody, InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::named;
use super::people_views::{EndedSessions, HoldUntil, PersonRow, PersonShown};
use super::problem::{Kind, Problem};
use super::proposals::outcome;
use super::versions::{tagged, wanted_if_said};
use crate::crypto::token::{OpaqueToken, Secret, TokenHash};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{ClientId, SessionId, UserId};
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::admin::directory::PeopleWanted;
use crate::flow::admin::people::ExportAsked;
use crate::flow::admin::{Authority, Grave, Refusal};
use crate::flow::condition::{Changed, NewAccount, NotMade};
use crate::flow::export::Reader;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::pages::Locale;
use crate::storage::directory::Filter;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeopleFilter {
    /// The beginning of an e-mail address, or a whole id.
    find: Option<String>,
    /// Counts when nothing is to be found.
    #[serde(default, deserialize_with = "named::filter")]
    #[param(schema_with = named::filters)]
    filter: Filter,
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// The person chooses a password by the link for a forgotten one: nobody of the operator's ever knows it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The operator answers for it.
    #[schema(format = "email")]
    email: String,
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Of mails; `en` or `es`.
    #[serde(default, deserialize_with = "named::locale")]
    #[schema(schema_with = named::locales)]
    locale: Option<Locale>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    #[serde(deserialize_with = "named::whole")]
    #[schema(minimum = 1, maximum = 2_592_000)]
    seconds: i64,
    /// For the audit log.
    #[schema(min_length = 1)]
    reason: String,
}

#[utoipa::path(get, path = "/people", tag = "people", operation_id = "list_people", summary = "Find people",
    params(PeopleFilter), responses((status = 200, description = "A page", body = Page<PersonRow>), (status = 422)),
    extensions(("x-karat-act" = json!("people.read"))))]
pub async fn list(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InQuery(asked): InQuery<PeopleFilter>,
) -> Result<Response, Problem> {
    let wanted =
        PeopleWanted { find: asked.find, filter: asked.filter, after: after::<UserId>(asked.cursor.as_deref())? };
    let (found, more) = web.karat.people(&by, &wanted, asked.limit.0).await?;
    let page = Page::told((&web, &uri), found, more, |user| cursor(&user.id), |user| PersonRow::of(&web.karat, &user));
    Ok(page.into_response())
}

#[utoipa::path(post, path = "/people", tag = "people", operation_id = "add_person", summary = "Make an account",
    request_body = NewPerson,
    responses((status = 201, description = "Made", body = PersonRow, headers(("Location" = String)))),
    extensions(("x-karat-act" = json!("people.add"))))]
pub async fn post(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(new): InBody<NewPerson>,
) -> Result<Response, Problem> {
    let email: EmailAddress = new.email.parse().map_err(|_| Problem::invalid("email", "is no e-mail address"))?;
    let account = NewAccount {
        email,
        password: Secret::new(OpaqueToken::mint().expose()),
        locale: new.locale.unwrap_or(web.default_locale()),
        name: new.name,
    };
    let made = web.karat.make_account(&by, account).await.map_err(|refused| match refused {
        NotMade::Taken => Problem::new(Kind::Conflict, refused.to_string()),
        NotMade::Name => Problem::invalid("name", refused.to_string()),
        NotMade::Weak(_) => Problem::invalid("email", refused.to_string()),
        NotMade::Refused(refusal) => refusal.into(),
        NotMade::Failed(failure) => failure.into(),
    })?;
    let mut response = private_json(&PersonRow::of(&web.karat, &made));
    *response.status_mut() = StatusCode::CREATED;
    let place = web.karat.issuer.join(&format!("/admin/api/v1/people/{}", made.id));
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

#[utoipa::path(get, path = "/people/{id}", tag = "people", operation_id = "get_person",
    summary = "One person: account, sessions, authenticators, consents, holds, history",
    params(("id" = String, Path, description = "The `sub`")),
    responses((status = 200, description = "As they stand", body = PersonShown, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("people.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<UserId>) -> Result<Response, Problem> {
    let shown = PersonShown::of(&web.karat, web.karat.person_view(&by, id).await?);
    Ok(tagged(private_json(&shown), &version_of(&shown)?))
}

/// Equal texts are equal answers.
fn version_of(shown: &PersonShown) -> Result<String, Problem> {
    let text = serde_json::to_string(shown).map_err(Failure::fault)?;
    Ok(TokenHash::of_text("person version", &text).into_string())
}

/// Whether the person still stands as whoever asks has read it, if they say what that was. Each act judges the account again as it is done.
async fn stands(web: &Web, by: &Authority, id: UserId, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(seen) = wanted_if_said(headers)? else { return Ok(()) };
    let shown = PersonShown::of(&web.karat, web.karat.person_view(by, id).await?);
    if version_of(&shown)? == seen { Ok(()) } else { Err(Refusal::Stale.into()) }
}

#[utoipa::path(post, path = "/people/{id}/freeze", tag = "people", operation_id = "freeze_person",
    summary = "Nobody gets in any more, and whoever is in is out",
    params(("id" = String, Path, description = "The `sub`"), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")), request_body = Because,
    responses((status = 204, description = "Frozen")), extensions(("x-karat-act" = json!("people.freeze"))))]
pub async fn freeze(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
    headers: HeaderMap,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    stands(&web, &by, id, &headers).await?;
    let user = web.karat.store.user(id).await?.ok_or_else(Problem::not_found)?;
    switched(web.karat.lock_account(&by, &user, &because.reason).await)
}

#[utoipa::path(post, path = "/people/{id}/unfreeze", tag = "people", operation_id = "unfreeze_person",
    summary = "Let them in again", params(("id" = String, Path, description = "The `sub`"), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")), request_body = Because,
    responses((status = 204, description = "Active again")), extensions(("x-karat-act" = json!("people.unfreeze"))))]
pub async fn unfreeze(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
    headers: HeaderMap,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    stands(&web, &by, id, &headers).await?;
    let user = web.karat.store.user(id).await?.ok_or_else(Problem::not_found)?;
    switched(web.karat.unlock_account(&by, &user, &because.reason).await)
}

fn switched(changed: Result<Changed, Refusal>) -> Result<Response, Problem> {
    match changed? {
        Changed::Done => Ok(done()),
        Changed::Already => Err(Problem::new(Kind::Conflict, "it stands so already")),
    }
}

#[utoipa::path(delete, path = "/people/{id}/sessions", tag = "people", operation_id = "end_sessions",
    summary = "End all sessions", params(("id" = String, Path, description = "The `sub`")),
    responses((status = 200, description = "Ended", body = EndedSessions)),
    extensions(("x-karat-act" = json!("people.end_sessions"))))]
pub async fn end_sessions(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
) -> Result<Response, Problem> {
    let ended = web.karat.end_sessions_of(&by, id, None).await?;
    Ok(private_json(&EndedSessions { ended }))
}

#[utoipa::path(delete, path = "/people/{id}/sessions/{session}", tag = "people", operation_id = "end_session",
    summary = "End one session",
    params(("id" = String, Path, description = "The `sub`"), ("session" = String, Path, description = "Its id")),
    responses((status = 204, description = "Ended")), extensions(("x-karat-act" = json!("people.end_sessions"))))]
pub async fn end_session(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath((id, session)): InPath<(UserId, SessionId)>,
) -> Result<Response, Problem> {
    web.karat.end_sessions_of(&by, id, Some(session)).await?;
    Ok(done())
}

#[utoipa::path(delete, path = "/people/{id}/consents/{client_id}", tag = "people", operation_id = "withdraw_consent",
    summary = "Withdraw what the person allowed an app",
    params(("id" = String, Path, description = "The `sub`"), ("client_id" = String, Path)),
    responses((status = 204, description = "Withdrawn")), extensions(("x-karat-act" = json!("people.withdraw_consent"))))]
pub async fn withdraw_consent(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath((id, client)): InPath<(UserId, String)>,
) -> Result<Response, Problem> {
    let client: ClientId = client.parse().map_err(|_| Problem::not_found())?;
    web.karat.withdraw_consent_of(&by, id, &client).await?;
    Ok(done())
}

#[utoipa::path(post, path = "/people/{id}/holds", tag = "people", operation_id = "start_hold",
    summary = "Money waits", description = "From now on for so many seconds; an earlier hold that lasts longer stays.",
    params(("id" = String, Path, description = "The `sub`"), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")), request_body = NewHold,
    responses((status = 200, description = "Begun", body = HoldUntil)),
    extensions(("x-karat-act" = json!("people.start_hold"))))]
pub async fn hold(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
    headers: HeaderMap,
    InBody(new): InBody<NewHold>,
) -> Result<Response, Problem> {
    stands(&web, &by, id, &headers).await?;
    let until = web.karat.hold_person(&by, id, Seconds(new.seconds), &new.reason).await?;
    Ok(private_json(&HoldUntil::of(Some(until))))
}

#[utoipa::path(post, path = "/people/{id}/holds/lift", tag = "people", operation_id = "lift_holds",
    summary = "End the holds that were begun by hand", description = "Those that follow a change of security pass by themselves.",
    params(("id" = String, Path, description = "The `sub`"), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")), request_body = Because,
    responses((status = 200, description = "Lifted", body = HoldUntil)),
    extensions(("x-karat-act" = json!("people.lift_hold"))))]
pub async fn lift_holds(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
    headers: HeaderMap,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    stands(&web, &by, id, &headers).await?;
    Ok(private_json(&HoldUntil::of(web.karat.lift_holds(&by, id, &because.reason).await?)))
}

#[utoipa::path(post, path = "/people/{id}/authenticators/{authenticator}/remove", tag = "people",
    operation_id = "remove_authenticator", summary = "Remove an authenticator that was lost",
    description = "The person is told, is out everywhere, and money waits.",
    params(("id" = String, Path, description = "The `sub`"), ("authenticator" = String, Path, description = "Its id"), ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")),
    request_body = Because,
    responses((status = 204, description = "Removed"),
        (status = 202, description = "Waits for a second person", body = super::proposals::Proposed)),
    extensions(("x-karat-act" = json!("people.remove_authenticator"))))]
pub async fn remove_authenticator(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath((user, authenticator)): InPath<(UserId, String)>,
    headers: HeaderMap,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    stands(&web, &by, user, &headers).await?;
    let wanted = Grave::RemoveAuthenticator { user, authenticator };
    Ok(outcome(&web, web.karat.grave(&by, wanted, &because.reason).await?))
}

#[utoipa::path(get, path = "/people/{id}/export", tag = "people", operation_id = "export_person",
    summary = "Everything that is held about somebody", description = "Where a second person has to agree, propose it first.",
    params(("id" = String, Path, description = "The `sub`")),
    responses((status = 200, description = "Without secrets and documents; what reviewers noted is in it for those who may read cases", body = Object), (status = 409)),
    extensions(("x-karat-act" = json!("people.export"))))]
pub async fn export(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<UserId>,
) -> Result<Response, Problem> {
    let asked = ExportAsked { reason: None, reader: Reader::Operator };
    Ok(private_json(&web.karat.export_person(&by, id, asked).await?.without_documents()))
}

#[utoipa::path(post, path = "/people/{id}/export/propose", tag = "people", operation_id = "propose_person_export",
    summary = "Ask a second person to agree to an export",
    params(("id" = String, Path, description = "The `sub`")), request_body = Because,
    responses((status = 204, description = "Nobody else has to agree: it may be fetched"),
        (status = 202, description = "Waits for a second person", body = super::proposals::Proposed)),
    extensions(("x-karat-act" = json!("people.export"))))]
pub async fn propose_export(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(user): InPath<UserId>,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    Ok(outcome(&web, web.karat.grave(&by, Grave::ExportPerson { user }, &because.reason).await?))
}
