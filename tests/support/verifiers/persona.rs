//! Persona: inquiries, one-time links.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::Method;
use karat::domain::kyc::Provider;
use serde_json::{Value, json};

use super::{Asked, Dialect, Headers, Known, LEVEL, Outcome, PREVIOUS, SECRET, fresh, iso, mac, not_found};

const KEY: &str = "persona_sandbox_of-the-tests";

pub const DIALECT: Dialect = Dialect { provider: Provider::Persona, section, knows, answer, tell, sign };

fn section(port: u16) -> String {
    format!(
        "[persona]\napi = \"http://localhost:{port}\"\napi_key = \"{KEY}\"\n\
         webhook_secret = \"{SECRET}\"\nwebhook_previous_secret = \"{PREVIOUS}\"\ntier_2_template = \"{LEVEL}\"\n"
    )
}

fn knows(asked: &Asked<'_>) -> bool {
    asked.header("authorization") == format!("Bearer {KEY}") && asked.header("key-inflection") == "kebab"
}

fn answer(known: &mut BTreeMap<String, Known>, asked: &Asked<'_>) -> (u16, Value) {
    let named = asked.path.strip_prefix("/api/v1/inquiries").unwrap_or_default().trim_start_matches('/');
    match (asked.method, named.split_once('/')) {
        (&Method::POST, None) => {
            let body = asked.json();
            let wanted = &body["data"]["attributes"];
            assert!(wanted["redirect-uri"].as_str().unwrap().ends_with("/verify/status"));
            let id = format!("inq_{}", known.len() + 1);
            let (case, level) =
                (wanted["reference-id"].as_str().unwrap(), wanted["inquiry-template-id"].as_str().unwrap());
            known.insert(id.clone(), fresh(id.clone(), case, level));
            (201, shown(&known[&id]))
        }
        (&Method::POST, Some((id, "generate-one-time-link"))) if known.contains_key(id) => {
            let link = format!("http://localhost:{}/verify?code={id}", asked.port);
            (200, json!({ "data": { "type": "inquiry", "id": id }, "meta": { "one-time-link": link } }))
        }
        (&Method::GET, None) => known.get(named).map_or_else(not_found, |inquiry| (200, shown(inquiry))),
        _ => not_found(),
    }
}

fn shown(inquiry: &Known) -> Value {
    json!({
        "data": {
            "type": "inquiry", "id": inquiry.id,
            "attributes": {
                "status": status(inquiry.outcome), "reference-id": inquiry.case, "tags": [], "decisioned-at": iso(inquiry.at),
                "failed-at": iso(inquiry.at), "redacted-at": null, "name-first": "Typed",
                "fields": { "address-city": { "type": "string", "value": "Cologne" }, "address-country-code": { "type": "string", "value": "DE" } },
            },
            "relationships": { "inquiry-template": { "data": { "type": "inquiry-template", "id": inquiry.level } } },
        },
        "included": [
            { "type": "verification/government-id", "id": "ver_1", "attributes": {
                "status": "passed", "id-class": "pp", "country-code": "DE", "expiration-date": "2030-01-01", "issue-date": "2020-01-01",
                "name-first": "Erika", "name-last": "Mustermann", "birthdate": inquiry.birthdate,
            } },
            { "type": "verification/selfie", "id": "ver_2", "attributes": { "status": "passed" } },
        ],
    })
}

fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Begun => "pending",
        Outcome::Submitted => "completed",
        Outcome::Green => "approved",
        Outcome::RedRetry => "failed",
        Outcome::RedFinal => "declined",
    }
}

fn tell(inquiry: &Known, event: u32, at: i64) -> String {
    let status = status(inquiry.outcome);
    let payload = json!({ "data": {
        "type": "inquiry", "id": inquiry.id, "attributes": { "status": status, "reference-id": inquiry.case },
    } });
    json!({ "data": { "type": "event", "id": format!("evt_{event}"), "attributes": {
        "name": format!("inquiry.{status}"), "payload": payload, "created-at": iso(at),
    } } })
    .to_string()
}

fn sign(secret: &str, body: &[u8], at: i64) -> Headers {
    let signature = mac(hmac::HMAC_SHA256, secret, &[format!("{at}.").as_bytes(), body].concat());
    vec![("persona-signature", format!("t={at},v1={signature}"))]
}
