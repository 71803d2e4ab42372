//! What the apps' templates are given: one typed context a page.

use serde::Serialize;
use serde_json::Value;

use super::claims_view::{ClaimsView, date_and_time, relative};
use super::sessions::{Notice, SignedIn};
use super::site::Brand;
use crate::domain::time::Timestamp;

/// What every page needs.
#[derive(Serialize)]
pub struct Frame {
    pub brand: &'static Brand,
    pub issuer: String,
    pub notice: Option<NoticeView>,
}

#[derive(Serialize)]
pub struct NoticeView {
    /// `done` or `problem`.
    pub kind: &'static str,
    pub title: String,
    pub detail: String,
    pub code: Option<String>,
}

#[derive(Serialize)]
pub struct LandingPage {
    #[serde(flatten)]
    pub frame: Frame,
    pub signed_out: Option<SignedOutView>,
}

#[derive(Serialize)]
pub struct SignedOutView {
    /// When the provider told us by back-channel; `None` while it has not.
    pub heard: Option<String>,
}

#[derive(Serialize)]
pub struct SignedInPage {
    #[serde(flatten)]
    pub frame: Frame,
    /// Best name there is: the name claim, else the address. Nobody is called by their subject.
    pub greeting: Option<String>,
    pub initial: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_verified: bool,
    pub sub: String,
    pub since: String,
    pub scopes: Vec<String>,
    pub acr: Option<String>,
    pub amr: Option<String>,
    pub auth_time: Option<TimeView>,
    pub access_token_expires: Option<TimeView>,
    pub tokens_obtained: TimeView,
    pub has_refresh_token: bool,
    pub id_token: ClaimsView,
    pub access_token: Option<ClaimsView>,
    pub userinfo: Option<ClaimsView>,
    pub acr_values: Vec<String>,
    pub action: ActionView,
    /// What the page's script compares with.
    pub standing: String,
}

/// What the panel says about the app's main button.
#[derive(Serialize)]
pub struct ActionView {
    pub allowed: bool,
    pub level: Option<i64>,
    pub hold: Option<HoldView>,
}

#[derive(Serialize)]
pub struct HoldView {
    pub until: TimeView,
    /// Seconds since the epoch, for the countdown.
    pub until_unix: i64,
    pub now_unix: i64,
}

#[derive(Serialize)]
pub struct TimeView {
    pub at: String,
    pub relative: String,
}

impl SignedInPage {
    pub fn new(frame: Frame, signed_in: &SignedIn, acr_values: Vec<String>, now: Timestamp) -> Self {
        let tokens = &signed_in.tokens;
        let userinfo = signed_in.userinfo.as_ref().and_then(Value::as_object);
        let claim = |name: &str| userinfo.and_then(|claims| claims.get(name)).or_else(|| tokens.id_claims.get(name));
        let text = |name: &str| claim(name).and_then(Value::as_str).map(str::to_owned);
        let sub = tokens.subject().to_owned();
        let (name, email) = (text("name"), text("email"));
        let greeting = text("given_name").or(name.clone()).or(email.clone());
        let methods = tokens.id_claims.get("amr").and_then(Value::as_array);
        let auth_time = tokens.id_claims.get("auth_time").and_then(Value::as_i64).map(Timestamp::from_unix);
        let time = |at: Timestamp| TimeView { at: date_and_time(at), relative: relative(at, now) };
        let hold = tokens.hold_until(now);
        Self {
            initial: greeting
                .as_ref()
                .and_then(|name| name.chars().next())
                .map(|first| first.to_uppercase().to_string()),
            greeting,
            name,
            email,
            email_verified: claim("email_verified") == Some(&Value::Bool(true)),
            sub,
            since: date_and_time(signed_in.since),
            scopes: tokens.scope.split_whitespace().map(str::to_owned).collect(),
            acr: tokens.id_claims.get("acr").and_then(Value::as_str).map(str::to_owned),
            amr: methods.map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
            auth_time: auth_time.map(time),
            access_token_expires: tokens.access_token_expires.map(time),
            tokens_obtained: time(tokens.obtained),
            has_refresh_token: tokens.refresh_token.is_some(),
            id_token: ClaimsView::of_token(&tokens.id_token.to_string(), now)
                .unwrap_or_else(|| ClaimsView::of_claims(&tokens.id_claims, now)),
            access_token: ClaimsView::of_token(tokens.access_token.secret(), now),
            userinfo: userinfo.map(|claims| ClaimsView::of_claims(claims, now)),
            acr_values,
            action: ActionView {
                allowed: tokens.allows(frame.brand.action.scope),
                level: tokens.level(),
                hold: hold.map(|until| HoldView { until: time(until), until_unix: until.unix(), now_unix: now.unix() }),
            },
            standing: signed_in.standing(now),
            frame,
        }
    }
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::Done(text) => Self { kind: "done", title: text.to_owned(), detail: String::new(), code: None },
            Notice::Problem { title, detail, code } => Self { kind: "problem", title, detail, code },
        }
    }
}
