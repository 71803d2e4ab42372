//! `/admin/audit`: what was done for the operator, and whether nobody has touched the log.

use axum::extract::Path;
use axum::response::Response;
use chrono::NaiveDate;
use serde_json::Value;

use super::clients::unprocessable;
use super::names::Names;
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit, came_to, export};
use crate::domain::admin::Act;
use crate::domain::email::EmailAddress;
use crate::domain::parameters::Parameters;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::Karat;
use crate::flow::admin::audit::Verdict;
use crate::flow::admin::{Grave, Refusal};
use crate::http::account::PageQuery;
use crate::http::error::PageError;
use crate::pages::admin::Crumb;
use crate::pages::admin::audit::{AuditPage, AuditRow, DifferenceRow, EntryPage, Sieve, Wholeness};
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::audit::{Chained, Wanted};

const PATH: &str = "/admin/audit";
const ROWS_A_PAGE: i64 = 50;
/// What can stand in a target.
const KINDS: [&str; 4] = ["user", "client", "audit", "webhook"];

pub async fn get(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    show(visit, &query.0, None).await
}

/// Goes through the whole log.
pub async fn post_verify(form: ConsoleForm) -> Result<Response, PageError> {
    let visit = form.visit;
    let wholeness = match visit.karat().verify_audit(&visit.by, None).await? {
        Verdict::Whole(head) => Wholeness { broken_at: None, entries: head.seq, head: head.hash },
        Verdict::Broken { seq, .. } => Wholeness { broken_at: Some(seq), entries: seq, head: String::new() },
    };
    show(visit, &Parameters::default(), Some(wholeness)).await
}

/// As JSON lines; where two are needed, first a proposal.
pub async fn post_export(form: ConsoleForm) -> Result<Response, PageError> {
    let reason = form.text("export_reason").to_owned();
    let visit = form.visit;
    let karat = visit.karat();
    match karat.may_export(&visit.by, &Grave::ExportAudit).await {
        Ok(()) => {
            karat.note_audit_export(&visit.by, &Wanted::default()).await?;
            Ok(visit.at.visit.finish(export::audit_log(karat)))
        }
        Err(Refusal::Conflict(_)) => {
            let asked = karat.grave(&visit.by, Grave::ExportAudit, &reason).await;
            visit.done(PATH, came_to(asked, ConsoleNotice::Proposed)).await
        }
        Err(refusal) => visit.done(PATH, Err(refusal)).await,
    }
}

pub async fn get_entry(visit: ConsoleVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let karat = visit.karat();
    let entry = karat.audited_one(&visit.by, &id).await?;
    let detail = entry.entry.detail.clone();
    let side = |name: &str| detail.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (side("before"), side("after"));
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let differences = keys
        .map(|key| DifferenceRow {
            key: key.clone(),
            before: before.get(key).map(plain),
            after: after.get(key).map(plain),
        })
        .collect();
    let others = detail.as_object().into_iter().flatten();
    let facts = others
        .filter(|(key, value)| !matches!(key.as_str(), "before" | "after") && !value.is_null())
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect();
    let crumb = Crumb { path: None, text: format!("{}", entry.seq) };
    let (hash, request_id) = (entry.hash.clone(), entry.entry.request_id.clone());
    let row = row(&karat, &mut Names::default(), entry).await?;
    let page = EntryPage { shell: visit.shell("audit", vec![crumb]), row, differences, facts, hash, request_id };
    visit.page(&page)
}

async fn show(visit: ConsoleVisit, query: &Parameters, wholeness: Option<Wholeness>) -> Result<Response, PageError> {
    let karat = visit.karat();
    let text = |name: &str| query.get(name).unwrap_or_default().trim();
    let sieve = Sieve {
        actor: text("actor").to_owned(),
        act: text("act").to_owned(),
        about: text("about").to_owned(),
        since: text("since").to_owned(),
        until: text("until").to_owned(),
    };
    // First the right, so that nobody learns here who has an account.
    visit.by.permit(Act::ReadAudit)?;
    let (wanted, mut errors) = wanted(&karat, &sieve).await?;
    let before: Option<i64> = text("before").parse().ok();
    if before.is_none() && !text("before").is_empty() {
        errors.push(FieldError::FORM, Message::new(keys::ADMIN_NO_PLACE));
    }
    let most = usize::try_from(ROWS_A_PAGE).unwrap_or_default();
    // A list that is another than the one that was asked for misleads.
    let is_wrong = !errors.is_empty();
    let mut found = match is_wrong {
        true => Vec::new(),
        false => karat.audited(&visit.by, &wanted, before, ROWS_A_PAGE + 1).await?,
    };
    let is_more = found.len() > most;
    found.truncate(most);
    let link = |before: Option<i64>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in sieve.pairs().into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        query.extend_pairs(before.map(|seq| ("before", seq.to_string())));
        match query.finish() {
            query if query.is_empty() => PATH.to_owned(),
            query => format!("{PATH}?{query}"),
        }
    };
    let further = found.last().filter(|_| is_more).map(|last| link(Some(last.seq)));
    let newest = before.map(|_| link(None));
    let mut names = Names::default();
    let mut entries = Vec::new();
    for one in found {
        entries.push(row(&karat, &mut names, one).await?);
    }
    let page = AuditPage {
        shell: visit.shell("audit", Vec::new()),
        now: karat.now(),
        acts: Act::ALL.iter().filter(|act| !act.is_reading()).map(|act| act.as_str()).collect(),
        is_sieved: sieve != Sieve::default(),
        sieve,
        entries,
        newest,
        further,
        wholeness,
        may_export: visit.by.may(Act::ExportAudit),
        takes_two: karat.settings.admin.second_person.contains(&Act::ExportAudit),
        errors,
    };
    let shown = visit.page_at(PATH, &page)?;
    Ok(if is_wrong { unprocessable(shown) } else { shown })
}

/// What is looked for, and what of the sieve cannot be read.
async fn wanted(karat: &Karat, sieve: &Sieve) -> Result<(Wanted, FieldErrors), PageError> {
    let mut errors = FieldErrors::none();
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let by_address = async |text: &str| match text.parse::<EmailAddress>() {
        Ok(email) => {
            Ok::<_, PageError>(karat.store.user_by_email(&email).await?.map(|found| found.user.id.to_string()))
        }
        Err(_) => Ok(None),
    };
    let actor = match sieve.actor.as_str() {
        "" => None,
        address if address.contains('@') => match by_address(address).await? {
            Some(id) => Some(format!("person:{id}")),
            None => {
                errors.push("actor", Message::new(keys::ADMIN_NO_PERSON));
                None
            }
        },
        other => Some(other.to_owned()),
    };
    let target = match sieve.about.as_str() {
        "" => None,
        address if address.contains('@') => match by_address(address).await? {
            Some(id) => Some(("user".to_owned(), id)),
            None => {
                errors.push("about", Message::new(keys::ADMIN_NO_PERSON));
                None
            }
        },
        text => match text.split_once(':').filter(|(kind, _)| KINDS.contains(kind)) {
            Some((kind, id)) => Some((kind.to_owned(), id.to_owned())),
            None if text.parse::<uuid::Uuid>().is_ok() => Some(("user".to_owned(), text.to_owned())),
            None => Some(("client".to_owned(), text.to_owned())),
        },
    };
    let mut read = |field, text: &str| {
        let found = day(text);
        if found.is_none() && !text.is_empty() {
            errors.push(field, Message::new(keys::ADMIN_NO_DAY));
        }
        found
    };
    let (since, until) = (read("since", &sieve.since), read("until", &sieve.until));
    if until.is_some_and(|until| since.is_some_and(|since| until < since)) {
        errors.push("until", Message::new(keys::ADMIN_DAYS_TURNED));
    }
    let until = until.map(|day| day.plus(Seconds::days(1)));
    Ok((Wanted { actor, act: some(&sieve.act), target, since, until }, errors))
}

/// The beginning of a day, UTC.
fn day(text: &str) -> Option<Timestamp> {
    let day: NaiveDate = text.parse().ok()?;
    Some(Timestamp::from_unix(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp()))
}

async fn row(karat: &Karat, names: &mut Names, one: Chained) -> Result<AuditRow, PageError> {
    let entry = one.entry;
    let about = match entry.target_kind.as_str() {
        "user" => match entry.target.parse() {
            Ok(id) => names.of(karat, id).await?.unwrap_or_else(|| entry.target.clone()),
            Err(_) => entry.target.clone(),
        },
        _ => entry.target.clone(),
    };
    Ok(AuditRow {
        seq: one.seq,
        id: entry.id,
        at: entry.at,
        actor: names.actor(karat, &entry.actor).await?,
        act: entry.act,
        kind: entry.target_kind,
        target: entry.target,
        about,
        address: entry.address,
    })
}

/// As a person reads it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) if all.iter().all(Value::is_string) => {
            all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}
