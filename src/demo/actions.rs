//! The app's main button: what it takes, asking for that, doing it, and noticing when it is not the person's any more.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use openidconnect::HttpResponse;
use serde::Serialize;

use super::claims_view::date_and_time;
use super::logout_token::LogoutTokenRefused;
use super::notices::notice_of;
use super::pending::LoginOptions;
use super::relying_party::RelyingPartyError;
use super::security_event;
use super::sessions::{Notice, SignedIn, Who};
use super::site::{Site, home};
use super::vault;
use crate::domain::time::Timestamp;

/// Where the provider pushes security events to; to be registered as `events_uri`.
pub const EVENTS_PATH: &str = "/events";

/// What the main button takes.
#[derive(Debug, Serialize)]
pub struct Action {
    pub scope: &'static str,
    /// Said when it is done. Nothing really moves.
    pub done: &'static str,
    /// Whether it is done by the app's API, on the access token alone; else by its server, on the scope it was granted.
    pub by_api: bool,
}

/// Does it, or asks Karat for the scope it takes, or does what the API's challenge asks for first (RFC 9470 section 5).
pub async fn act(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((id, signed_in)) = site.signed_in(&headers) else { return home() };
    let signed_in = site.with_fresh_tokens(&id, signed_in).await;
    let action = &site.brand.action;
    if !signed_in.tokens.allows(action.scope) {
        return site.ask_for(id, &signed_in, None).await;
    }
    let notice = match action.by_api {
        false => Notice::Done(action.done),
        true => match site.party.send_coins(&signed_in.tokens).await {
            Ok(answer) => match vault::challenge(answer.headers()) {
                Some(challenge) => return site.ask_for(id, &signed_in, Some(challenge)).await,
                None => notice_of_answer(&answer, action),
            },
            Err(error) => return site.problem_page(StatusCode::BAD_GATEWAY, &error),
        },
    };
    site.sessions.with(&id, site.now(), |session| session.notice = Some(notice));
    home()
}

/// The app's API. A resource server looks at the token alone, never at cookies.
pub async fn api_send(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let verdict = match vault::bearer(&headers) {
        Some(token) if site.brand.action.by_api => site.party.judge(token).await,
        _ => Err(vault::Refused::Token),
    };
    vault::answer(verdict)
}

/// RFC 8935 section 2: 202 for what was heard, 400 with a code for what proves nothing.
pub async fn event(State(site): State<Arc<Site>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_event = kind.is_some_and(|kind| kind.eq_ignore_ascii_case(security_event::MEDIA_TYPE));
    let verdict = match std::str::from_utf8(&body) {
        Ok(token) if is_event => site.party.verify_security_event(token.trim()).await,
        _ => Err(LogoutTokenRefused::Malformed),
    };
    match verdict {
        Ok(subject) => {
            let told = subject.map_or(0, |subject| site.sessions.rights_changed(&subject));
            tracing::info!(app = site.brand.name, told, "a security event");
            StatusCode::ACCEPTED.into_response()
        }
        Err(LogoutTokenRefused::ProviderUnreachable) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(refused) => {
            tracing::warn!(app = site.brand.name, %refused, "a security event was refused");
            let body = serde_json::json!({ "err": security_event::code(&refused), "description": refused.to_string() });
            (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
        }
    }
}

/// For the script of the page: the same words as in the page while what it shows still holds.
pub async fn standing(State(site): State<Arc<Site>>, headers: HeaderMap) -> String {
    site.catch_up(&headers).await;
    match site.signed_in(&headers) {
        Some((_, signed_in)) => signed_in.standing(site.now()),
        None => "signed out".to_owned(),
    }
}

impl SignedIn {
    /// What the page's buttons depend on, in one line.
    pub fn standing(&self, now: Timestamp) -> String {
        let level = self.tokens.level().map_or_else(|| "-".to_owned(), |level| level.to_string());
        let hold = self.tokens.hold_until(now).map_or(0, Timestamp::unix);
        format!("level {level}, held until {hold}, {}", self.tokens.scope)
    }
}

impl Site {
    /// After word from the provider that the person's rights have changed: asks for new tokens, which say what is left.
    pub async fn catch_up(&self, headers: &HeaderMap) {
        let Some((id, signed_in)) = self.signed_in(headers).filter(|(_, signed_in)| signed_in.rights_changed) else {
            return;
        };
        let _turn = signed_in.refreshing.lock().await;
        let taken = self.sessions.with(&id, self.now(), |session| {
            session.signed_in().is_some_and(|current| std::mem::take(&mut current.rights_changed))
        });
        if taken != Some(true) {
            return;
        }
        let outcome = self.party.refresh(&signed_in.tokens).await;
        let (now, scope) = (self.now(), self.brand.action.scope);
        self.sessions.with(&id, now, |session| {
            let Some(current) = session.signed_in() else { return };
            match outcome {
                Ok(tokens) => {
                    current.userinfo = None;
                    current.tokens = tokens;
                }
                Err(RelyingPartyError::Refused { code, .. }) if code == "invalid_grant" => {
                    session.sign_out(None);
                    if let Who::SignedOut(gone) = &mut session.who {
                        gone.heard = Some(now);
                    }
                }
                // What cannot be asked is not believed any more; the button asks again.
                Err(_) => current.tokens.drop_scope(scope),
            }
        });
    }

    /// The same person with tokens that have not run out, as far as there is a way to them.
    async fn with_fresh_tokens(&self, id: &str, signed_in: SignedIn) -> SignedIn {
        let has_run_out =
            |signed_in: &SignedIn| signed_in.tokens.access_token_expires.is_some_and(|expires| expires <= self.now());
        if !has_run_out(&signed_in) || signed_in.tokens.refresh_token.is_none() {
            return signed_in;
        }
        let turn = signed_in.refreshing.clone();
        let _turn = turn.lock().await;
        // Whoever held the turn before may have brought new tokens.
        let current = self.sessions.with(id, self.now(), |session| session.signed_in().cloned()).flatten();
        let current = match current {
            Some(current) if has_run_out(&current) => current,
            current => return current.unwrap_or(signed_in),
        };
        let Ok(tokens) = self.party.refresh(&current.tokens).await else { return current };
        let fresh = SignedIn { tokens: tokens.clone(), ..current };
        self.sessions.with(id, self.now(), |session| {
            if let Some(current) = session.signed_in() {
                current.tokens = tokens;
            }
        });
        fresh
    }

    /// Asks for what the tokens have and the button's scope; Karat leads the person through whatever that takes.
    async fn ask_for(&self, id: String, signed_in: &SignedIn, challenge: Option<vault::Challenge>) -> Response {
        let (acr_values, max_age) = challenge.unwrap_or_default();
        let scope = Some(format!("{} {}", signed_in.tokens.scope, self.brand.action.scope));
        let options = LoginOptions { acr_values, max_age, scope, ..LoginOptions::default() };
        match self.party.begin(&options).await {
            Ok((url, pending)) => {
                let id = self.sessions.begin_login(Some(id), pending, self.now());
                self.with_cookie(Redirect::to(url.as_str()), &id)
            }
            Err(error) => self.problem_page(StatusCode::BAD_GATEWAY, &error),
        }
    }
}

fn notice_of_answer(answer: &HttpResponse, action: &Action) -> Notice {
    let held = serde_json::from_slice::<serde_json::Value>(answer.body()).ok();
    let held = held.and_then(|body| body["hold_until"].as_i64()).map(Timestamp::from_unix);
    match (answer.status().is_success(), held) {
        (true, _) => Notice::Done(action.done),
        (false, Some(until)) => Notice::Problem {
            title: "Your account changed lately, so sending waits.".to_owned(),
            detail: format!("You can send again from {}.", date_and_time(until)),
            code: Some("withdrawal_hold".to_owned()),
        },
        (false, None) => notice_of(&RelyingPartyError::Refused {
            code: "invalid_grant".to_owned(),
            description: "The wallet's API did not accept the access token.".to_owned(),
        }),
    }
}
