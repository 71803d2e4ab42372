//! Veriff: sessions, decisions.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::Method;
use karat::domain::kyc::Provider;
use serde_json::{Value, json};

use super::{Asked, Dialect, Headers, Known, Outcome, PREVIOUS, SECRET, fresh, iso, mac, not_found};

const KEY: &str = "veriff-api-key-of-the-tests";

pub const DIALECT: Dialect = Dialect { provider: Provider::Veriff, section, knows, answer, tell, sign };

fn section(port: u16) -> String {
    format!(
        "[veriff]\napi = \"http://localhost:{port}\"\napi_key = \"{KEY}\"\n\
         shared_secret = \"{SECRET}\"\nprevious_shared_secret = \"{PREVIOUS}\"\n"
    )
}

fn knows(asked: &Asked<'_>) -> bool {
    let signed = match asked.method {
        &Method::GET => asked.path.split('/').nth(3).unwrap_or_default().as_bytes(),
        _ => asked.body,
    };
    asked.header("x-auth-client") == KEY && asked.header("x-hmac-signature") == mac(hmac::HMAC_SHA256, SECRET, signed)
}

fn answer(known: &mut BTreeMap<String, Known>, asked: &Asked<'_>) -> (u16, Value) {
    if asked.method == Method::POST && asked.path == "/v1/sessions" {
        let body = asked.json();
        assert!(body["verification"]["callback"].as_str().unwrap().ends_with("/verify/status"));
        let id = format!("12df6045-3846-3e45-946a-{:012x}", known.len());
        known.insert(id.clone(), fresh(id.clone(), body["verification"]["vendorData"].as_str().unwrap(), ""));
        let url = format!("http://localhost:{}/v/{id}", asked.port);
        return (201, json!({ "status": "success", "verification": { "id": id, "url": url, "status": "created" } }));
    }
    let Some((id, what)) = asked.path.strip_prefix("/v1/sessions/").and_then(|rest| rest.split_once('/')) else {
        return not_found();
    };
    match (known.get(id), what) {
        (Some(session), "decision") => (200, json!({ "status": "success", "verification": decision(session) })),
        (Some(session), "attempts") => {
            let status = if session.outcome == Outcome::Begun { "started" } else { "submitted" };
            let attempts = [
                json!({ "id": "2", "status": status, "createdTime": "2026-01-15T10:00:02Z" }),
                json!({ "id": "1", "status": "expired", "createdTime": "2026-01-15T10:00:01Z" }),
            ];
            (200, json!({ "status": "success", "verifications": attempts }))
        }
        _ => not_found(),
    }
}

fn decision(session: &Known) -> Value {
    let (status, code, reason) = match session.outcome {
        Outcome::Begun | Outcome::Submitted => return Value::Null,
        Outcome::Green => ("approved", 9001, None),
        Outcome::RedRetry => ("resubmission_requested", 9103, Some(204)),
        Outcome::RedFinal => ("declined", 9102, Some(102)),
    };
    json!({
        "id": session.id, "attemptId": "00bca969-b53a-4fad-b065-874d41a7b2b8", "vendorData": session.case, "status": status,
        "code": code, "reasonCode": reason, "decisionTime": iso(session.at),
        "person": {
            "firstName": "Erika", "lastName": "Mustermann", "dateOfBirth": session.birthdate, "nationality": "DE", "idNumber": null,
            "addresses": [{ "fullAddress": "Heidestrasse 17, 51147 Cologne", "parsedAddress": { "city": "Cologne", "country": "DE" } }],
        },
        "document": { "type": "PASSPORT", "country": "DE", "number": "C01X00T47", "validFrom": "2020-01-01", "validUntil": "2030-01-01" },
    })
}

/// A decision, or before there is one an event. Veriff names no event: a field that nobody reads tells them apart.
fn tell(session: &Known, event: u32, at: i64) -> String {
    let mut told = decision(session);
    match &mut told {
        Value::Null => {
            let action = if session.outcome == Outcome::Begun { "started" } else { "submitted" };
            let attempt = format!("attempt-{event}");
            json!({ "id": session.id, "attemptId": attempt, "feature": "selfid", "action": action, "vendorData": session.case })
                .to_string()
        }
        told => {
            told["attemptId"] = format!("attempt-{event}").into();
            told["decisionTime"] = iso(at).into();
            json!({ "status": "success", "verification": told }).to_string()
        }
    }
}

fn sign(secret: &str, body: &[u8], _at: i64) -> Headers {
    vec![("x-hmac-signature", mac(hmac::HMAC_SHA256, secret, body)), ("x-auth-client", KEY.to_owned())]
}
