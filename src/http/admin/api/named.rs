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
