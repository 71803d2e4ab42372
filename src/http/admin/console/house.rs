//! `/admin/keys`, `/admin/outbox`, `/admin/system`: the house itself.

use axum::response::Response;

use super::clients::unprocessable;
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::domain::admin::Act;
use crate::domain::jose::Algorithm;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::admin::house::System;
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::house::*;
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::outbox::{OutboxEntry, Wanted};

const KEYS: &str = "/admin/keys";
const OUTBOX: &str = "/admin/outbox";
const ENTRIES_A_PAGE: i64 = 50;
/// The last retry comes after seven minutes.
const LATE: Seconds = Seconds::minutes(15);

pub async fn get_keys(visit: ConsoleVisit) -> Result<Response, PageError> {
    let karat = visit.karat();
    let keys = karat.signing_keys(&visit.by).await?;
    let page = KeysPage {
        shell: visit.shell("keys", Vec::new()),
        now: karat.now(),
        keys: keys
            .into_iter()
            .map(|key| KeyRow {
                kid: key.kid,
                algorithm: key.alg.as_str(),
                made_at: key.created_at,
                retired_at: key.retired.map(|(at, _)| at),
                published_until: key.retired.map(|(_, until)| until),
            })
            .collect(),
        algorithms: karat.keys.ring().algorithms().iter().map(|alg| alg.as_str()).collect(),
        may_rotate: visit.by.may(Act::RotateKeys),
    };
    visit.page(&page)
}

pub async fn post_rotate(form: ConsoleForm) -> Result<Response, PageError> {
    let algorithm = Algorithm::parse(form.text("algorithm"));
    let visit = form.visit;
    // First the right.
    if !visit.by.may(Act::RotateKeys) {
        return Err(PageError::Refused);
    }
    let algorithm = algorithm.ok_or_else(|| PageError::bad_request("algorithm is none of the algorithms"))?;
    let done = visit.karat().rotate_signing_key(&visit.by, algorithm).await;
    visit.done(KEYS, done.map(|_| ConsoleNotice::KeyRotated)).await
}

pub async fn post_retire(form: ConsoleForm) -> Result<Response, PageError> {
    let kid = form.text("kid").to_owned();
    let visit = form.visit;
    let done = visit.karat().retire_signing_key(&visit.by, &kid).await;
    visit.done(KEYS, done.map(|()| ConsoleNotice::KeyRetired)).await
}

pub async fn get_outbox(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    let karat = visit.karat();
    let mut errors = FieldErrors::none();
    let (shown, wanted) = match query.text("show") {
        Some("failed") => ("failed", Wanted::Failed),
        None | Some("waiting") => ("waiting", Wanted::Waiting),
        Some(other) => {
            errors.push("show", Message::new(keys::ADMIN_NO_FILTER).with("given", other));
            ("", Wanted::Waiting)
        }
    };
    let before = query.text("before");
    if before.is_some_and(|before| before.parse::<uuid::Uuid>().is_err()) {
        errors.push(FieldError::FORM, Message::new(keys::ADMIN_NO_PLACE));
    }
    let is_wrong = !errors.is_empty();
    let mut found = match is_wrong {
        true => visit.by.permit(Act::ReadOutbox).map(|()| Vec::new())?,
        false => karat.outbox(&visit.by, wanted, before, ENTRIES_A_PAGE + 1).await?,
    };
    let most = usize::try_from(ENTRIES_A_PAGE).unwrap_or_default();
    let more = found.len() > most;
    found.truncate(most);
    let page = OutboxPage {
        shell: visit.shell("outbox", Vec::new()),
        now: karat.now(),
        shown,
        newest: before.map(|_| format!("{OUTBOX}?show={shown}")),
        further: found.last().filter(|_| more).map(|last| format!("{OUTBOX}?show={shown}&before={}", last.id)),
        entries: found.into_iter().map(row).collect(),
        may_retry: visit.by.may(Act::RetryOutbox),
        errors,
    };
    let shown = visit.page(&page)?;
    Ok(if is_wrong { unprocessable(shown) } else { shown })
}

fn row(entry: OutboxEntry) -> OutboxRow {
    OutboxRow {
        at: Timestamp::from_unix(entry.created_at),
        next_at: entry.finished_at.is_none().then(|| Timestamp::from_unix(entry.next_attempt_at)),
        id: entry.id,
        kind: entry.kind,
        target: entry.target,
        attempts: entry.attempts,
        outcome: entry.outcome,
        error: entry.last_error,
    }
}

pub async fn post_retry(form: ConsoleForm) -> Result<Response, PageError> {
    let id = form.text("id").to_owned();
    let visit = form.visit;
    let done = visit.karat().retry_outgoing(&visit.by, &id).await;
    visit.done(OUTBOX, done.map(|()| ConsoleNotice::Retried)).await
}

pub async fn get_system(visit: ConsoleVisit) -> Result<Response, PageError> {
    let karat = visit.karat();
    let system = karat.system(&visit.by).await?;
    let admin = &karat.settings.admin;
    let page = SystemPage {
        shell: visit.shell("system", Vec::new()),
        now: karat.now(),
        health: health(&system, karat.now()),
        issuer: karat.issuer.as_str().to_owned(),
        audit_head: visit.by.may(Act::ReadAudit).then(|| format!("{}:{}", system.audit.seq, system.audit.hash)),
        second_person: admin.second_person.iter().map(|act| act.as_str()).collect(),
        fresh_minutes: admin.fresh_for.0 / 60,
    };
    visit.page(&page)
}

pub fn health(system: &System, now: Timestamp) -> Health {
    let oldest = system.outbox.oldest.map(Timestamp::from_unix);
    Health {
        version: system.version,
        database: system.database,
        database_answers: system.database_answers,
        ephemeral_answers: system.ephemeral_answers,
        outbox_waiting: system.outbox.waiting,
        outbox_oldest: oldest,
        outbox_is_late: oldest.is_some_and(|oldest| now.since(oldest) > LATE),
    }
}
