//! `/admin/policy`: what each scope value takes, and why somebody does not get it.

use axum::response::Response;
use serde_json::Value;

use super::{ConsoleForm, ConsoleVisit};
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::flow::Karat;
use crate::flow::admin::Refusal;
use crate::flow::explain::SupposedLogIn;
use crate::http::error::PageError;
use crate::pages::admin::house::{Asked, DemandRow, PolicyPage, ReasonRow, Told, WithheldRow};
use crate::pages::{FieldErrors, Message, keys};

const PATH: &str = "/admin/policy";
const LONGEST_AGO: i64 = 60 * 24 * 365;

pub async fn get(visit: ConsoleVisit) -> Result<Response, PageError> {
    show(visit, Asked::default(), None, FieldErrors::none())
}

pub async fn post_explain(form: ConsoleForm) -> Result<Response, PageError> {
    let asked = Asked {
        person: form.text("person").trim().to_owned(),
        client: form.text("client").trim().to_owned(),
        scope: form.text("scope").trim().to_owned(),
        acr: form.text("acr").to_owned(),
        minutes: form.text("minutes").trim().to_owned(),
    };
    let visit = form.visit;
    visit.by.permit(Act::ExplainPolicy)?;
    let karat = visit.karat();
    let mut errors = FieldErrors::none();
    let user = person(&karat, &asked.person).await?;
    let client = karat.clients.find(&asked.client).await.map_err(Refusal::from)?;
    let scope: Option<Result<Scope, _>> = Some(asked.scope.as_str()).filter(|text| !text.is_empty()).map(str::parse);
    if user.is_none() {
        errors.push("person", Message::new(keys::ADMIN_NO_PERSON));
    }
    if client.is_none() {
        errors.push("client", Message::new(keys::ADMIN_NO_CLIENT));
    }
    if matches!(scope, Some(Err(_))) {
        errors.push("scope", Message::new(keys::ADMIN_NO_SCOPE));
    }
    let acr = Acr::parse(&asked.acr);
    if acr.is_none() && !asked.acr.is_empty() {
        errors.push("acr", Message::new(keys::ADMIN_NO_LOG_IN));
    }
    let minutes = match asked.minutes.as_str() {
        "" => Some(0),
        text => text.parse().ok().filter(|minutes| (0..=LONGEST_AGO).contains(minutes)),
    };
    if minutes.is_none() {
        errors.push("minutes", Message::new(keys::ADMIN_NO_MINUTES));
    }
    let (Some(user), Some(client), true) = (user, client, errors.is_empty()) else {
        return show(visit, asked, None, errors);
    };
    let scope = scope.and_then(Result::ok).unwrap_or_else(|| client.scope.clone());
    let log_in = SupposedLogIn { acr, age: Seconds::minutes(minutes.unwrap_or_default()) };
    let told = karat.explain(&visit.by, (&user, &client), &scope, log_in).await?;
    show(visit, asked, Some(read(&told)), FieldErrors::none())
}

async fn person(karat: &Karat, text: &str) -> Result<Option<User>, PageError> {
    if let Ok(id) = text.parse::<UserId>() {
        return Ok(karat.store.user(id).await?);
    }
    match text.parse::<EmailAddress>() {
        Ok(email) => Ok(karat.store.user_by_email(&email).await?.map(|found| found.user)),
        Err(_) => Ok(None),
    }
}

fn show(visit: ConsoleVisit, asked: Asked, told: Option<Told>, errors: FieldErrors) -> Result<Response, PageError> {
    visit.by.permit(Act::ReadPolicy)?;
    let karat = visit.karat();
    let policy = &karat.settings.policy;
    let countries = |all: &std::collections::BTreeSet<crate::domain::phone::Country>| {
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let demands = policy.scopes.iter().map(|(scope, demand)| DemandRow {
        scope: scope.clone(),
        level: demand.tier.level(),
        acr: demand.acr.as_str(),
        max_minutes: demand.max_age.map(|age| age.0 / 60),
        waits_for_holds: demand.waits_for_holds,
        waits_for_settings_lock: demand.waits_for_settings_lock,
        survives_expiry: demand.survives_expiry,
        only_in: countries(&demand.only_in),
        not_in: countries(&demand.not_in),
    });
    let page = PolicyPage {
        now: karat.now(),
        demands: demands.collect(),
        acrs: policy.classes().map(|acr| acr.as_str()).collect(),
        may_explain: visit.by.may(Act::ExplainPolicy),
        shell: visit.shell("policy", Vec::new()),
        asked,
        told,
        errors,
    };
    visit.page_at(PATH, &page)
}

/// What `Karat::explain` says, as rows.
fn read(told: &Value) -> Told {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let reason = |one: &Value| ReasonRow {
        reason: text(&one["reason"]),
        needed: ["needed", "max_age"].iter().find_map(|key| one.get(*key)).map(text),
        until: one["until"].as_i64(),
        remedy: text(&one["remedy"]),
    };
    Told {
        level: told["kyc_level"].as_i64().unwrap_or_default(),
        state: text(&told["kyc_state"]),
        acr: text(&told["log_in"]["acr"]),
        granted: text(&told["granted"]).split_whitespace().map(str::to_owned).collect(),
        withheld: list(&told["withheld"])
            .iter()
            .map(|one| WithheldRow {
                scope: text(&one["scope"]),
                reasons: list(&one["reasons"]).iter().map(reason).collect(),
            })
            .collect(),
    }
}
