//! `/admin/webhooks`: the operator's systems that are told what happens. The secret of an endpoint is shown when it is made, and never again.

use axum::extract::Path;
use axum::response::Response;

use super::clients::unprocessable;
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::crypto::webhook_secret::WebhookSecret;
use crate::domain::admin::Act;
use crate::flow::webhooks::deliver::GONE;
use crate::flow::webhooks::{EndpointVersion, OVERLAP, WebhookEntry};
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::webhooks::*;
use crate::pages::admin::{Crumb, Shell};
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::webhooks::Endpoint;
use crate::storage::webhooks::deliveries::{Delivery, DeliveryAttempt};

pub const PATH: &str = "/admin/webhooks";
const MESSAGES_A_PAGE: i64 = 25;

pub async fn get(visit: ConsoleVisit) -> Result<Response, PageError> {
    let endpoints = visit.karat().webhooks(&visit.by).await?;
    let page = WebhooksPage {
        shell: visit.shell("webhooks", Vec::new()),
        endpoints: endpoints.into_iter().map(row).collect(),
        may_change: visit.by.may(Act::ChangeWebhooks),
    };
    visit.page(&page)
}

pub async fn get_one(visit: ConsoleVisit, Path(id): Path<String>, query: PageQuery) -> Result<Response, PageError> {
    show(visit, &id, query.text("before").unwrap_or_default(), Made::default()).await
}

/// A secret that was made just now.
#[derive(Default)]
pub struct Made {
    pub secret: Option<WebhookSecret>,
    /// Beside which the one before still signs.
    pub beside_the_old: bool,
}

pub async fn show(visit: ConsoleVisit, id: &str, before: &str, made: Made) -> Result<Response, PageError> {
    let karat = visit.karat();
    let endpoint = karat.webhook(&visit.by, id).await?;
    let is_place = before.is_empty() || before.strip_prefix("msg_").is_some_and(|id| id.parse::<uuid::Uuid>().is_ok());
    let mut found = match is_place {
        true => karat.webhook_deliveries(&visit.by, id, before, MESSAGES_A_PAGE + 1).await?,
        false => Vec::new(),
    };
    let most = usize::try_from(MESSAGES_A_PAGE).unwrap_or_default();
    let is_more = found.len() > most;
    found.truncate(most);
    let path = path_of(id);
    let errors = match is_place {
        true => FieldErrors::none(),
        false => FieldError::whole_form(Message::new(keys::ADMIN_NO_PLACE)).into(),
    };
    let crumb = Crumb { path: None, text: host_of(&endpoint.url) };
    let page = WebhookPage {
        shell: Shell { path: path.clone(), ..visit.shell("webhooks", vec![crumb]) },
        now: karat.now(),
        version: EndpointVersion::of(&endpoint).as_str().to_owned(),
        endpoint: row(endpoint),
        newest: (!before.is_empty()).then(|| path.clone()),
        further: found.last().filter(|_| is_more).map(|last| format!("{path}?before={}", last.id)),
        deliveries: found.into_iter().map(delivery).collect(),
        may_change: visit.by.may(Act::ChangeWebhooks),
        secret: made.secret.map(|secret| secret.expose().to_owned()),
        overlap_minutes: made.beside_the_old.then_some(OVERLAP.0 / 60),
        errors,
    };
    let shown = visit.page_at(&path, &page)?;
    Ok(if is_place { shown } else { unprocessable(shown) })
}

pub async fn post_pause(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    switch(form, &id, false).await
}

pub async fn post_resume(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    switch(form, &id, true).await
}

async fn switch(form: ConsoleForm, id: &str, on: bool) -> Result<Response, PageError> {
    let entry = WebhookEntry { enabled: Some(on), seen: Some(seen(&form)), ..WebhookEntry::default() };
    let visit = form.visit;
    let done = visit.karat().change_webhook(&visit.by, id, &entry).await;
    let notice = if on { ConsoleNotice::WebhookResumed } else { ConsoleNotice::WebhookPaused };
    visit.done(&path_of(id), done.map(|_| notice)).await
}

pub async fn post_rotate(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let at_once = form.text("at_once") == "yes";
    let visit = form.visit;
    match visit.karat().rotate_webhook_secret(&visit.by, &id, at_once).await {
        Ok(secret) => show(visit, &id, "", Made { secret: Some(secret), beside_the_old: !at_once }).await,
        Err(refusal) => visit.done(&path_of(&id), Err(refusal)).await,
    }
}

pub async fn post_test(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let visit = form.visit;
    let done = visit.karat().test_webhook(&visit.by, &id).await;
    visit.done(&path_of(&id), done.map(|_| ConsoleNotice::WebhookTested)).await
}

pub async fn post_again(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let message = form.text("message").to_owned();
    let visit = form.visit;
    let done = visit.karat().redeliver_webhook(&visit.by, &id, &message).await;
    visit.done(&path_of(&id), done.map(|()| ConsoleNotice::WebhookAgain)).await
}

pub async fn post_remove(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let seen = seen(&form);
    let visit = form.visit;
    match visit.karat().remove_webhook(&visit.by, &id, Some(&seen)).await {
        Ok(()) => Ok(visit.go(PATH, ConsoleNotice::WebhookRemoved)),
        Err(refusal) => visit.done(&path_of(&id), Err(refusal)).await,
    }
}

fn seen(form: &ConsoleForm) -> EndpointVersion {
    EndpointVersion::from_text(form.text("version"))
}

fn row(endpoint: Endpoint) -> EndpointRow {
    EndpointRow {
        id: endpoint.id,
        url: endpoint.url,
        description: endpoint.description,
        events: endpoint.wanted.iter().map(str::to_owned).collect(),
        paused: endpoint.disabled.map(|(since, why)| Paused { since, was_gone: why == GONE }),
        since: endpoint.created_at,
    }
}

fn delivery(delivery: Delivery) -> DeliveryRow {
    let attempt =
        |made: DeliveryAttempt| AttemptRow { at: made.at, status: made.status, millis: made.millis, error: made.error };
    DeliveryRow {
        id: delivery.id,
        event: delivery.event,
        state: delivery.state.as_str(),
        at: delivery.created_at,
        attempts: delivery.attempts.into_iter().map(attempt).collect(),
    }
}

pub fn host_of(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    parsed.as_ref().and_then(url::Url::host_str).map_or_else(|| url.to_owned(), str::to_owned)
}

pub fn path_of(id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("{PATH}/{id}")
}
