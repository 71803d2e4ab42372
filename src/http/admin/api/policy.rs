//! The policy, and `karat policy explain` for programs.

use std::collections::BTreeSet;
use std::str::FromStr;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::caller::Caller;
use super::input::InBody;
use super::named;
use super::problem::{Kind, Problem};
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::phone::Country;
use crate::domain::policy::Demand;
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;
use crate::flow::explain::SupposedLogIn;
use crate::http::reply::private_json;
use crate::http::web::Web;

const LONGEST_AGE: i64 = Seconds::days(3650).0;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// E-mail address or `sub`.
    #[serde(deserialize_with = "named::named")]
    #[schema(value_type = String, format = "uuid")]
    user: Account,
    client: String,
    /// The client's whole registered scope when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[!#-\\[\\]-~]{1,128}( [!#-\\[\\]-~]{1,128}){0,7}$")]
    scope: Option<Scope>,
    /// The strongest that the person has enrolled when absent.
    #[serde(default, deserialize_with = "acr")]
    #[schema(schema_with = named::acrs)]
    acr: Option<Acr>,
    /// Seconds since the log-in.
    #[serde(default, deserialize_with = "age")]
    #[schema(value_type = i64, minimum = 0, maximum = 315_360_000)]
    age: i64,
}

/// Whom the question is about.
pub enum Account {
    Id(UserId),
    Email(EmailAddress),
}

impl FromStr for Account {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text.parse(), text.parse()) {
            (Ok(id), _) => Ok(Self::Id(id)),
            (_, Ok(email)) => Ok(Self::Email(email)),
            _ => Err("neither an e-mail address nor an id"),
        }
    }
}

fn acr<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Acr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Acr::parse(&text).map(Some).ok_or_else(|| de::Error::custom("no class of log-in that is known here"))
}

fn age<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let age = named::whole(deserializer)?;
    match (0..=LONGEST_AGE).contains(&age) {
        true => Ok(age),
        false => Err(de::Error::custom("a number of seconds, from 0 to ten years")),
    }
}

/// What would be granted, what not, why, and what could be done about it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Explanation {
    user: String,
    client: String,
    kyc_level: u8,
    kyc_state: String,
    hold_until: Option<i64>,
    log_in: ExplainedLogIn,
    granted: String,
    withheld: Vec<WithheldScope>,
    when_withheld: String,
}

/// For which the decision is explained.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ExplainedLogIn {
    acr: String,
    age: i64,
}

/// A scope value that would not be granted.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WithheldScope {
    scope: String,
    /// Each with `reason` and `remedy`, and what the reason is about.
    #[schema(value_type = Vec<Object>)]
    reasons: Vec<Value>,
}

/// What the operator asks for.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PolicyShown {
    /// Whether anybody can be verified.
    verification: bool,
    /// The classes of log-in that can be reached here, from weak to strong.
    classes: Vec<&'static str>,
    /// Where nobody is served (ISO 3166-1 alpha-2).
    restricted: Vec<String>,
    /// What each scope value takes; one that is not named takes nothing.
    scopes: Vec<ScopeDemand>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct ScopeDemand {
    scope: String,
    kyc_level: u8,
    /// The weakest class of log-in.
    acr: &'static str,
    /// How many seconds ago the log-in may be.
    max_age: Option<i64>,
    waits_for_holds: bool,
    waits_for_settings_lock: bool,
    survives_expiry: bool,
    /// Empty: everywhere.
    only_in: Vec<String>,
    not_in: Vec<String>,
}

fn demand((scope, demand): (&String, &Demand)) -> ScopeDemand {
    let countries = |all: &BTreeSet<Country>| all.iter().map(|one| one.as_str().to_owned()).collect();
    ScopeDemand {
        scope: scope.clone(),
        kyc_level: demand.tier.level(),
        acr: demand.acr.as_str(),
        max_age: demand.max_age.map(|age| age.0),
        waits_for_holds: demand.waits_for_holds,
        waits_for_settings_lock: demand.waits_for_settings_lock,
        survives_expiry: demand.survives_expiry,
        only_in: countries(&demand.only_in),
        not_in: countries(&demand.not_in),
    }
}

#[utoipa::path(get, path = "/policy", tag = "policy", operation_id = "get_policy", summary = "The policy that counts",
    responses((status = 200, description = "As it is", body = PolicyShown)),
    extensions(("x-karat-act" = json!("policy.read"))))]
pub async fn get(State(web): State<Web>, Caller(by): Caller) -> Result<Response, Problem> {
    by.permit(Act::ReadPolicy)?;
    let policy = &web.karat.settings.policy;
    Ok(private_json(&PolicyShown {
        verification: policy.verification,
        classes: policy.classes().map(Acr::as_str).collect(),
        restricted: policy.restricted.iter().map(|country| country.as_str().to_owned()).collect(),
        scopes: policy.scopes.iter().map(demand).collect(),
    }))
}

#[utoipa::path(post, path = "/policy/explain", tag = "policy", operation_id = "explain_policy",
    summary = "What a person would be granted, and why not more", request_body = Question,
    description = "Changes nothing.",
    responses((status = 200, description = "The decision", body = Explanation), (status = 404)),
    extensions(("x-karat-act" = json!("policy.explain"))))]
pub async fn explain(
    State(web): State<Web>,
    Caller(by): Caller,
    InBody(asked): InBody<Question>,
) -> Result<Response, Problem> {
    by.permit(Act::ExplainPolicy)?;
    let karat = &web.karat;
    let nobody = |what: &'static str| Problem::new(Kind::NotFound, what);
    let user = match asked.user {
        Account::Id(id) => karat.store.user(id).await?,
        Account::Email(email) => karat.store.user_by_email(&email).await?.map(|found| found.user),
    };
    let user = user.ok_or_else(|| nobody("there is no such account"))?;
    let client = karat.clients.find(&asked.client).await?;
    let client = client.ok_or_else(|| nobody("there is no such client that is switched on"))?;
    let scope = asked.scope.unwrap_or_else(|| client.scope.clone());
    let log_in = SupposedLogIn { acr: asked.acr, age: Seconds(asked.age) };
    Ok(private_json(&karat.explain(&by, (&user, &client), &scope, log_in).await?))
}
