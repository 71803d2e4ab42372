//! Registered clients.

use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::caller::Caller;
use super::done;
use super::input::{self, InBody, InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::metadata::ClientMetadata;
use super::problem::Problem;
use super::versions::{tagged, wanted};
use crate::config::ClientSection;
use crate::crypto::token::OpaqueToken;
use crate::domain::client::Client;
use crate::flow::Failure;
use crate::flow::admin::Authority;
use crate::flow::clients::registrar::{ClientVersion, Registered, Registrar};
use crate::flow::clients::{RegistrarError, metadata};
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::clients::Origin;
use crate::storage::directory::ListedClient;

const MERGE_PATCH: &str = "application/merge-patch+json";

/// A client as it stands.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClientView {
    client_id: String,
    /// `configuration`: kept in the configuration file, and changed there. `registered`: changed here. `self_registered`: by the app
    /// itself (RFC 7591); changed here, too.
    #[schema(pattern = "^(configuration|registered|self_registered)$")]
    origin: &'static str,
    disabled: bool,
    /// How many secrets it can authenticate with: two while one replaces the other.
    live_secrets: usize,
    has_logo: bool,
    metadata: ClientMetadata,
}

/// A client, and the secret that was made for it: shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ClientWithSecret {
    client: ClientView,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    #[schema(min_length = 1, max_length = 100)]
    client_id: String,
    metadata: ClientMetadata,
}

#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientReplacement {
    /// Switched off: nobody logs in to it, and its tokens are dead.
    disabled: bool,
    metadata: ClientMetadata,
}

/// What of it changes; null takes a value away (RFC 7396).
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ClientMetadata>)]
    metadata: Option<Map<String, Value>>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretRotation {
    /// The old secrets are dead at once; otherwise the youngest of them lives on beside the new one.
    #[serde(default)]
    only: bool,
}

impl ClientView {
    pub fn of(client: &Client, origin: Origin) -> Self {
        Self {
            client_id: client.id.to_string(),
            origin: origin.as_str(),
            disabled: client.disabled,
            live_secrets: metadata::secrets(client).len(),
            has_logo: client.pages.has_logo,
            metadata: ClientMetadata::of(metadata::of(client)),
        }
    }
}

impl ClientWithSecret {
    pub fn of(made: &Registered) -> Self {
        Self {
            client: ClientView::of(&made.client, made.origin),
            client_secret: made.secret.as_ref().map(OpaqueToken::expose).map(str::to_owned),
        }
    }
}

fn registrar<'a>(web: &'a Web, by: &'a Authority, headers: &HeaderMap) -> Result<Registrar<'a>, Problem> {
    Ok(web.karat.registrar(by).having_seen(wanted(headers)?.map(ClientVersion::from_text)))
}

fn shown(client: &Client, origin: Origin) -> Result<Response, Problem> {
    Ok(tagged(private_json(&ClientView::of(client, origin)), ClientVersion::of(client)?.as_str()))
}

fn with_secret(made: &Registered) -> Result<Response, Problem> {
    Ok(tagged(private_json(&ClientWithSecret::of(made)), ClientVersion::of(&made.client)?.as_str()))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClientFilter {
    /// Part of id or name.
    find: Option<String>,
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

#[utoipa::path(get, path = "/clients", tag = "clients", operation_id = "list_clients", summary = "Find clients",
    params(ClientFilter), responses((status = 200, description = "A page, by id", body = Page<ClientView>)),
    extensions(("x-karat-act" = json!("clients.read"))))]
pub async fn list(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InQuery(asked): InQuery<ClientFilter>,
) -> Result<Response, Problem> {
    let after = after::<String>(asked.cursor.as_deref())?;
    let (found, more) = web.karat.clients_page(&by, asked.find.as_deref(), after.as_deref(), asked.limit.0).await?;
    let key = |listed: &ListedClient| cursor(&listed.client.id);
    let show = |listed: ListedClient| ClientView::of(&listed.client, listed.origin);
    Ok(Page::told((&web, &uri), found, more, key, show).into_response())
}

#[utoipa::path(post, path = "/clients", tag = "clients", operation_id = "add_client", summary = "Register a client",
    description = "The secret, where it needs one, is made here and shown this once.",
    request_body = NewClient,
    responses((status = 201, description = "Registered", body = ClientWithSecret,
        headers(("ETag" = String), ("Location" = String)))),
    extensions(("x-karat-act" = json!("clients.add"))))]
pub async fn post(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(new): InBody<NewClient>,
) -> Result<Response, Problem> {
    let mut section = ClientSection { client_id: new.client_id, ..ClientSection::default() };
    new.metadata.put_into(&mut section);
    let made = web.karat.registrar(&by).add(section).await?;
    web.karat.clients.forget();
    let mut response = with_secret(&made)?;
    *response.status_mut() = StatusCode::CREATED;
    let place = web.karat.issuer.join(&format!("/admin/api/v1/clients/{}", segment(made.client.id.as_str())));
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

#[utoipa::path(get, path = "/clients/{client_id}", tag = "clients", operation_id = "get_client", summary = "One client",
    params(("client_id" = String, Path)),
    responses((status = 200, description = "As it stands", body = ClientView, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("clients.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<String>) -> Result<Response, Problem> {
    let (client, origin) = web.karat.registrar(&by).show(&id).await?;
    shown(&client, origin)
}

#[utoipa::path(put, path = "/clients/{client_id}", tag = "clients", operation_id = "replace_client",
    summary = "Replace what a client is registered with",
    params(("client_id" = String, Path), ("If-Match" = String, Header, description = "The ETag of what was read, or *")),
    request_body = ClientReplacement,
    responses((status = 200, description = "As it stands now", body = ClientWithSecret, headers(("ETag" = String))),
        (status = 409)),
    extensions(("x-karat-act" = json!("clients.change"))))]
pub async fn put(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
    InBody(new): InBody<ClientReplacement>,
) -> Result<Response, Problem> {
    let registrar = registrar(&web, &by, &headers)?;
    change(&web, registrar.update(&id, |section| new.metadata.put_into(section), Some(new.disabled)).await)
}

#[utoipa::path(patch, path = "/clients/{client_id}", tag = "clients", operation_id = "change_client",
    summary = "Change some of what a client is registered with",
    description = "A JSON merge patch (RFC 7396). Also switches a client off and on: `{\"disabled\": true}`.",
    params(("client_id" = String, Path), ("If-Match" = String, Header, description = "The ETag of what was read, or *")),
    request_body(content((ClientChange = "application/merge-patch+json"), (ClientChange = "application/json"))),
    responses((status = 200, description = "As it stands now", body = ClientWithSecret, headers(("ETag" = String))),
        (status = 409)),
    extensions(("x-karat-act" = json!("clients.change"))))]
pub async fn patch(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    request: Request,
) -> Result<Response, Problem> {
    input::is_json(request.headers(), &[MERGE_PATCH, "application/json"])?;
    let expected = wanted(request.headers())?.map(ClientVersion::from_text);
    let asked: ClientChange = input::read(&input::bytes(request, &web).await?)?;
    let asked = serde_json::to_value(asked).map_err(Failure::fault)?;
    let (old, _) = web.karat.registrar(&by).show(&id).await?;
    let seen = ClientVersion::of(&old)?;
    if expected.is_some_and(|expected| expected != seen) {
        return Err(RegistrarError::Stale(old.id).into());
    }
    let metadata = ClientMetadata::of(metadata::of(&old));
    let stands = serde_json::to_value(ClientReplacement { disabled: old.disabled, metadata });
    let mut document = stands.map_err(Failure::fault)?;
    merge(&mut document, asked);
    let new: ClientReplacement = input::read(document.to_string().as_bytes())?;
    // What was merged into is what is replaced, or nothing is.
    let registrar = web.karat.registrar(&by).having_seen(Some(seen));
    change(&web, registrar.update(&id, |section| new.metadata.put_into(section), Some(new.disabled)).await)
}

#[utoipa::path(delete, path = "/clients/{client_id}", tag = "clients", operation_id = "remove_client",
    summary = "Remove a client, its consents and its tokens",
    params(("client_id" = String, Path), ("If-Match" = String, Header, description = "The ETag of what was read, or *")),
    responses((status = 204, description = "Removed"), (status = 409)),
    extensions(("x-karat-act" = json!("clients.remove"))))]
pub async fn delete(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    registrar(&web, &by, &headers)?.remove(&id).await?;
    web.karat.clients.forget();
    Ok(done())
}

#[utoipa::path(post, path = "/clients/{client_id}/secret", tag = "clients", operation_id = "rotate_client_secret",
    summary = "Make a new secret", description = "Shown this once.",
    params(("client_id" = String, Path)), request_body = SecretRotation,
    responses((status = 200, description = "With the new secret", body = ClientWithSecret, headers(("ETag" = String)))),
    extensions(("x-karat-act" = json!("clients.rotate_secret"))))]
pub async fn post_secret(
    State(web): State<Web>,
    Caller(by): Caller,
    InPath(id): InPath<String>,
    InBody(how): InBody<SecretRotation>,
) -> Result<Response, Problem> {
    change(&web, web.karat.registrar(&by).rotate_secret(&id, None, how.only).await)
}

pub fn change(web: &Web, changed: Result<Registered, RegistrarError>) -> Result<Response, Problem> {
    let changed = changed?;
    web.karat.clients.forget();
    with_secret(&changed)
}

/// RFC 7396 section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Default::default());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// As one segment of a path.
fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
