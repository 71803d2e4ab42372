//! The operator's systems that are told what happens (Standard Webhooks).

use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::caller::Caller;
use super::done;
use super::input::{InBody, InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::problem::Problem;
use super::versions::{tagged, wanted_if_said};
use crate::crypto::webhook_secret::WebhookSecret;
use crate::domain::time::Timestamp;
use crate::flow::webhooks::{EndpointVersion, WebhookEntry};
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::webhooks::Endpoint;
use crate::storage::webhooks::deliveries::{Delivery, DeliveryAttempt};

#[derive(Serialize, utoipa::ToSchema)]
pub struct WebhookShown {
    id: String,
    url: String,
    /// Kinds of events, groups of them, or `*`.
    events: Vec<String>,
    description: String,
    enabled: bool,
    /// Why nothing is sent.
    disabled_because: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// An endpoint, and the secret that signs its messages: shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WebhookWithSecret {
    webhook: WebhookShown,
    secret: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct WebhookSecretMade {
    secret: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    #[schema(format = "uri")]
    url: String,
    events: Vec<String>,
    description: Option<String>,
}

/// What is left out, or null, stays.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    #[schema(format = "uri")]
    url: Option<String>,
    events: Option<Vec<String>>,
    description: Option<String>,
    enabled: Option<bool>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRotation {
    /// The old secret signs no more at once; otherwise it signs as well for a day.
    #[serde(default)]
    at_once: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct SentMessage {
    /// The `webhook-id`.
    message: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

/// A message, without what was in it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeliveryRow {
    /// The `webhook-id`.
    id: String,
    event: String,
    state: &'static str,
    attempts: Vec<AttemptRow>,
    created_at: i64,
    finished_at: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AttemptRow {
    at: i64,
    /// What the endpoint answered, if it did.
    status: Option<u16>,
    millis: i64,
    error: Option<String>,
}

impl From<Endpoint> for WebhookShown {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.wanted.iter().map(str::to_owned).collect(),
            description: endpoint.description,
            enabled: endpoint.disabled.is_none(),
            disabled_because: endpoint.disabled.map(|(_, why)| why),
            created_at: endpoint.created_at.unix(),
            updated_at: endpoint.updated_at.unix(),
        }
    }
}

impl From<Delivery> for DeliveryRow {
    fn from(delivery: Delivery) -> Self {
        let attempt = |made: DeliveryAttempt| AttemptRow {
            at: made.at.unix(),
            status: made.status,
            millis: made.millis,
            error: made.error,
        };
        Self {
            id: delivery.id,
            event: delivery.event,
            state: delivery.state.as_str(),
            attempts: delivery.attempts.into_iter().map(attempt).collect(),
            created_at: delivery.created_at.unix(),
            finished_at: delivery.finished_at.map(Timestamp::unix),
        }
    }
}

fn shown(endpoint: Endpoint) -> Response {
    let version = EndpointVersion::of(&endpoint);
    tagged(private_json(&WebhookShown::from(endpoint)), version.as_str())
}

fn told(secret: &WebhookSecret) -> String {
    secret.expose().to_owned()
}

#[utoipa::path(get, path = "/webhooks", tag = "webhooks", operation_id = "list_webhooks", summary = "Who is told what happens",
    responses((status = 200, description = "All endpoints", body = Page<WebhookShown>)),
    extensions(("x-karat-act" = json!("webhooks.read"))))]
pub async fn list(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    let all = web.karat.webhooks(&by).await?;
    Ok(Page::whole(all.into_iter().map(WebhookShown::from).collect()).into_response())
}

#[utoipa::path(post, path = "/webhooks", tag = "webhooks", operation_id = "add_webhook", summary = "Add an endpoint",
    request_body = NewWebhook,
    responses((status = 201, description = "Added, with its secret", body = WebhookWithSecret, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn post(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(new): InBody<NewWebhook>,
) -> Result<Response, Problem> {
    let (url, events) = (Some(new.url), Some(new.events));
    let entry = WebhookEntry { url, events, description: new.description, ..WebhookEntry::default() };
    let (endpoint, secret) = web.karat.add_webhook(&by, &entry).await?;
    let version = EndpointVersion::of(&endpoint);
    let mut response = private_json(&WebhookWithSecret { webhook: endpoint.into(), secret: told(&secret) });
    *response.status_mut() = StatusCode::CREATED;
    Ok(tagged(response, version.as_str()))
}

#[utoipa::path(get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "get_webhook", summary = "One endpoint",
    params(("id" = String, Path, description = "Of the endpoint")),
    responses((status = 200, description = "As it stands", body = WebhookShown, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("webhooks.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<String>) -> Result<Response, Problem> {
    Ok(shown(web.karat.webhook(&by, &id).await?))
}

#[utoipa::path(patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "change_webhook",
    summary = "Change an endpoint, switch it off or on",
    params(("id" = String, Path, description = "Of the endpoint"),
        ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")),
    request_body = WebhookChange,
    responses((status = 200, description = "As it stands now", body = WebhookShown, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn patch(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
    InBody(new): InBody<WebhookChange>,
) -> Result<Response, Problem> {
    let seen = wanted_if_said(&headers)?.map(EndpointVersion::from_text);
    let WebhookChange { url, events, description, enabled } = new;
    let entry = WebhookEntry { url, events, description, enabled, seen };
    Ok(shown(web.karat.change_webhook(&by, &id, &entry).await?))
}

#[utoipa::path(delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "remove_webhook",
    summary = "Remove an endpoint",
    params(("id" = String, Path, description = "Of the endpoint"),
        ("If-Match" = Option<String>, Header, description = "The ETag of what was read, or *")),
    responses((status = 204, description = "Removed")), extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn delete(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = wanted_if_said(&headers)?.map(EndpointVersion::from_text);
    web.karat.remove_webhook(&by, &id, seen.as_ref()).await?;
    Ok(done())
}

#[utoipa::path(post, path = "/webhooks/{id}/secret", tag = "webhooks", operation_id = "rotate_webhook_secret",
    summary = "Make a new secret", description = "Shown this once.",
    params(("id" = String, Path, description = "Of the endpoint")), request_body = WebhookRotation,
    responses((status = 200, description = "The new secret", body = WebhookSecretMade)),
    extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn post_secret(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    InBody(how): InBody<WebhookRotation>,
) -> Result<Response, Problem> {
    let secret = web.karat.rotate_webhook_secret(&by, &id, how.at_once).await?;
    Ok(private_json(&WebhookSecretMade { secret: told(&secret) }))
}

#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "webhooks", operation_id = "test_webhook",
    summary = "Send a test message", params(("id" = String, Path, description = "Of the endpoint")),
    responses((status = 200, description = "On its way", body = SentMessage)),
    extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn test(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<String>) -> Result<Response, Problem> {
    let message = web.karat.test_webhook(&by, &id).await?;
    Ok(private_json(&SentMessage { message }))
}

#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "list_deliveries",
    summary = "The log of messages, the newest first",
    params(("id" = String, Path, description = "Of the endpoint"), Paging),
    responses((status = 200, description = "A page", body = Page<DeliveryRow>)),
    extensions(("x-karat-act" = json!("webhooks.read"))))]
pub async fn deliveries(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InPath(id): InPath<String>,
    InQuery(asked): InQuery<Paging>,
) -> Result<Response, Problem> {
    let before = after::<String>(asked.cursor.as_deref())?.unwrap_or_default();
    let found = web.karat.webhook_deliveries(&by, &id, &before, asked.limit.0 + 1).await?;
    Ok(Page::of((&web, &uri), asked.limit, found, |one| cursor(&one.id), DeliveryRow::from).into_response())
}

#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{message}/again", tag = "webhooks", operation_id = "redeliver",
    summary = "Send a message once more, under the id that it had",
    params(("id" = String, Path, description = "Of the endpoint"), ("message" = String, Path, description = "The `webhook-id`")),
    responses((status = 204, description = "On its way")), extensions(("x-karat-act" = json!("webhooks.change"))))]
pub async fn redeliver(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath((id, message)): InPath<(String, String)>,
) -> Result<Response, Problem> {
    web.karat.redeliver_webhook(&by, &id, &message).await?;
    Ok(done())
}
