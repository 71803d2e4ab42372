//! Values that have one text each, in JSON and in queries, and that the description lists.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::jose::Algorithm;
use crate::domain::kyc::CaseState;
use crate::domain::role::Role;
use crate::domain::time::Seconds;
use crate::pages::Locale;
use crate::storage::directory::Filter;

/// For `#[serde(deserialize_with)]`.
pub fn named<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// As [`named`], for what may be absent.
pub fn perhaps_named<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    named(deserializer).map(Some)
}

fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

pub fn roles() -> Schema {
    one_of(Role::ALL.map(Role::as_str))
}

pub fn acts() -> Schema {
    one_of(Act::ALL.iter().map(|act| act.as_str()))
}

pub fn acrs() -> Schema {
    one_of(Acr::LADDER.map(Acr::as_str))
}

pub fn algorithms() -> Schema {
    one_of(Algorithm::ALL.map(Algorithm::as_str))
}

pub fn kinds() -> Schema {
    one_of(["web", "native", "service"])
}

/// To JSON Schema 73.0 is an integer; to serde it is not.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Float(f64),
}

/// Beyond it not every whole number is one (RFC 8259 section 6).
const LARGEST_EXACT: f64 = 9_007_199_254_740_991.0;

impl Number {
    fn whole<E: de::Error>(self) -> Result<i64, E> {
        match self {
            Self::Whole(number) => Ok(number),
            #[allow(clippy::cast_possible_truncation, reason = "is whole and small enough")]
            Self::Float(number) if number.fract() == 0.0 && number.abs() <= LARGEST_EXACT => Ok(number as i64),
            Self::Float(_) => Err(E::custom("not a whole number")),
        }
    }
}

pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Number::deserialize(deserializer)?.whole()
}

pub fn perhaps_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Seconds>, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    number.map(|number| number.whole().map(Seconds)).transpose()
}

pub fn locales() -> Schema {
    one_of(Locale::ALL.map(Locale::tag))
}

pub fn locale<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Locale>, D::Error> {
    let tag = String::deserialize(deserializer)?;
    Locale::for_tag(&tag).map(Some).ok_or_else(|| de::Error::custom("no language that is known here"))
}

/// In the order in which people read them.
const FILTERS: [&str; 8] = ["all", "locked", "frozen", "held", "suspended", "level-1", "level-2", "level-3"];

pub fn filters() -> Schema {
    one_of(FILTERS)
}

pub fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Filter, D::Error> {
    Filter::parse(&String::deserialize(deserializer)?).ok_or_else(|| de::Error::custom("there is no such filter"))
}

pub fn case_states() -> Schema {
    one_of(CaseState::ALL.map(CaseState::as_str))
}

pub fn case_state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CaseState>, D::Error> {
    let text = String::deserialize(deserializer)?;
    CaseState::parse(&text).map(Some).ok_or_else(|| de::Error::custom("there is no such state"))
}

pub fn outbox_lists() -> Schema {
    one_of(["waiting", "failed"])
}
