//! Sumsub: applicants, links of the WebSDK.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::http::Method;
use axum::response::Html;
use karat::domain::kyc::Provider;
use serde_json::{Value, json};

use super::{Asked, Dialect, Headers, Known, LEVEL, Outcome, PREVIOUS, SECRET, fresh, mac, not_found};

const TOKEN: &str = "sbx:token-of-the-tests";
const KEY: &str = "secret-key-of-the-tests";

/// Where people are sent; Karat itself never goes there.
pub const WEBSDK: &str = "/websdk/";

pub const DIALECT: Dialect = Dialect { provider: Provider::Sumsub, section, knows, answer, tell, sign };

fn section(port: u16) -> String {
    format!(
        "[sumsub]\napi = \"http://localhost:{port}\"\napp_token = \"{TOKEN}\"\nsecret_key = \"{KEY}\"\n\
         webhook_secret = \"{SECRET}\"\nwebhook_previous_secret = \"{PREVIOUS}\"\ntier_2_level = \"{LEVEL}\"\n"
    )
}

fn knows(asked: &Asked<'_>) -> bool {
    let body = std::str::from_utf8(asked.body).unwrap();
    let text = format!("{}{}{}{body}", asked.header("x-app-access-ts"), asked.method, asked.path_and_query());
    asked.header("x-app-token") == TOKEN
        && asked.header("x-app-access-sig") == mac(hmac::HMAC_SHA256, KEY, text.as_bytes())
}

fn answer(known: &mut BTreeMap<String, Known>, asked: &Asked<'_>) -> (u16, Value) {
    match (asked.method, asked.path) {
        (&Method::POST, "/resources/applicants") => {
            let case = asked.json()["externalUserId"].as_str().unwrap().to_owned();
            if known.values().any(|applicant| applicant.case == case) {
                return (409, json!({ "description": "already exists" }));
            }
            let id = format!("5cb744200a975a67ed{:06x}", known.len());
            known.insert(id.clone(), fresh(id.clone(), &case, &asked.query["levelName"]));
            (201, json!({ "id": id, "externalUserId": case }))
        }
        (&Method::POST, "/resources/sdkIntegrations/levels/-/websdkLink") => {
            let body = asked.json();
            let mut all = known.values();
            assert!(all.any(|applicant| body["userId"] == applicant.case && body["levelName"] == applicant.level));
            (200, json!({ "url": format!("http://localhost:{}{WEBSDK}p/sbx_{}", asked.port, known.len()) }))
        }
        (&Method::GET, path) => {
            let Some(named) = path.strip_prefix("/resources/applicants/").and_then(|rest| rest.strip_suffix("/one"))
            else {
                return not_found();
            };
            let found = match named.strip_prefix("-;externalUserId=") {
                Some(case) => known.values().find(|applicant| applicant.case == case),
                None => known.get(named),
            };
            found.map_or_else(not_found, |applicant| (200, shown(applicant)))
        }
        _ => not_found(),
    }
}

/// What people find there, in few words.
pub fn page() -> Html<&'static str> {
    Html("<!doctype html><title>Provider</title><h1 id=\"provider\">Show us your passport</h1>")
}

fn shown(applicant: &Known) -> Value {
    let (status, result) = review(applicant.outcome);
    let date = chrono::DateTime::from_timestamp(applicant.at, 0).unwrap().format("%Y-%m-%d %H:%M:%S+0000").to_string();
    json!({
        "id": applicant.id, "externalUserId": applicant.case, "createdAt": "2026-01-15 10:00:00",
        "info": {
            "firstName": "Erika", "lastName": "Mustermann", "dob": applicant.birthdate, "country": "DEU", "nationality": "DEU",
            "idDocs": [{ "idDocType": "PASSPORT", "country": "DEU", "validUntil": "2030-01-01", "number": "C01X00T47" }],
        },
        "requiredIdDocs": { "docSets": [{ "idDocSetType": "IDENTITY" }, { "idDocSetType": "SELFIE" }] },
        "review": { "levelName": applicant.level, "reviewStatus": status, "reviewResult": result, "reviewDate": date },
        "type": "individual",
    })
}

fn review(outcome: Outcome) -> (&'static str, Value) {
    match outcome {
        Outcome::Begun => ("init", json!({})),
        Outcome::Submitted => ("pending", json!({})),
        Outcome::Green => ("completed", json!({ "reviewAnswer": "GREEN" })),
        Outcome::RedRetry => {
            let labels = ["UNSATISFACTORY_PHOTOS"];
            ("completed", json!({ "reviewAnswer": "RED", "reviewRejectType": "RETRY", "rejectLabels": labels }))
        }
        Outcome::RedFinal => {
            let labels = ["FORGERY"];
            ("completed", json!({ "reviewAnswer": "RED", "reviewRejectType": "FINAL", "rejectLabels": labels }))
        }
    }
}

fn tell(applicant: &Known, event: u32, at: i64) -> String {
    let (status, result) = review(applicant.outcome);
    let kind = match applicant.outcome {
        Outcome::Begun => "applicantReset",
        Outcome::Submitted => "applicantPending",
        _ => "applicantReviewed",
    };
    let time = chrono::DateTime::from_timestamp(at, 0).unwrap().format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    json!({
        "applicantId": applicant.id, "externalUserId": applicant.case, "levelName": applicant.level, "type": kind,
        "correlationId": format!("req-{event}"), "reviewResult": result, "reviewStatus": status, "createdAtMs": time,
        "sandboxMode": true,
    })
    .to_string()
}

fn sign(secret: &str, body: &[u8], _at: i64) -> Headers {
    let digest = mac(hmac::HMAC_SHA256, secret, body);
    vec![("x-payload-digest", digest), ("x-payload-digest-alg", "HMAC_SHA256_HEX".to_owned())]
}
