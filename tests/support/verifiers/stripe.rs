//! Stripe Identity: verification sessions.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::Method;
use karat::domain::kyc::Provider;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Asked, Dialect, Headers, Known, Outcome, PREVIOUS, SECRET, fresh, mac, not_found};

const KEY: &str = "rk_test_of_the_tests";
const SESSIONS: &str = "/v1/identity/verification_sessions";

pub const DIALECT: Dialect = Dialect { provider: Provider::Stripe, section, knows, answer, tell, sign };

fn section(port: u16) -> String {
    format!(
        "[stripe_identity]\napi = \"http://localhost:{port}\"\nsecret_key = \"{KEY}\"\n\
         webhook_secret = \"{SECRET}\"\nwebhook_previous_secret = \"{PREVIOUS}\"\n"
    )
}

fn knows(asked: &Asked<'_>) -> bool {
    asked.header("authorization") == format!("Bearer {KEY}") && !asked.header("stripe-version").is_empty()
}

fn answer(known: &mut BTreeMap<String, Known>, asked: &Asked<'_>) -> (u16, Value) {
    if asked.method == Method::POST && asked.path == SESSIONS {
        let form: BTreeMap<String, String> = form_urlencoded::parse(asked.body).into_owned().collect();
        assert!(form["return_url"].ends_with("/verify/status"));
        assert_eq!(form["options[document][require_matching_selfie]"], "true");
        let id = format!("vs_{}", known.len() + 1);
        known.insert(id.clone(), fresh(id.clone(), &form["client_reference_id"], &form["type"]));
        return (200, shown(&known[&id], asked));
    }
    let named = asked.path.strip_prefix(SESSIONS).and_then(|rest| rest.strip_prefix('/'));
    match named.and_then(|id| known.get(id)).filter(|_| asked.method == Method::GET) {
        Some(session) => (200, shown(session, asked)),
        None => not_found(),
    }
}

/// What is sensitive is shown to who asks for it.
fn shown(session: &Known, asked: &Asked<'_>) -> Value {
    let (status, error) = status(session.outcome);
    let port = asked.port;
    let url = (status == "requires_input").then(|| format!("http://localhost:{port}/start/{}", session.id));
    let mut all = json!({
        "id": session.id, "object": "identity.verification_session", "status": status, "last_error": error, "url": url,
        "client_reference_id": session.case, "type": session.level, "options": { "document": { "require_matching_selfie": true } },
        "last_verification_report": null, "metadata": {}, "livemode": false,
    });
    if status == "verified" && asked.raw_query.contains("verified_outputs.dob") {
        let day: chrono::NaiveDate = session.birthdate.parse().unwrap();
        use chrono::Datelike;
        all["verified_outputs"] = json!({
            "first_name": "Erika", "last_name": "Mustermann",
            "dob": { "day": day.day(), "month": day.month(), "year": day.year() },
            "address": { "line1": "Heidestrasse 17", "city": "Cologne", "postal_code": "51147", "country": "DE" },
        });
        all["last_verification_report"] = json!({
            "created": session.at, "selfie": { "status": "verified" },
            "document": {
                "type": "passport", "issuing_country": "DE", "status": "verified",
                "issued_date": { "day": 1, "month": 1, "year": 2020 }, "expiration_date": { "day": 1, "month": 1, "year": 2030 },
            },
        });
    }
    all
}

fn status(outcome: Outcome) -> (&'static str, Value) {
    match outcome {
        Outcome::Begun => ("requires_input", Value::Null),
        Outcome::Submitted => ("processing", Value::Null),
        Outcome::Green => ("verified", Value::Null),
        Outcome::RedRetry | Outcome::RedFinal => (
            "requires_input",
            json!({ "code": "document_unverified_other", "reason": "The document could not be verified." }),
        ),
    }
}

fn tell(session: &Known, event: u32, at: i64) -> String {
    let (status, error) = status(session.outcome);
    let kind = if session.outcome == Outcome::Begun { "created" } else { status };
    json!({
        "id": format!("evt_{event}"), "object": "event", "type": format!("identity.verification_session.{kind}"), "created": at,
        "data": { "object": {
            "id": session.id, "object": "identity.verification_session", "status": status, "last_error": error,
            "client_reference_id": session.case, "metadata": {},
        } },
    })
    .to_string()
}

fn sign(secret: &str, body: &[u8], at: i64) -> Headers {
    let signature = mac(hmac::HMAC_SHA256, secret, &[format!("{at}.").as_bytes(), body].concat());
    vec![("stripe-signature", format!("t={at},v1={signature}"))]
}
