//! `/admin/clients`: the list of apps, and one app.

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;
use crate::domain::client::{Client, ClientAuthentication, ConsentRule};
use crate::domain::parameters::Parameters;
use crate::domain::redirect_uri::{ApplicationType, RedirectUri};
use crate::flow::admin::Refusal;
use crate::flow::authorize::AuthorizeError;
use crate::flow::clients::metadata::secrets;
use crate::flow::clients::registrar::{ClientVersion, RegistrarError};
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::http::visit::badge_of;
use crate::pages::FieldErrors;
use crate::pages::admin::Crumb;
use crate::pages::admin::clients::{AppKind, ClientPage, ClientRow, ClientsPage, Tested};
use crate::storage::clients::Origin;

pub const PATH: &str = "/admin/clients";
const ROWS_A_PAGE: i64 = 50;

pub async fn get(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    let karat = visit.karat();
    let find = query.text("find").unwrap_or_default().trim().to_owned();
    let after = query.text("after");
    let (found, more) = karat.clients_page(&visit.by, Some(&find), after, ROWS_A_PAGE).await?;
    let link = |after: Option<&str>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(Some(find.as_str()).filter(|find| !find.is_empty()).map(|find| ("find", find)));
        query.extend_pairs(after.map(|after| ("after", after)));
        format!("{PATH}?{}", query.finish())
    };
    let page = ClientsPage {
        newest: after.map(|_| link(None)),
        further: found.last().filter(|_| more).map(|last| link(Some(last.client.id.as_str()))),
        clients: found
            .into_iter()
            .map(|one| ClientRow {
                id: one.client.id.to_string(),
                kind: kind_of(&one.client),
                name: one.client.name,
                is_configured: one.origin == Origin::Configuration,
                registered_itself: one.origin == Origin::SelfRegistered,
                is_disabled: one.client.disabled,
                since: one.created_at,
            })
            .collect(),
        find,
        may_add: visit.by.may(Act::AddClient),
        shell: visit.shell("clients", Vec::new()),
    };
    visit.page(&page)
}

pub async fn get_one(visit: ConsoleVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    show(visit, &id, Shown::default()).await
}

/// What the page of an app shows beyond the app.
#[derive(Default)]
pub struct Shown {
    pub secret: Option<OpaqueToken>,
    pub tested: Option<Tested>,
    /// Of the logo.
    pub errors: FieldErrors,
}

pub async fn show(visit: ConsoleVisit, id: &str, shown: Shown) -> Result<Response, PageError> {
    visit.by.permit(Act::ReadClients)?;
    let karat = visit.karat();
    let (client, origin) = karat.registrar(&visit.by).show(id).await.map_err(refusal)?;
    let secret_count = match &client.authentication {
        ClientAuthentication::ClientSecretBasic { .. } | ClientAuthentication::ClientSecretPost { .. } => {
            Some(secrets(&client).len())
        }
        _ => None,
    };
    let path = path_of(client.id.as_str());
    let page = ClientPage {
        version: ClientVersion::of(&client)?.as_str().to_owned(),
        kind: kind_of(&client),
        is_configured: origin == Origin::Configuration,
        registered_itself: origin == Origin::SelfRegistered,
        is_disabled: client.disabled,
        is_verified: client.pages.verified,
        app: badge_of(&client, client.redirect_uris.first().map_or("", RedirectUri::as_str)),
        accent_color: client.pages.accent.map(|accent| accent.to_string()),
        method: client.authentication.as_str(),
        secrets: secret_count,
        grants: client.grant_types.iter().map(|grant| grant.as_str()).collect(),
        redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
        post_logout_redirect_uris: client.post_logout_redirect_uris.iter().map(ToString::to_string).collect(),
        backchannel_logout_uri: client.logout.backchannel_uri.clone(),
        scope: client.scope.iter().map(str::to_owned).collect(),
        audience: client.audience.clone(),
        requires_pkce: client.require_pkce,
        id_token_alg: client.id_token_alg.as_str(),
        consent: consent_name(client.consent),
        links: [client.pages.home, client.pages.policy, client.pages.terms].into_iter().flatten().collect(),
        issuer: karat.issuer.as_str().to_owned(),
        may_change: visit.by.may(Act::ChangeClient),
        secret: shown.secret.map(|secret| secret.expose().to_owned()),
        tested: shown.tested,
        errors: shown.errors,
        shell: crate::pages::admin::Shell {
            path: path.clone(),
            ..visit.shell("clients", vec![Crumb { path: None, text: client.id.to_string() }])
        },
        id: client.id.to_string(),
        name: client.name,
    };
    visit.page_at(&path, &page)
}

pub async fn post_rotate(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let seen = seen(&form);
    let visit = form.visit;
    let karat = visit.karat();
    let rotated = karat.registrar(&visit.by).having_seen(seen).rotate_secret(&id, None, false).await;
    match rotated {
        Ok(rotated) => {
            karat.clients.forget();
            show(visit, &id, Shown { secret: rotated.secret, ..Shown::default() }).await
        }
        Err(error) => visit.done(&path_of(&id), Err(refusal(error))).await,
    }
}

pub async fn post_disable(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    switch(form, &id, true).await
}

pub async fn post_enable(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    switch(form, &id, false).await
}

async fn switch(form: ConsoleForm, id: &str, off: bool) -> Result<Response, PageError> {
    let seen = seen(&form);
    let visit = form.visit;
    let karat = visit.karat();
    let done = karat.registrar(&visit.by).having_seen(seen).update(id, |_| {}, Some(off)).await;
    karat.clients.forget();
    let notice = if off { ConsoleNotice::ClientOff } else { ConsoleNotice::ClientOn };
    visit.done(&path_of(id), done.map(|_| notice).map_err(refusal)).await
}

pub async fn post_remove(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let seen = seen(&form);
    let visit = form.visit;
    let karat = visit.karat();
    let done = karat.registrar(&visit.by).having_seen(seen).remove(&id).await;
    karat.clients.forget();
    match done {
        Ok(()) => Ok(visit.go(PATH, ConsoleNotice::ClientRemoved)),
        Err(error) => visit.done(&path_of(&id), Err(refusal(error))).await,
    }
}

/// The app that whoever posts has looked at, and no other.
fn seen(form: &ConsoleForm) -> Option<ClientVersion> {
    Some(ClientVersion::from_text(form.text("version")))
}

/// A correct request as the app would make it (RFC 6749 section 4.1.1 with RFC 7636): what becomes of it, and where it goes on.
pub async fn post_test(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let redirect_uri = form.text("redirect_uri").to_owned();
    let visit = form.visit;
    visit.by.permit(Act::ReadClients)?;
    let karat = visit.karat();
    let (client, _) = karat.registrar(&visit.by).show(&id).await.map_err(refusal)?;
    let (verifier, state) = (OpaqueToken::mint(), OpaqueToken::mint());
    let scope = client.scope.to_string();
    let request = Parameters::from_pairs([
        ("response_type", "code"),
        ("client_id", client.id.as_str()),
        ("redirect_uri", &redirect_uri),
        ("scope", &scope),
        ("state", state.expose()),
        ("nonce", state.expose()),
        ("code_challenge", &challenge(verifier.expose())),
        ("code_challenge_method", "S256"),
    ]);
    let (path, error) = match karat.start_authorization(&request, visit.at.visit.browser.address).await {
        Ok(interaction) => (Some(format!("/authorize/{interaction}")), None),
        Err(AuthorizeError::Shown(error)) => (None, Some(error.description.into_owned())),
        Err(AuthorizeError::Returned(answer)) => {
            let told = answer.parameters.iter().filter(|(name, _)| name.starts_with("error"));
            (None, Some(told.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(": ")))
        }
    };
    let tested = Some(Tested { redirect_uri, path, error });
    show(visit, &id, Shown { tested, ..Shown::default() }).await
}

/// RFC 7636 section 4.2.
fn challenge(verifier: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

pub fn kind_of(client: &Client) -> AppKind {
    match client.kind {
        ApplicationType::Web if client.is_public() => AppKind::SinglePage,
        ApplicationType::Web => AppKind::Web,
        ApplicationType::Native => AppKind::Native,
        ApplicationType::Service => AppKind::Service,
    }
}

pub const fn consent_name(consent: ConsentRule) -> &'static str {
    match consent {
        ConsentRule::Remembered => "remembered",
        ConsentRule::Always => "always",
        ConsentRule::FirstParty => "first_party",
    }
}

/// What the registrar says, as every operation says it.
pub fn refusal(error: RegistrarError) -> Refusal {
    match error {
        RegistrarError::Denied(refusal) => refusal,
        RegistrarError::Unknown(_) => Refusal::NotFound,
        RegistrarError::Stale(_) => Refusal::Stale,
        RegistrarError::Storage(error) => error.into(),
        RegistrarError::Failed(failure) => failure.into(),
        other => Refusal::conflict(other.to_string()),
    }
}

pub fn path_of(id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("{PATH}/{id}")
}

/// For forms whose errors stand beside their fields.
pub fn unprocessable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}
