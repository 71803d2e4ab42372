//! From what is asked and what there is to what is told (OpenID Connect for Identity Assurance 1.0, requesting verification data,
//! further constraints, returning less data than requested). Never an error: what does not fit is left out.

use serde_json::{Map, Value, json};

use super::dataset::Dataset;
use super::request::{Element, Request, Wish, Wishes};
use super::vocabulary::mandatory;
use crate::domain::time::Timestamp;

/// The value of `verified_claims`; `None`: it is left out. Each element asked for is answered by itself, out of the first dataset that
/// meets it.
pub fn answer(request: &Request, datasets: &[Dataset], now: Timestamp) -> Option<Value> {
    let met = |element: &Element| datasets.iter().find_map(|dataset| told(element, dataset, now));
    let mut told = request.elements.iter().filter_map(met);
    if !request.is_list {
        return told.next();
    }
    let several: Vec<Value> = told.collect();
    (!several.is_empty()).then(|| several.into())
}

fn told(element: &Element, dataset: &Dataset, now: Timestamp) -> Option<Value> {
    let mut verification = members(&element.verification, &dataset.verification, now)?;
    // Asked for by every request, and what an answer is not valid without.
    if let Some(framework) = dataset.verification.get("trust_framework") {
        verification.entry("trust_framework").or_insert_with(|| framework.clone());
    }
    let claims = match &element.claims {
        None => Map::new(),
        Some(wanted) => {
            let claims = claims(wanted, &dataset.claims, now);
            if claims.is_empty() {
                return None;
            }
            claims
        }
    };
    Some(json!({ "verification": verification, "claims": claims }))
}

/// Outside of `verification`, what does not fit falls away alone.
fn claims(wanted: &Wishes, found: &Map<String, Value>, now: Timestamp) -> Map<String, Value> {
    let fitting = wanted.iter().filter_map(|(name, wish)| {
        let told = match (wish, found.get(name)?) {
            (Wish::Members(wanted), Value::Object(found)) => {
                let told = claims(wanted, found, now);
                (!told.is_empty()).then(|| told.into())
            }
            (wish, value) => one(name, wish, value, now)?,
        };
        Some((name.clone(), told?))
    });
    fitting.collect()
}

/// Within `verification`: `None` when anything that is demanded is not met. What is merely not there is left out.
fn members(wanted: &Wishes, found: &Map<String, Value>, now: Timestamp) -> Option<Map<String, Value>> {
    let mut told = Map::new();
    for (name, wish) in wanted {
        match found.get(name) {
            None if wish.is_demanding() => return None,
            None => {}
            Some(value) => {
                if let Some(value) = one(name, wish, value, now)? {
                    told.insert(name.clone(), value);
                }
            }
        }
    }
    Some(told)
}

/// `None`: a demand is not met. `Some(None)`: nothing of it is to be told.
fn one(name: &str, wish: &Wish, found: &Value, now: Timestamp) -> Option<Option<Value>> {
    match (wish, found) {
        (Wish::Is(constraint), found) => constraint.admits(found, now).then(|| Some(found.clone())),
        (Wish::Members(wanted), Value::Object(found)) => Some(complete(name, members(wanted, found, now)?, found)),
        (Wish::Entries(wanted), Value::Array(found)) => {
            let entries = entries(name, wanted, found, now)?;
            Some((!entries.is_empty()).then(|| entries.into()))
        }
        // Asked for as something that it is not.
        _ => None,
    }
}

/// Every entry that one of those wanted fits, as the first that does wants it told. `None` when there is no such entry.
fn entries(name: &str, wanted: &[Wishes], found: &[Value], now: Timestamp) -> Option<Vec<Value>> {
    let mut fits_any = false;
    let mut told = Vec::new();
    for found in found.iter().filter_map(Value::as_object) {
        if let Some(fitting) = wanted.iter().find_map(|wanted| members(wanted, found, now)) {
            fits_any = true;
            told.extend(complete(name, fitting, found));
        }
    }
    fits_any.then_some(told)
}

/// What is told of an element, with what it is not valid without; nothing of one of which nothing is told.
fn complete(name: &str, mut told: Map<String, Value>, found: &Map<String, Value>) -> Option<Value> {
    if told.is_empty() {
        return None;
    }
    if let Some((key, value)) = mandatory(name).and_then(|key| found.get_key_value(key)) {
        told.entry(key.clone()).or_insert_with(|| value.clone());
    }
    Some(told.into())
}
