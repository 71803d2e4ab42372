//! Reading what an app asks for (OpenID Connect for Identity Assurance 1.0, requesting verified claims).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::constraint::{self, Constraint};
use super::vocabulary::{self, Members, Shape, shape_of};
use crate::domain::claims_request::InvalidClaims;

/// More of anything in one request is an attack, not a wish.
const MOST_ENTRIES: usize = 16;

/// The `verified_claims` member of the `claims` parameter, for the ID token or for userinfo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub(super) elements: Vec<Element>,
    /// The app asked by an array, and is answered by one.
    #[serde(default)]
    pub(super) is_list: bool,
}

/// What is to be verified how, and the claims that are wanted if it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Element {
    pub verification: Wishes,
    /// `None`: none at all, the verification is what the app wants to know of.
    pub claims: Option<Wishes>,
}

pub(super) type Wishes = BTreeMap<String, Wish>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wish {
    Is(Constraint),
    Members(Wishes),
    /// Any of these.
    Entries(Vec<Wishes>),
}

impl Request {
    /// What is no request by the published schema is an error; what is one and cannot be met is left out of the answer.
    pub fn parse(value: &Value) -> Result<Self, InvalidClaims> {
        match value {
            Value::Object(members) => Ok(Self { elements: vec![element(members)?], is_list: false }),
            Value::Array(several) if several.len() <= MOST_ENTRIES => {
                let elements = several.iter().map(|one| one.as_object().ok_or(InvalidClaims).and_then(element));
                Ok(Self { elements: elements.collect::<Result<_, _>>()?, is_list: !several.is_empty() })
            }
            _ => Err(InvalidClaims),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The claims asked for by any element.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.elements
            .iter()
            .filter_map(|element| element.claims.as_ref())
            .flat_map(|claims| claims.keys())
            .map(String::as_str)
    }

    pub fn wants_evidence(&self) -> bool {
        let deep = |name: &&str| ["evidence", "assurance_process"].contains(name);
        self.elements.iter().any(|element| element.verification.keys().any(|name| deep(&name.as_str())))
    }

    /// Only those claims that `kept` names; without any, nothing is asked for at all.
    #[must_use]
    pub fn limited_to(mut self, kept: &BTreeSet<String>) -> Self {
        if kept.is_empty() {
            return Self::default();
        }
        for claims in self.elements.iter_mut().filter_map(|element| element.claims.as_mut()) {
            claims.retain(|name, _| kept.contains(name));
        }
        self
    }
}

impl Wish {
    /// Whether an element that is not there fails the request.
    pub(super) fn is_demanding(&self) -> bool {
        match self {
            Self::Is(constraint) => !constraint.is_none(),
            Self::Members(members) => members.values().any(Wish::is_demanding),
            Self::Entries(entries) => entries.iter().all(|entry| entry.values().any(Wish::is_demanding)),
        }
    }
}

fn element(members: &Map<String, Value>) -> Result<Element, InvalidClaims> {
    let Some(Value::Object(verification)) = members.get("verification") else { return Err(InvalidClaims) };
    if members.len() != 2 || !verification.contains_key("trust_framework") {
        return Err(InvalidClaims);
    }
    let claims = match members.get("claims") {
        Some(Value::Null) => None,
        Some(Value::Object(claims)) if !claims.is_empty() => Some(claim_wishes(claims)?),
        _ => return Err(InvalidClaims),
    };
    Ok(Element { verification: wishes(verification, vocabulary::VERIFICATION)?, claims })
}

/// Claims that nobody here knows are left out, whatever is asked of them.
fn claim_wishes(claims: &Map<String, Value>) -> Result<Wishes, InvalidClaims> {
    let mut wanted = Wishes::new();
    for (name, how) in claims {
        match shape_of(name, vocabulary::CLAIM_SHAPES) {
            Some(shape) => drop(wanted.insert(name.clone(), wish(shape, name, how)?)),
            None => drop(constraint(how)?),
        }
    }
    Ok(wanted)
}

fn wishes(members: &Map<String, Value>, known: Members) -> Result<Wishes, InvalidClaims> {
    let mut wanted = Wishes::new();
    for (name, how) in members {
        match (shape_of(name, known), how) {
            // Whoever asks for an object or a list says what of it (requesting verification data).
            (Some(Shape::Object(_)), Value::Null) => {}
            (Some(Shape::List(_)), Value::Null) if name != "evidence" => {}
            (Some(shape), how) => drop(wanted.insert(name.clone(), wish(shape, name, how)?)),
            // Not known here: never told, but nothing that is demanded of it may be passed over.
            (None, how) if demands(how) => drop(wanted.insert(name.clone(), Wish::Is(Constraint::unmeetable()))),
            (None, _) => {}
        }
    }
    Ok(wanted)
}

fn wish(shape: Shape, name: &str, how: &Value) -> Result<Wish, InvalidClaims> {
    match (shape, how) {
        (Shape::Plain | Shape::Whole, how) => Ok(Wish::Is(constraint(how)?)),
        (Shape::Either(known), Value::Object(members)) if members.keys().any(|key| shape_of(key, known).is_some()) => {
            Ok(Wish::Members(wishes(members, known)?))
        }
        (Shape::Either(_), how) => Ok(Wish::Is(constraint(how)?)),
        (Shape::Object(known), Value::Object(members)) => Ok(Wish::Members(wishes(members, known)?)),
        (Shape::List(known), Value::Array(entries)) if (1..=MOST_ENTRIES).contains(&entries.len()) => {
            let entries = entries.iter().map(|entry| {
                let members = entry.as_object().ok_or(InvalidClaims)?;
                if name == "evidence" {
                    names_one_type(members)?;
                }
                wishes(members, known)
            });
            Ok(Wish::Entries(entries.collect::<Result<_, _>>()?))
        }
        _ => Err(InvalidClaims),
    }
}

/// Each entry of `evidence` is of one type, which it says by `value`, never by `values`.
fn names_one_type(entry: &Map<String, Value>) -> Result<(), InvalidClaims> {
    let Some(Value::Object(kind)) = entry.get("type") else { return Err(InvalidClaims) };
    let named = Constraint::parse(kind)?;
    match named.only_value().is_some() && !kind.contains_key("values") {
        true => Ok(()),
        false => Err(InvalidClaims),
    }
}

fn constraint(how: &Value) -> Result<Constraint, InvalidClaims> {
    match how {
        Value::Null => Ok(Constraint::default()),
        Value::Object(members) => Constraint::parse(members),
        _ => Err(InvalidClaims),
    }
}

fn demands(how: &Value) -> bool {
    match how {
        Value::Object(members) => members.iter().any(|(name, inner)| {
            (constraint::MEMBERS.contains(&name.as_str()) && !matches!(name.as_str(), "essential" | "purpose"))
                || demands(inner)
        }),
        Value::Array(entries) => entries.iter().any(demands),
        _ => false,
    }
}
