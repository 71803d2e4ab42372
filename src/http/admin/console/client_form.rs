//! `/admin/clients/new` and `/admin/clients/{id}/edit`: the guided form, one for each kind of app, with only the fields that matter to it.
//! What is left out gets the strict choice of the rules.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::clients::{self, Shown, consent_name, kind_of, path_of};
use super::rule_words::beside;
use super::{ConsoleForm, ConsoleVisit, drawers};
use crate::config::ClientSection;
use crate::domain::admin::Act;
use crate::domain::client::{Client, ConsentRule};
use crate::domain::redirect_uri::ApplicationType;
use crate::flow::admin::Refusal;
use crate::flow::clients::registrar::{ClientVersion, RegistrarError};
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::clients::{AppKind, ClientFormPage, KindsPage, Typed};
use crate::pages::admin::{Crumb, Meanwhile};
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::clients::Origin;

const NEW: &str = "/admin/clients/new";
pub async fn get_new(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    if !visit.by.may(Act::AddClient) {
        return Err(PageError::Refused);
    }
    let Some(kind) = query.text("kind").and_then(AppKind::parse) else {
        let shell = visit.shell("clients", vec![Crumb { path: None, text: "+".to_owned() }]);
        return visit.page(&KindsPage { shell, kinds: AppKind::ALL.to_vec() });
    };
    let visit = match visit.fresh(&new_path(kind)).await? {
        Ok(visit) => visit,
        Err(proof) => return Ok(proof),
    };
    let typed = drawers::take(&visit, &new_path(kind)).await?.unwrap_or_else(|| first(kind));
    show(visit, (kind, None), typed, (None, FieldErrors::none()))
}

pub async fn post_new(form: ConsoleForm) -> Result<Response, PageError> {
    let kind = AppKind::parse(form.text("kind")).unwrap_or_default();
    let typed = typed(&form);
    let visit = form.visit;
    let karat = visit.karat();
    let mut wanted = ClientSection { client_id: typed.client_id.clone(), ..ClientSection::default() };
    fill(&mut wanted, kind, &typed);
    match karat.registrar(&visit.by).add(wanted).await {
        Ok(made) => {
            karat.clients.forget();
            clients::show(visit, made.client.id.as_str(), Shown { secret: made.secret, ..Shown::default() }).await
        }
        Err(error) => refused(visit, (kind, None), typed, error).await,
    }
}

pub async fn get_edit(visit: ConsoleVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    if !visit.by.may(Act::ChangeClient) {
        return Err(PageError::Refused);
    }
    let karat = visit.karat();
    let (client, origin) = karat.registrar(&visit.by).show(&id).await.map_err(clients::refusal)?;
    if origin == Origin::Configuration {
        return Err(PageError::NotFound);
    }
    let path = edit_path(&id);
    let visit = match visit.fresh(&path).await? {
        Ok(visit) => visit,
        Err(proof) => return Ok(proof),
    };
    let typed = drawers::take(&visit, &path).await?;
    let typed = match typed {
        Some(typed) => typed,
        None => of(&client)?,
    };
    show(visit, (kind_of(&client), Some(id)), typed, (None, FieldErrors::none()))
}

pub async fn post_edit(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let typed = typed(&form);
    let visit = form.visit;
    if !visit.by.may(Act::ChangeClient) {
        return Err(PageError::Refused);
    }
    let karat = visit.karat();
    let (client, _) = karat.registrar(&visit.by).show(&id).await.map_err(clients::refusal)?;
    let kind = kind_of(&client);
    let registrar = karat.registrar(&visit.by).having_seen(Some(ClientVersion::from_text(&typed.version)));
    match registrar.update(&id, |wanted| fill(wanted, kind, &typed), None).await {
        Ok(_) => {
            karat.clients.forget();
            Ok(visit.go(&path_of(&id), super::ConsoleNotice::ClientSaved))
        }
        Err(error) => refused(visit, (kind, Some(id)), typed, error).await,
    }
}

/// The form again with what is wrong beside its fields, or the way to the passkey with what was typed kept.
async fn refused(
    visit: ConsoleVisit,
    (kind, id): (AppKind, Option<String>),
    typed: Typed,
    error: RegistrarError,
) -> Result<Response, PageError> {
    let path = id.as_deref().map_or_else(|| new_path(kind), edit_path);
    let errors = match error {
        RegistrarError::Denied(Refusal::StepUp) => {
            drawers::keep(&visit, &path, &typed).await?;
            return visit.prove(&path).await;
        }
        RegistrarError::Refused(refusals) => {
            FieldErrors(refusals.iter().map(|refusal| beside(refusal, kind)).collect())
        }
        RegistrarError::Taken(_) => FieldError::on("client_id", Message::new(keys::ADMIN_CLIENT_TAKEN)).into(),
        RegistrarError::Stale(client) => {
            let (now, _) = visit.karat().registrar(&visit.by).show(client.as_str()).await.map_err(clients::refusal)?;
            let (typed, told) = anew(of(&now)?, typed);
            let mut response = show(visit, (kind, id), typed, told)?;
            *response.status_mut() = StatusCode::CONFLICT;
            return Ok(response);
        }
        other => return visit.done(&path, Err(clients::refusal(other))).await,
    };
    show(visit, (kind, id), typed, (None, errors)).map(clients::unprocessable)
}

/// What was typed, to be saved over what stands now by whoever has seen both.
fn anew(now: Typed, typed: Typed) -> (Typed, (Option<Meanwhile>, FieldErrors)) {
    let both = Meanwhile::of([
        ("admin-client-name", &now.client_name, &typed.client_name),
        ("admin-client-redirects", &now.redirect_uris, &in_lines(&typed.redirect_uris)),
        ("admin-client-after-logout", &now.post_logout_redirect_uris, &in_lines(&typed.post_logout_redirect_uris)),
        ("admin-scope", &now.scope, &typed.scope),
        ("admin-client-audience", &now.audience, &in_lines(&typed.audience)),
        ("admin-client-backchannel", &now.backchannel_logout_uri, &typed.backchannel_logout_uri),
        ("admin-client-method", &now.token_endpoint_auth_method, &typed.token_endpoint_auth_method),
        ("admin-client-consent", &now.consent, &typed.consent),
        ("admin-client-home", &now.client_uri, &typed.client_uri),
        ("app-policy", &now.policy_uri, &typed.policy_uri),
        ("app-terms", &now.tos_uri, &typed.tos_uri),
        ("admin-client-accent", &now.accent_color, &typed.accent_color),
        ("admin-client-verified", &now.verified, &typed.verified),
    ]);
    let errors = FieldError::whole_form(Message::new(keys::ADMIN_CHANGED_MEANWHILE)).into();
    (Typed { version: now.version, ..typed }, (Some(both), errors))
}

fn in_lines(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("\n")
}

fn show(
    visit: ConsoleVisit,
    (kind, id): (AppKind, Option<String>),
    typed: Typed,
    (meanwhile, errors): (Option<Meanwhile>, FieldErrors),
) -> Result<Response, PageError> {
    let path = id.as_deref().map_or_else(|| new_path(kind), edit_path);
    let crumbs = match &id {
        Some(id) => {
            vec![Crumb { path: Some(path_of(id)), text: id.clone() }, Crumb { path: None, text: "…".to_owned() }]
        }
        None => vec![Crumb { path: None, text: "+".to_owned() }],
    };
    let methods = match kind {
        AppKind::Web | AppKind::Service => vec!["client_secret_basic", "client_secret_post"],
        AppKind::SinglePage | AppKind::Native => Vec::new(),
    };
    let page = ClientFormPage { shell: visit.shell("clients", crumbs), kind, id, typed, methods, meanwhile, errors };
    visit.page_at(&path, &page)
}

/// What a new form stands at.
fn first(kind: AppKind) -> Typed {
    let scope = if kind == AppKind::Service { "" } else { "openid profile email" };
    Typed { scope: scope.to_owned(), consent: "remembered".to_owned(), ..Typed::default() }
}

fn of(client: &Client) -> Result<Typed, PageError> {
    let lines = |all: &[crate::domain::redirect_uri::RedirectUri]| {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(Typed {
        version: ClientVersion::of(client)?.as_str().to_owned(),
        client_id: client.id.to_string(),
        client_name: client.name.clone(),
        redirect_uris: lines(&client.redirect_uris),
        post_logout_redirect_uris: lines(&client.post_logout_redirect_uris),
        backchannel_logout_uri: text(&client.logout.backchannel_uri),
        scope: client.scope.to_string(),
        audience: client.audience.join("\n"),
        token_endpoint_auth_method: client.authentication.as_str().to_owned(),
        consent: consent_name(client.consent).to_owned(),
        client_uri: text(&client.pages.home),
        policy_uri: text(&client.pages.policy),
        tos_uri: text(&client.pages.terms),
        accent_color: client.pages.accent.map(|accent| accent.to_string()).unwrap_or_default(),
        verified: if client.pages.verified { "yes".to_owned() } else { String::new() },
    })
}

fn typed(form: &ConsoleForm) -> Typed {
    let text = |name: &str| form.text(name).trim().to_owned();
    Typed {
        version: text("version"),
        client_id: text("client_id"),
        client_name: text("client_name"),
        redirect_uris: text("redirect_uris"),
        post_logout_redirect_uris: text("post_logout_redirect_uris"),
        backchannel_logout_uri: text("backchannel_logout_uri"),
        scope: text("scope"),
        audience: text("audience"),
        token_endpoint_auth_method: text("token_endpoint_auth_method"),
        consent: text("consent"),
        client_uri: text("client_uri"),
        policy_uri: text("policy_uri"),
        tos_uri: text("tos_uri"),
        accent_color: text("accent_color"),
        verified: text("verified"),
    }
}

/// The fields of the form for this kind, and no others: what else the client has stays.
fn fill(wanted: &mut ClientSection, kind: AppKind, typed: &Typed) {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let is_new = wanted.token_endpoint_auth_method.is_none();
    wanted.client_name = some(&typed.client_name);
    wanted.scope = some(&typed.scope.split_whitespace().collect::<Vec<_>>().join(" "));
    if kind == AppKind::Service {
        wanted.kind = ApplicationType::Service;
        wanted.audience = lines(&typed.audience);
    } else {
        wanted.kind = if kind == AppKind::Native { ApplicationType::Native } else { ApplicationType::Web };
        wanted.redirect_uris = lines(&typed.redirect_uris);
        wanted.post_logout_redirect_uris = lines(&typed.post_logout_redirect_uris);
        wanted.consent = Some(match typed.consent.as_str() {
            "always" => ConsentRule::Always,
            "first_party" => ConsentRule::FirstParty,
            _ => ConsentRule::Remembered,
        });
        wanted.client_uri = some(&typed.client_uri);
        wanted.policy_uri = some(&typed.policy_uri);
        wanted.tos_uri = some(&typed.tos_uri);
        wanted.accent_color = some(&typed.accent_color);
        wanted.verified = Some(typed.verified == "yes");
    }
    if kind == AppKind::Web {
        wanted.backchannel_logout_uri = some(&typed.backchannel_logout_uri);
    }
    match kind {
        AppKind::SinglePage => wanted.token_endpoint_auth_method = Some("none".to_owned()),
        AppKind::Web | AppKind::Service if !typed.token_endpoint_auth_method.is_empty() || is_new => {
            wanted.token_endpoint_auth_method = some(&typed.token_endpoint_auth_method);
        }
        _ => {}
    }
}

fn new_path(kind: AppKind) -> String {
    format!("{NEW}?kind={}", kind.as_str())
}

fn edit_path(id: &str) -> String {
    format!("{}/edit", path_of(id))
}
