//! The rules of the published JSON schemas for answers and for requests, as far as a document of this issuer can break them
//! (OpenID Identity Assurance Schema Definition 1.0; OpenID Connect for Identity Assurance 1.0).

use serde_json::{Map, Value};

type Judged = Result<(), String>;

/// The value of `verified_claims` in an ID token or a userinfo answer.
pub fn answer(value: &Value) -> Judged {
    match value {
        Value::Array(several) if several.is_empty() => Err("an empty list".into()),
        Value::Array(several) => several.iter().try_for_each(answer_element),
        one => answer_element(one),
    }
}

fn answer_element(value: &Value) -> Judged {
    let element = exactly(value, &["verification", "claims"])?;
    let verification = object(&element["verification"])?;
    object(&element["claims"])?;
    text(verification, "trust_framework")?;
    for name in ["assurance_level", "verification_process"] {
        optional(verification, name, |value| value.is_string())?;
    }
    optional(verification, "time", is_time)?;
    if let Some(process) = verification.get("assurance_process") {
        assurance_process(process)?;
    }
    match verification.get("evidence") {
        None => Ok(()),
        Some(list) => some(list)?.iter().try_for_each(evidence),
    }
}

fn assurance_process(value: &Value) -> Judged {
    let process = object(value)?;
    optional(process, "policy", |value| value.is_string())?;
    optional(process, "procedure", |value| value.is_string())?;
    let Some(details) = process.get("assurance_details") else { return Ok(()) };
    for details in some(details)? {
        let details = object(details)?;
        optional(details, "assurance_type", |value| value.is_string())?;
        for reference in details.get("evidence_ref").map(some).transpose()?.into_iter().flatten() {
            text(object(reference)?, "check_id")?;
        }
    }
    Ok(())
}

fn evidence(value: &Value) -> Judged {
    let entry = object(value)?;
    let kinds = ["document", "electronic_record", "vouch", "electronic_signature"];
    if !kinds.contains(&text(entry, "type")?) {
        return Err(format!("no type of evidence: {value}"));
    }
    for check in entry.get("check_details").map(some).transpose()?.into_iter().flatten() {
        let check = object(check)?;
        text(check, "check_method")?;
        optional(check, "organization", |value| value.is_string())?;
        optional(check, "check_id", |value| value.is_string())?;
        optional(check, "time", is_time)?;
    }
    let Some(details) = entry.get("document_details") else { return Ok(()) };
    let details = object(details)?;
    text(details, "type")?;
    optional(details, "date_of_issuance", is_date)?;
    optional(details, "date_of_expiry", is_date)?;
    match details.get("issuer") {
        None => Ok(()),
        Some(issuer) => optional(object(issuer)?, "country_code", |value| value.is_string()),
    }
}

/// The whole `claims` parameter.
pub fn request(value: &Value) -> Judged {
    for place in ["userinfo", "id_token"] {
        match value.get(place).and_then(|place| place.get("verified_claims")) {
            None => {}
            Some(Value::Array(several)) => several.iter().try_for_each(request_element)?,
            Some(one) => request_element(one)?,
        }
    }
    Ok(())
}

fn request_element(value: &Value) -> Judged {
    let element = exactly(value, &["verification", "claims"])?;
    let verification = object(&element["verification"])?;
    if !verification.contains_key("trust_framework") {
        return Err(format!("no trust_framework: {value}"));
    }
    for name in ["trust_framework", "assurance_level", "time", "verification_process"] {
        verification.get(name).map_or(Ok(()), leaf)?;
    }
    for entry in verification.get("evidence").map(some).transpose()?.into_iter().flatten() {
        let kind = object(entry)?.get("type").ok_or("evidence of no type")?;
        text(object(kind)?, "value")?;
    }
    match &element["claims"] {
        Value::Null => Ok(()),
        Value::Object(claims) if !claims.is_empty() => claims.values().try_for_each(leaf),
        other => Err(format!("claims: {other}")),
    }
}

fn leaf(value: &Value) -> Judged {
    let Value::Object(members) = value else {
        return if value.is_null() { Ok(()) } else { Err(format!("neither null nor an object: {value}")) };
    };
    optional(members, "essential", |value| value.is_boolean())?;
    optional(members, "values", |value| value.as_array().is_some_and(|values| !values.is_empty()))?;
    optional(members, "max_age", |value| value.as_u64().is_some())
}

fn exactly<'a>(value: &'a Value, names: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let members = object(value)?;
    let fits = members.len() == names.len() && names.iter().all(|name| members.contains_key(*name));
    if fits { Ok(members) } else { Err(format!("not just {names:?}: {value}")) }
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("no object: {value}"))
}

fn some(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().filter(|list| !list.is_empty()).ok_or_else(|| format!("no list with anything in it: {value}"))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    members.get(name).and_then(Value::as_str).ok_or_else(|| format!("no text {name}: {members:?}"))
}

fn optional(members: &Map<String, Value>, name: &str, fits: impl Fn(&Value) -> bool) -> Judged {
    match members.get(name) {
        Some(value) if !fits(value) => Err(format!("{name}: {value}")),
        _ => Ok(()),
    }
}

fn is_date(value: &Value) -> bool {
    let digits = |at: usize, c: char| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
    value.as_str().is_some_and(|text| text.len() == 10 && text.chars().enumerate().all(|(at, c)| digits(at, c)))
}

/// In UTC, to the second.
fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        text.len() == 20 && text.ends_with('Z') && text.parse::<chrono::DateTime<chrono::Utc>>().is_ok()
    })
}
