//! Why an operation was not done, for whoever typed the command: what the problem (RFC 9457) says, and what to do next.

use serde_json::Value;

use super::Question;
use crate::domain::admin::Act;

/// Exit codes are part of what scripts rely on; docs/command-line.md lists them.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error("{text}")]
    Refused { kind: String, text: String },
    /// The table of acts gives no scope for it.
    #[error(
        "no program may do {0}, only people: on /admin, by a person's token in KARAT_TOKEN, or on the database, without --server"
    )]
    PeopleOnly(Act),
    #[error(
        "{client} is not registered for the scope {scope}: register it (`karat client update {client} --scope \"..\"`), or come as another"
    )]
    NotRegistered { client: String, scope: &'static str },
    #[error("the server gives no token to {client}: {error} {description}")]
    NoToken { client: String, error: String, description: String },
    #[error("{0} answers no discovery document: is it the issuer of a Karat?")]
    NoServer(String),
    #[error("no answer: {0}")]
    Unreachable(String),
}

/// Not done yet: a second person has to agree.
#[derive(Debug, thiserror::Error)]
#[error(
    "this waits for a second person: the proposal {0}. Somebody else who may do it confirms it on /admin/proposals, or by POST \
     /admin/api/v1/proposals/{0}/confirm"
)]
pub struct Proposed(pub String);

impl DoorError {
    /// Whether what was typed is what is wrong.
    pub fn is_mistake(&self) -> bool {
        matches!(self, Self::Refused { kind, .. } if kind == "malformed" || kind == "invalid")
    }

    /// Whether the same command may well work later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::NoServer(_) => true,
            Self::Refused { kind, .. } => matches!(kind.as_str(), "unavailable" | "too-many" | "in-flight"),
            _ => false,
        }
    }

    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { kind, .. } if kind == "conflict")
    }

    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { kind, .. } if kind == "not-found")
    }
}

pub(super) fn problem(
    (status, body): (u16, &Value),
    (challenge, retry_after): (Option<String>, Option<String>),
    question: &Question,
) -> DoorError {
    let word = |key: &str| body[key].as_str().unwrap_or_default();
    let kind = word("type").rsplit('/').next().unwrap_or_default().to_owned();
    if kind.is_empty() {
        let text = format!("the server answered {status}, and not as an admin API does");
        return DoorError::Refused { kind, text };
    }
    let mut lines = Vec::new();
    match (kind.as_str(), body["errors"].as_array()) {
        ("not-found", _) => lines.push(format!("there is no {}", question.about)),
        (_, Some(errors)) => {
            let told = |one: &Value| format!("{}: {}", text(&one["field"]), text(&one["detail"]));
            lines.extend(errors.iter().map(told));
        }
        _ => lines.push(word("detail").to_owned()),
    }
    lines.extend(advice(&kind, challenge, retry_after, question.act));
    if !word("request_id").is_empty() {
        lines.push(format!("(request {} in the log of the server)", word("request_id")));
    }
    let text = lines.iter().map(|line| super::super::print::safe(line)).collect::<Vec<_>>().join("\n");
    DoorError::Refused { kind, text }
}

/// What to do next.
fn advice(kind: &str, challenge: Option<String>, retry_after: Option<String>, act: Act) -> Option<String> {
    match (kind, act.scope()) {
        ("unauthenticated", _) => {
            Some("Fetch another token: this one is expired, revoked, of another server, or of an app with an `audience` of its own.".to_owned())
        }
        ("step-up", _) => Some(format!(
            "Log in once more with a passkey in the app that the token is of, and come back with the new token. {}",
            challenge.unwrap_or_default()
        )),
        ("forbidden", Some(scope)) => {
            Some(format!("A program needs the scope {scope} for {act}, a person a role that may: see docs/admin.md."))
        }
        ("forbidden", None) => Some(format!("{act} takes a person with a role that may: see docs/admin.md.")),
        ("stale", _) => Some("Somebody else was quicker: look what it is now, and try again.".to_owned()),
        ("unavailable" | "too-many", _) => retry_after.map(|seconds| format!("Try again in {seconds} s.")),
        _ => None,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
