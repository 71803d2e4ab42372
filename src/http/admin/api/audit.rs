//! The audit log: reading it, verifying it, taking it away.

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

use super::caller::Caller;
use super::input::{InBody, InPath, InQuery};
use super::listing::{Limit, Page, after, cursor};
use super::named;
use super::problem::Problem;
use super::proposals::outcome;
use crate::domain::admin::Act;
use crate::domain::time::Timestamp;
use crate::flow::admin::Grave;
use crate::flow::admin::audit::Verdict;
use crate::http::reply::private_json;
use crate::http::web::Web;
use crate::storage::audit::{Chained, Head, Wanted};

/// Rows that are read at a time for an export.
const BATCH: i64 = 500;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// `operator`, `person:<id>`, `service:<client_id>`; `client:<client_id>`: an app that registered itself.
    actor: Option<String>,
    #[serde(default, deserialize_with = "named::perhaps_named")]
    #[param(schema_with = named::acts)]
    act: Option<Act>,
    /// What it is about: `user:<id>`, `client:<client_id>`.
    #[param(pattern = "^[a-z_]+:")]
    target: Option<String>,
    /// From this time on.
    since: Option<i64>,
    /// Before this time.
    until: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 50)]
    limit: Limit,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportSpan {
    /// From this time on.
    since: Option<i64>,
    /// Before this time.
    until: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct AuditRecord {
    /// From 1, without gaps.
    seq: i64,
    id: String,
    at: i64,
    actor: String,
    act: String,
    target_kind: String,
    target: String,
    /// Before and after, as far as there are any. Never a secret.
    #[schema(value_type = Value)]
    detail: Value,
    /// The IP address it came from.
    address: Option<String>,
    request_id: Option<String>,
    /// Chains it to the entry before.
    hash: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NotedDown {
    /// An end that was noted down elsewhere: shows also an end that was cut off.
    seq: Option<i64>,
    /// Its hash.
    hash: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct AuditVerdict {
    /// Nothing is missing and nothing was changed.
    whole: bool,
    /// The last entry, or the first place where the chain does not hold.
    seq: i64,
    /// Of the last entry, to be noted down elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'static str>,
}

/// Why, for the audit log.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    #[schema(min_length = 1)]
    pub reason: String,
}

impl From<Chained> for AuditRecord {
    fn from(row: Chained) -> Self {
        let Chained { seq, entry, hash } = row;
        Self {
            seq,
            id: entry.id,
            at: entry.at.unix(),
            actor: entry.actor,
            act: entry.act,
            target_kind: entry.target_kind,
            target: entry.target,
            detail: entry.detail,
            address: entry.address,
            request_id: entry.request_id,
            hash,
        }
    }
}

impl Filter {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let target = self.target.as_deref().map(|text| {
            let is_kind = |kind: &str| !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            match text.split_once(':').filter(|(kind, _)| is_kind(kind)) {
                Some((kind, id)) => Ok::<_, Problem>((kind.to_owned(), id.to_owned())),
                None => Err(Problem::malformed("target: this is not KIND:ID")),
            }
        });
        Ok(Wanted {
            actor: self.actor.clone().filter(|text| !text.is_empty()),
            act: self.act.map(|act| act.to_string()),
            target: target.transpose()?,
            since: self.since.map(Timestamp::from_unix),
            until: self.until.map(Timestamp::from_unix),
        })
    }
}

#[utoipa::path(get, path = "/audit", tag = "audit", operation_id = "list_audit", summary = "The audit log, the newest first",
    params(Filter), responses((status = 200, description = "A page", body = Page<AuditRecord>)),
    extensions(("x-karat-act" = json!("audit.read"))))]
pub async fn list(
    State(web): State<Web>,
    Caller(by): Caller,
    OriginalUri(uri): OriginalUri,
    InQuery(filter): InQuery<Filter>,
) -> Result<Response, Problem> {
    let before = after::<i64>(filter.cursor.as_deref())?;
    let found = web.karat.audited(&by, &filter.wanted()?, before, filter.limit.0 + 1).await?;
    let page = Page::of((&web, &uri), filter.limit, found, |row| cursor(&row.seq), AuditRecord::from);
    Ok(page.into_response())
}

#[utoipa::path(get, path = "/audit/{id}", tag = "audit", operation_id = "get_audit", summary = "One entry of the audit log",
    params(("id" = String, Path, description = "Of the entry")),
    responses((status = 200, description = "The entry", body = AuditRecord)),
    extensions(("x-karat-act" = json!("audit.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller, InPath(id): InPath<String>) -> Result<Response, Problem> {
    Ok(private_json(&AuditRecord::from(web.karat.audited_one(&by, &id).await?)))
}

#[utoipa::path(get, path = "/audit/verify", tag = "audit", operation_id = "verify_audit",
    summary = "Whether the audit log is whole", params(NotedDown),
    description = "Reads all of it: not for every minute.",
    responses((status = 200, description = "What was found", body = AuditVerdict)),
    extensions(("x-karat-act" = json!("audit.read"))))]
pub async fn verify(
    State(web): State<Web>,
    Caller(by): Caller,
    InQuery(noted): InQuery<NotedDown>,
) -> Result<Response, Problem> {
    let head = match (noted.seq, noted.hash) {
        (Some(seq), Some(hash)) => Some(Head { seq, hash }),
        (None, None) => None,
        _ => return Err(Problem::invalid("hash", "comes together with seq")),
    };
    let verdict = match web.karat.verify_audit(&by, head.as_ref()).await? {
        Verdict::Whole(head) => AuditVerdict { whole: true, seq: head.seq, hash: Some(head.hash), what: None },
        Verdict::Broken { seq, what } => AuditVerdict { whole: false, seq, hash: None, what: Some(what) },
    };
    Ok(private_json(&verdict))
}

#[utoipa::path(get, path = "/audit/export", tag = "audit", operation_id = "export_audit",
    summary = "All of the audit log, the oldest first", params(ExportSpan),
    description = "One entry a line. Without a span the chain of hashes can be followed in it. Where a second person has to agree, propose it first.",
    responses((status = 200, description = "JSON lines", content_type = "application/x-ndjson", body = String),
        (status = 409)),
    extensions(("x-karat-act" = json!("audit.export"))))]
pub async fn export(
    State(web): State<Web>,
    Caller(by): Caller,
    InQuery(span): InQuery<ExportSpan>,
) -> Result<Response, Problem> {
    let (since, until) = (span.since.map(Timestamp::from_unix), span.until.map(Timestamp::from_unix));
    let wanted = Wanted { since, until, ..Wanted::default() };
    web.karat.note_audit_export(&by, &wanted).await?;
    let batches = stream::unfold((web, wanted, 0), async |(web, wanted, last)| {
        let rows = web.karat.store.audit_from(last, BATCH).await;
        match rows {
            Ok(rows) if rows.is_empty() => None,
            Ok(rows) => {
                let newest = rows.last().map_or(last, |(row, _)| row.seq);
                Some((Ok(lines(rows, &wanted)), (web, wanted, newest)))
            }
            // A broken answer says that it is not all of it.
            Err(error) => Some((Err(error), (web, wanted, i64::MAX))),
        }
    });
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(batches)).into_response())
}

fn lines(rows: Vec<(Chained, String)>, wanted: &Wanted) -> String {
    let rows = rows.into_iter().filter(|(row, _)| wanted.spans(row.entry.at));
    let lines = rows.filter_map(|(row, _)| serde_json::to_string(&AuditRecord::from(row)).ok());
    lines.map(|line| line + "\n").collect()
}

#[utoipa::path(post, path = "/audit/export/propose", tag = "audit", operation_id = "propose_audit_export",
    summary = "Ask a second person to agree to an export", request_body = Because,
    responses((status = 204, description = "Nobody else has to agree: it may be fetched"),
        (status = 202, description = "Waits for a second person", body = super::proposals::Proposed)),
    extensions(("x-karat-act" = json!("audit.export"))))]
pub async fn propose_export(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(because): InBody<Because>,
) -> Result<Response, Problem> {
    Ok(outcome(&web, web.karat.grave(&by, Grave::ExportAudit, &because.reason).await?))
}
