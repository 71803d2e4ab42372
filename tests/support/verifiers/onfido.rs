//! Onfido: applicants, runs of workflows.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::Method;
use karat::domain::kyc::Provider;
use serde_json::{Value, json};

use super::{Asked, Dialect, Headers, Known, LEVEL, Outcome, PREVIOUS, SECRET, fresh, iso, mac, not_found};

const TOKEN: &str = "api_sandbox.of-the-tests";

pub const DIALECT: Dialect = Dialect { provider: Provider::Onfido, section, knows, answer, tell, sign };

fn section(port: u16) -> String {
    format!(
        "[onfido]\napi = \"http://localhost:{port}\"\napi_token = \"{TOKEN}\"\n\
         webhook_secret = \"{SECRET}\"\nwebhook_previous_secret = \"{PREVIOUS}\"\ntier_2_workflow = \"{LEVEL}\"\n"
    )
}

fn knows(asked: &Asked<'_>) -> bool {
    asked.header("authorization") == format!("Token token={TOKEN}")
}

fn answer(known: &mut BTreeMap<String, Known>, asked: &Asked<'_>) -> (u16, Value) {
    match (asked.method, asked.path) {
        (&Method::POST, "/v3.6/applicants") => {
            let body = asked.json();
            assert!(body["first_name"].is_string() && body["last_name"].is_string());
            (201, json!({ "id": "applicant-1" }))
        }
        (&Method::POST, "/v3.6/workflow_runs") => {
            let body = asked.json();
            assert_eq!(body["applicant_id"], "applicant-1");
            assert!(body["link"]["completed_redirect_url"].as_str().unwrap().ends_with("/verify/status"));
            let id = format!("run-{}", known.len() + 1);
            let (case, level) = (body["customer_user_id"].as_str().unwrap(), body["workflow_id"].as_str().unwrap());
            known.insert(id.clone(), fresh(id.clone(), case, level));
            (201, shown(&known[&id], asked.port))
        }
        (&Method::GET, path) => {
            let found = path.strip_prefix("/v3.6/workflow_runs/").and_then(|id| known.get(id));
            found.map_or_else(not_found, |run| (200, shown(run, asked.port)))
        }
        _ => not_found(),
    }
}

fn shown(run: &Known, port: u16) -> Value {
    let (status, reasons) = status(run.outcome);
    json!({
        "id": run.id, "applicant_id": "applicant-1", "workflow_id": run.level, "customer_user_id": run.case, "status": status,
        "reasons": reasons, "error": null, "updated_at": iso(run.at), "link": { "url": format!("http://localhost:{port}/l/{}", run.id) },
        "output": {
            "first_name": "Erika", "last_name": "Mustermann", "date_of_birth": run.birthdate, "nationality": "DEU",
            "document_type": "passport", "issuing_country": "DEU", "date_of_expiry": "2030-01-01", "facial_similarity": "clear",
            "country_of_residence": "DEU",
        },
    })
}

fn status(outcome: Outcome) -> (&'static str, Vec<&'static str>) {
    match outcome {
        Outcome::Begun => ("awaiting_input", vec![]),
        Outcome::Submitted => ("processing", vec![]),
        Outcome::Green => ("approved", vec![]),
        Outcome::RedRetry => ("declined", vec!["doc_unreadable"]),
        Outcome::RedFinal => ("declined", vec!["doc_tampered"]),
    }
}

/// Onfido names no event: a field that nobody reads tells them apart.
fn tell(run: &Known, event: u32, at: i64) -> String {
    json!({ "payload": {
        "resource_type": "workflow_run", "action": "workflow_run.completed",
        "object": {
            "id": run.id, "status": status(run.outcome).0, "completed_at_iso8601": iso(at),
            "href": format!("https://api.eu.onfido.com/v3.6/workflow_runs/{}?{event}", run.id),
        },
    } })
    .to_string()
}

fn sign(secret: &str, body: &[u8], _at: i64) -> Headers {
    vec![("x-sha2-signature", mac(hmac::HMAC_SHA256, secret, body))]
}
