//! The house itself: signing keys, what is on its way out, health.

use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::IntoParams;

use super::caller::Caller;
use super::done;
use super::input::{InBody, InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::named;
use super::problem::Problem;
use crate::domain::jose::Algorithm;
use crate::domain::time::Timestamp;
use crate::flow::admin::house::{PublishedKey, System};
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::outbox::{OutboxEntry, Wanted};

/// A key that is published. The secret half is told to nobody.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SigningKey {
    kid: String,
    #[schema(schema_with = named::algorithms)]
    algorithm: &'static str,
    created_at: i64,
    /// Since when it signs no more.
    retired_at: Option<i64>,
    published_until: Option<i64>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    #[schema(schema_with = named::algorithms)]
    algorithm: Algorithm,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeKey {
    kid: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OutboxFilter {
    #[serde(default = "waiting", deserialize_with = "which")]
    #[param(schema_with = named::outbox_lists)]
    which: Wanted,
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// Something on its way out, without what is in it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OutboxRow {
    id: String,
    /// `mail`, `sms`, `logout_token`, ..
    kind: String,
    /// The client for what goes to apps.
    target: String,
    created_at: i64,
    next_attempt_at: i64,
    attempts: i64,
    finished_at: Option<i64>,
    outcome: Option<String>,
    last_error: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct SystemShown {
    version: &'static str,
    /// `sqlite` or `postgresql`.
    database: &'static str,
    database_answers: bool,
    ephemeral_answers: bool,
    outbox_waiting: i64,
    /// When the oldest that waits was written.
    outbox_oldest: Option<i64>,
    /// How many entries the audit log has.
    audit_entries: i64,
    /// Of those the caller could do.
    open_proposals: usize,
}

fn waiting() -> Wanted {
    Wanted::Waiting
}

fn which<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Wanted, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "waiting" => Ok(Wanted::Waiting),
        "failed" => Ok(Wanted::Failed),
        _ => Err(de::Error::custom("which is waiting or failed")),
    }
}

impl From<PublishedKey> for SigningKey {
    fn from(key: PublishedKey) -> Self {
        Self {
            kid: key.kid,
            algorithm: key.alg.as_str(),
            created_at: key.created_at.unix(),
            retired_at: key.retired.map(|(at, _)| at.unix()),
            published_until: key.retired.map(|(_, until): (Timestamp, Timestamp)| until.unix()),
        }
    }
}

impl From<OutboxEntry> for OutboxRow {
    fn from(entry: OutboxEntry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            target: entry.target,
            created_at: entry.created_at,
            next_attempt_at: entry.next_attempt_at,
            attempts: entry.attempts,
            finished_at: entry.finished_at,
            outcome: entry.outcome,
            last_error: entry.last_error,
        }
    }
}

impl From<System> for SystemShown {
    fn from(system: System) -> Self {
        Self {
            version: system.version,
            database: system.database,
            database_answers: system.database_answers,
            ephemeral_answers: system.ephemeral_answers,
            outbox_waiting: system.outbox.waiting,
            outbox_oldest: system.outbox.oldest,
            audit_entries: system.audit.seq,
            open_proposals: system.open_proposals,
        }
    }
}

#[utoipa::path(get, path = "/keys", tag = "keys", operation_id = "list_keys", summary = "The signing keys that are published",
    responses((status = 200, description = "All of them", body = Page<SigningKey>)),
    extensions(("x-karat-act" = json!("keys.read"))))]
pub async fn keys(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    let keys = web.karat.signing_keys(&by).await?;
    Ok(Page::whole(keys.into_iter().map(SigningKey::from).collect()).into_response())
}

#[utoipa::path(post, path = "/keys/rotate", tag = "keys", operation_id = "rotate_key", summary = "Make a new signing key",
    description = "It is published at once and signs a minute and a half later; the old one stays published until its last token is dead.",
    request_body = KeyRotation, responses((status = 200, description = "Made", body = MadeKey)),
    extensions(("x-karat-act" = json!("keys.rotate"))))]
pub async fn rotate_key(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(wanted): InBody<KeyRotation>,
) -> Result<Response, Problem> {
    let kid = web.karat.rotate_signing_key(&by, wanted.algorithm).await?;
    Ok(private_json(&MadeKey { kid }))
}

#[utoipa::path(post, path = "/keys/{kid}/retire", tag = "keys", operation_id = "retire_key",
    summary = "Withdraw a key that no longer signs, at once", description = "Every token that it signed is dead. Rotate first.",
    params(("kid" = String, Path)), responses((status = 204, description = "Withdrawn")),
    extensions(("x-karat-act" = json!("keys.rotate"))))]
pub async fn retire_key(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(kid): InPath<String>,
) -> Result<Response, Problem> {
    web.karat.retire_signing_key(&by, &kid).await?;
    Ok(done())
}

#[utoipa::path(get, path = "/outbox", tag = "outbox", operation_id = "list_outbox",
    summary = "What is on its way out, the youngest first", params(OutboxFilter),
    responses((status = 200, description = "A page", body = Page<OutboxRow>)),
    extensions(("x-karat-act" = json!("outbox.read"))))]
pub async fn outbox(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InQuery(asked): InQuery<OutboxFilter>,
) -> Result<Response, Problem> {
    let before = after::<String>(asked.cursor.as_deref())?;
    let found = web.karat.outbox(&by, asked.which, before.as_deref(), asked.limit.0 + 1).await?;
    Ok(Page::of((&web, &uri), asked.limit, found, |entry| cursor(&entry.id), OutboxRow::from).into_response())
}

#[utoipa::path(post, path = "/outbox/{id}/retry", tag = "outbox", operation_id = "retry_outgoing",
    summary = "Try what waits at once", params(("id" = String, Path, description = "Of the entry")),
    responses((status = 204, description = "Due now")), extensions(("x-karat-act" = json!("outbox.retry"))))]
pub async fn retry(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
) -> Result<Response, Problem> {
    web.karat.retry_outgoing(&by, &id).await?;
    Ok(done())
}

#[utoipa::path(get, path = "/system", tag = "system", operation_id = "get_system", summary = "Version, stores, what waits",
    responses((status = 200, description = "As it is now", body = SystemShown)),
    extensions(("x-karat-act" = json!("system.read"))))]
pub async fn system(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    Ok(private_json(&SystemShown::from(web.karat.system(&by).await?)))
}
