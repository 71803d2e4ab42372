//! `/admin/webhooks/new` and `/admin/webhooks/{id}/edit`: where messages go, and about what.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::clients::unprocessable;
use super::webhooks::{self, Made, host_of, path_of};
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit, drawers};
use crate::domain::admin::Act;
use crate::domain::webhook::{EVERYTHING, WebhookEvent};
use crate::flow::admin::{Flaw, Refusal};
use crate::flow::webhooks::{EndpointVersion, WebhookEntry};
use crate::http::error::PageError;
use crate::pages::admin::webhooks::{EventGroup, WebhookFormPage, WebhookTyped};
use crate::pages::admin::{Crumb, Meanwhile, Shell};
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::webhooks::Endpoint;

const NEW: &str = "/admin/webhooks/new";

pub async fn get_new(visit: ConsoleVisit) -> Result<Response, PageError> {
    let visit = match begun(visit, NEW).await? {
        Ok(visit) => visit,
        Err(proof) => return Ok(proof),
    };
    let typed = drawers::take(&visit, NEW).await?.unwrap_or_default();
    show(visit, None, typed, (None, FieldErrors::none()))
}

pub async fn get_edit(visit: ConsoleVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let path = edit_path(&id);
    let visit = match begun(visit, &path).await? {
        Ok(visit) => visit,
        Err(proof) => return Ok(proof),
    };
    let endpoint = visit.karat().webhook(&visit.by, &id).await?;
    let typed = drawers::take(&visit, &path).await?.unwrap_or_else(|| of(&endpoint));
    show(visit, Some(&endpoint), typed, (None, FieldErrors::none()))
}

/// Whoever may not change them gets no form; the others show their passkey before they type.
async fn begun(visit: ConsoleVisit, path: &str) -> Result<Result<ConsoleVisit, Response>, PageError> {
    match visit.by.may(Act::ChangeWebhooks) {
        true => visit.fresh(path).await,
        false => Err(PageError::Refused),
    }
}

pub async fn post_new(form: ConsoleForm) -> Result<Response, PageError> {
    let typed = typed(&form);
    let visit = form.visit;
    match visit.karat().add_webhook(&visit.by, &entry(&typed)).await {
        Ok((endpoint, secret)) => {
            webhooks::show(visit, &endpoint.id, "", Made { secret: Some(secret), beside_the_old: false }).await
        }
        Err(refusal) => refused(visit, None, typed, refusal).await,
    }
}

pub async fn post_edit(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let typed = typed(&form);
    let visit = form.visit;
    let seen = Some(EndpointVersion::from_text(&typed.version));
    let entry = WebhookEntry { seen, ..entry(&typed) };
    match visit.karat().change_webhook(&visit.by, &id, &entry).await {
        Ok(_) => Ok(visit.go(&path_of(&id), ConsoleNotice::WebhookSaved)),
        Err(refusal) => refused(visit, Some(&id), typed, refusal).await,
    }
}

async fn refused(
    visit: ConsoleVisit,
    id: Option<&str>,
    typed: WebhookTyped,
    refusal: Refusal,
) -> Result<Response, PageError> {
    let path = id.map_or_else(|| NEW.to_owned(), edit_path);
    let endpoint = match id {
        Some(id) => Some(visit.karat().webhook(&visit.by, id).await?),
        None => None,
    };
    match (refusal, &endpoint) {
        (Refusal::StepUp, _) => {
            drawers::keep(&visit, &path, &typed).await?;
            visit.prove(&path).await
        }
        (Refusal::Stale, Some(endpoint)) => {
            let (typed, told) = anew(endpoint, typed);
            let mut response = show(visit, Some(endpoint), typed, told)?;
            *response.status_mut() = StatusCode::CONFLICT;
            Ok(response)
        }
        (Refusal::Invalid(flaws), _) => {
            let errors = FieldErrors(flaws.iter().map(beside).collect());
            show(visit, endpoint.as_ref(), typed, (None, errors)).map(unprocessable)
        }
        (other, _) => visit.done(&path, Err(other)).await,
    }
}

/// What was typed, to be saved over what stands now by whoever has seen both.
fn anew(endpoint: &Endpoint, typed: WebhookTyped) -> (WebhookTyped, (Option<Meanwhile>, FieldErrors)) {
    let now = of(endpoint);
    let both = Meanwhile::of([
        ("webhook-url", &now.url, &typed.url),
        ("webhook-description", &now.description, &typed.description),
        ("webhook-events", &now.events.join("\n"), &typed.events.join("\n")),
    ]);
    let errors = FieldError::whole_form(Message::new(keys::ADMIN_CHANGED_MEANWHILE)).into();
    (WebhookTyped { version: now.version, ..typed }, (Some(both), errors))
}

fn beside(flaw: &Flaw) -> FieldError {
    match flaw.field.as_str() {
        "url" => FieldError::on("url", Message::new(keys::WEBHOOK_URL)),
        "description" => FieldError::on("description", Message::new(keys::WEBHOOK_DESCRIPTION)),
        _ => FieldError::on("events", Message::new(keys::WEBHOOK_EVENTS)),
    }
}

fn show(
    visit: ConsoleVisit,
    endpoint: Option<&Endpoint>,
    typed: WebhookTyped,
    (meanwhile, errors): (Option<Meanwhile>, FieldErrors),
) -> Result<Response, PageError> {
    let path = endpoint.map_or_else(|| NEW.to_owned(), |endpoint| edit_path(&endpoint.id));
    let crumbs = match endpoint {
        Some(endpoint) => vec![
            Crumb { path: Some(path_of(&endpoint.id)), text: host_of(&endpoint.url) },
            Crumb { path: None, text: "…".to_owned() },
        ],
        None => vec![Crumb { path: None, text: "+".to_owned() }],
    };
    let page = WebhookFormPage {
        shell: Shell { path: path.clone(), ..visit.shell("webhooks", crumbs) },
        id: endpoint.map(|endpoint| endpoint.id.clone()),
        typed,
        groups: groups(),
        meanwhile,
        errors,
    };
    visit.page_at(&path, &page)
}

/// In the order of the table.
fn groups() -> Vec<EventGroup> {
    let mut groups: Vec<EventGroup> = Vec::new();
    for event in WebhookEvent::ALL.iter().filter(|event| **event != WebhookEvent::Test) {
        match groups.iter_mut().find(|group| group.name == event.group()) {
            Some(group) => group.events.push(event.as_str()),
            None => groups.push(EventGroup { name: event.group(), events: vec![event.as_str()] }),
        }
    }
    groups
}

fn of(endpoint: &Endpoint) -> WebhookTyped {
    WebhookTyped {
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        events: endpoint.wanted.iter().map(str::to_owned).collect(),
        version: EndpointVersion::of(endpoint).as_str().to_owned(),
    }
}

fn typed(form: &ConsoleForm) -> WebhookTyped {
    let text = |name: &str| form.text(name).trim().to_owned();
    let groups = groups();
    let kinds = groups.iter().flat_map(|group| [group.name].into_iter().chain(group.events.iter().copied()));
    let is_ticked = |name: &str| form.text(&format!("event-{name}")) == "yes";
    let everything = [EVERYTHING].into_iter().filter(|_| is_ticked("all"));
    let events = everything.chain(kinds.filter(|name| is_ticked(name))).map(str::to_owned).collect();
    WebhookTyped { url: text("url"), description: text("description"), events, version: text("version") }
}

fn entry(typed: &WebhookTyped) -> WebhookEntry {
    WebhookEntry {
        url: Some(typed.url.clone()),
        events: Some(typed.events.clone()),
        description: Some(typed.description.clone()),
        ..WebhookEntry::default()
    }
}

fn edit_path(id: &str) -> String {
    format!("{}/edit", path_of(id))
}
