//! What is taken away as a file: written row by row, so that a long log needs no memory.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use crate::flow::Karat;
use crate::storage;
use crate::storage::audit::Chained;

/// Rows that are read at a time.
const BATCH: i64 = 500;

/// The whole audit log as JSON lines, the oldest first.
pub fn audit_log(karat: Arc<Karat>) -> Response {
    let lines = stream::unfold((karat, 0_i64), async |(karat, last)| {
        let rows = match karat.store.audit_from(last, BATCH).await {
            Ok(rows) => rows,
            // Cut off in the middle, which whoever fetches it sees.
            Err(error) => return Some((Err::<String, storage::Error>(error), (karat, i64::MAX))),
        };
        let last = rows.last()?.0.seq;
        let text = rows.iter().map(|(row, _)| format!("{}\n", line(row))).collect();
        Some((Ok(text), (karat, last)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"karat-audit.ndjson\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    (headers, Body::from_stream(lines)).into_response()
}

fn line(row: &Chained) -> serde_json::Value {
    let Chained { seq, entry, hash } = row;
    json!({
        "seq": seq,
        "id": entry.id,
        "at": entry.at.unix(),
        "actor": entry.actor,
        "act": entry.act,
        "target": { "kind": entry.target_kind, "id": entry.target },
        "detail": entry.detail,
        "address": entry.address,
        "request_id": entry.request_id,
        "hash": hash,
    })
}
