//! What somebody typed into a long form when the passkey came in between: kept for a while, for this person in this browser.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ConsoleVisit;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::http::error::PageError;

const KEPT: Seconds = Seconds::minutes(15);

/// What was typed at `path`.
pub async fn keep<T: Serialize>(visit: &ConsoleVisit, path: &str, typed: &T) -> Result<(), PageError> {
    let text = serde_json::to_string(typed).map_err(Failure::fault)?;
    Ok(visit.karat().ephemeral.put(&drawer(visit, path), &text, KEPT.as_duration()).await?)
}

/// Works once.
pub async fn take<T: DeserializeOwned>(visit: &ConsoleVisit, path: &str) -> Result<Option<T>, PageError> {
    let text = visit.karat().ephemeral.take(&drawer(visit, path)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

fn drawer(visit: &ConsoleVisit, path: &str) -> String {
    format!("console-form:{}:{}:{path}", visit.at.visit.browser_hash().as_str(), visit.at.signed_in.user.id)
}
