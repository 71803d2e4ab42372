//! The pages and URLs of a demo app: what the trading app and the wallet have in common. Each brings its [`Brand`].

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use openidconnect::CsrfToken;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use url::Url;

use super::actions::{self, Action};
use super::claims_view::date_and_time;
use super::logout_token::LogoutTokenRefused;
use super::notices::{notice_of, still_missing};
use super::pending::{AuthorizationAnswer, LoginOptions};
use super::relying_party::{
    BACKCHANNEL_LOGOUT_PATH, POST_LOGOUT_PATH, REDIRECT_PATH, RelyingParty, RelyingPartyError, RelyingPartySettings,
};
use super::render::{BASE_STYLE, Pages, guarded};
use super::serving::{Running, StartError, is_same_origin, serve};
use super::sessions::{Notice, Sessions, SignedIn, Who};
use super::vault;
use super::views::{Frame, LandingPage, NoticeView, SignedInPage, SignedOutView};
use crate::domain::time::Timestamp;

/// The countdown is the one of Karat's own pages.
const SCRIPTS: [&str; 2] = [include_str!("../../assets/countdown.js"), include_str!("../../templates/demo/live.js")];

/// What makes one app look unlike the other.
#[derive(Debug, Serialize)]
pub struct Brand {
    pub name: &'static str,
    pub tagline: &'static str,
    /// Cookies of localhost are shared between ports, so each app needs a name of its own.
    pub cookie: &'static str,
    /// Colours and shapes as CSS custom properties.
    #[serde(skip)]
    pub style: &'static str,
    #[serde(skip)]
    pub logo: &'static str,
    /// What its main button does, and takes.
    pub action: Action,
    /// Template of the mock content for people who are logged in.
    pub panel: &'static str,
    /// Template of the landing page's picture.
    pub pitch: &'static str,
}

/// Serves an app on `listener` until the answer is stopped or dropped.
pub fn start(
    listener: TcpListener,
    brand: &'static Brand,
    settings: RelyingPartySettings,
) -> Result<Running, StartError> {
    let base_url = settings.base_url.clone();
    let site = Site {
        brand,
        policy: content_security_policy(&settings.issuer),
        party: RelyingParty::new(settings)?,
        sessions: Sessions::default(),
        pages: Pages::new()?,
    };
    serve(listener, &base_url, router(Arc::new(site)))
}

pub(super) struct Site {
    pub(super) brand: &'static Brand,
    pub(super) party: RelyingParty,
    pub(super) sessions: Sessions,
    pages: Pages,
    policy: String,
}

fn router(site: Arc<Site>) -> Router {
    let from_own_pages = Router::new()
        .route("/refresh", post(refresh))
        .route("/userinfo", post(userinfo))
        .route("/logout", post(log_out))
        .route("/act", post(actions::act))
        .route_layer(middleware::from_fn_with_state(site.clone(), own_pages_only));
    Router::new()
        .route("/", get(front_page))
        .route("/login", get(log_in))
        // The POST is for response_mode=form_post; the state parameter guards both.
        .route(REDIRECT_PATH, get(callback).post(callback_by_form))
        .route(POST_LOGOUT_PATH, get(signed_out))
        .route(BACKCHANNEL_LOGOUT_PATH, post(backchannel_logout))
        .route(vault::SEND_PATH, post(actions::api_send))
        .route(actions::EVENTS_PATH, post(actions::event))
        .route("/standing", get(actions::standing))
        .route("/style.css", get(style))
        .route("/logo.svg", get(logo))
        .route("/live.js", get(script))
        .merge(from_own_pages)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(middleware::from_fn_with_state(site.clone(), guard_answers))
        .with_state(site)
}

async fn front_page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    site.catch_up(&headers).await;
    let now = site.now();
    let shown = site
        .cookie(&headers)
        .and_then(|id| {
            site.sessions.with(&id, now, |session| {
                let notice = session.notice.take();
                match &session.who {
                    Who::Nobody => Shown::Landing { notice, signed_out: None },
                    Who::SignedOut(gone) => Shown::Landing {
                        notice,
                        signed_out: Some(SignedOutView { heard: gone.heard.map(date_and_time) }),
                    },
                    Who::SignedIn(signed_in) => Shown::SignedIn { notice, signed_in: signed_in.clone() },
                }
            })
        })
        .unwrap_or(Shown::Landing { notice: None, signed_out: None });
    match shown {
        Shown::Landing { notice, signed_out } => {
            let page = LandingPage { frame: site.frame(notice), signed_out };
            site.pages.page("landing.html", page)
        }
        Shown::SignedIn { notice, signed_in } => {
            let page = SignedInPage::new(site.frame(notice), &signed_in, site.party.acr_values().await, now);
            site.pages.page("signed_in.html", page)
        }
    }
}

async fn log_in(State(site): State<Arc<Site>>, headers: HeaderMap, Query(options): Query<LoginOptions>) -> Response {
    match site.party.begin(&options).await {
        Ok((url, pending)) => {
            let id = site.sessions.begin_login(site.cookie(&headers), pending, site.now());
            site.with_cookie(Redirect::to(url.as_str()), &id)
        }
        Err(error) => site.problem_page(StatusCode::BAD_GATEWAY, &error),
    }
}

async fn callback(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(answer): Query<AuthorizationAnswer>,
) -> Response {
    site.finish_login(&headers, answer).await
}

async fn callback_by_form(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(answer): Form<AuthorizationAnswer>,
) -> Response {
    site.finish_login(&headers, answer).await
}

async fn refresh(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((id, signed_in)) = site.signed_in(&headers) else { return home() };
    let _turn = signed_in.refreshing.lock().await;
    // Whoever held the turn before may have brought new tokens.
    let Some((_, signed_in)) = site.signed_in(&headers) else { return home() };
    let outcome = site.party.refresh(&signed_in.tokens).await;
    let seen = signed_in.tokens.id_token.to_string();
    site.sessions.with(&id, site.now(), |session| {
        let Some(current) = session.signed_in().filter(|current| current.tokens.id_token.to_string() == seen) else {
            return;
        };
        session.notice = Some(match outcome {
            Ok(tokens) => {
                current.tokens = tokens;
                Notice::Done("The app has new tokens.")
            }
            Err(error) => notice_of(&error),
        });
    });
    home()
}

async fn userinfo(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((id, signed_in)) = site.signed_in(&headers) else { return home() };
    let outcome = site.party.userinfo(&signed_in.tokens).await;
    site.sessions.with(&id, site.now(), |session| {
        let Some(current) = session.signed_in() else { return };
        session.notice = Some(match outcome {
            Ok(claims) => {
                current.userinfo = Some(claims);
                Notice::Done("Userinfo has answered; see the table below.")
            }
            Err(error) => notice_of(&error),
        });
    });
    home()
}

/// Ends the session here first, then sends the browser to the provider to end it there too.
async fn log_out(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Some((id, signed_in)) = site.signed_in(&headers) else { return home() };
    let state = CsrfToken::new_random_len(32);
    site.sessions.with(&id, site.now(), |session| session.sign_out(Some(state.secret().clone())));
    match site.party.logout_url(&signed_in.tokens.id_token, state).await {
        Ok(Some(url)) => Redirect::to(url.as_str()).into_response(),
        Ok(None) => home(),
        Err(error) => site.problem_page(StatusCode::BAD_GATEWAY, &error),
    }
}

/// The post-logout redirect URI. Only the answer to our own request clears the state; the session is over anyway.
async fn signed_out(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(answer): Query<SignedOutAnswer>,
) -> Response {
    if let Some(id) = site.cookie(&headers) {
        site.sessions.with(&id, site.now(), |session| {
            if let Who::SignedOut(gone) = &mut session.who
                && gone.state.is_some()
                && gone.state == answer.state
            {
                gone.state = None;
            }
        });
    }
    home()
}

/// Back-Channel Logout 1.0, sections 2.5 to 2.8: 200 when acted on, 400 with a reason when the token proves nothing.
async fn backchannel_logout(State(site): State<Arc<Site>>, Form(order): Form<LogoutOrder>) -> Response {
    let verdict = site.party.verify_logout_token(&order.logout_token).await;
    let outcome =
        verdict.and_then(|token| site.sessions.end_by_provider(&token, site.now()).ok_or(LogoutTokenRefused::Replayed));
    match outcome {
        Ok(ended) => {
            tracing::info!(app = site.brand.name, ended, "back-channel logout");
            StatusCode::OK.into_response()
        }
        Err(refused) => {
            tracing::warn!(app = site.brand.name, %refused, "back-channel logout refused");
            let status = match refused {
                LogoutTokenRefused::ProviderUnreachable => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            let body = serde_json::json!({ "error": "invalid_request", "error_description": refused.to_string() });
            (status, axum::Json(body)).into_response()
        }
    }
}

async fn style(State(site): State<Arc<Site>>) -> Response {
    let text = format!("{}\n{BASE_STYLE}", site.brand.style);
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=60")], text).into_response()
}

async fn logo(State(site): State<Arc<Site>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "max-age=3600")];
    (kind, site.brand.logo).into_response()
}

async fn script() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "max-age=60")];
    (kind, SCRIPTS.concat()).into_response()
}

async fn own_pages_only(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    if is_same_origin(request.headers(), &site.party.settings().base_url) {
        return next.run(request).await;
    }
    let error = RelyingPartyError::Untrusted("this request was not sent by a page of this app".to_owned());
    site.problem_page(StatusCode::FORBIDDEN, &error)
}

async fn guard_answers(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    guarded(next.run(request).await, &site.policy)
}

impl Site {
    async fn finish_login(&self, headers: &HeaderMap, answer: AuthorizationAnswer) -> Response {
        let now = self.now();
        let started = self.cookie(headers).and_then(|id| {
            let state = answer.state.as_deref()?;
            self.sessions.take_pending(&id, state, now).map(|pending| (id, pending))
        });
        let Some((id, pending)) = started else {
            let reason = "this browser has not started that log-in, or it was finished before";
            return self.problem_page(StatusCode::BAD_REQUEST, &RelyingPartyError::Untrusted(reason.to_owned()));
        };
        let asked_for_action = pending.asks(self.brand.action.scope);
        match self.party.finish(pending, answer).await {
            Ok(tokens) => {
                let is_short = asked_for_action && !tokens.allows(self.brand.action.scope);
                let id = self.sessions.sign_in(&id, tokens, now);
                if is_short {
                    self.sessions.with(&id, now, |session| session.notice = Some(still_missing()));
                }
                self.with_cookie(home(), &id)
            }
            Err(error @ RelyingPartyError::Refused { .. }) => {
                self.sessions.with(&id, now, |session| session.notice = Some(notice_of(&error)));
                home()
            }
            Err(error) => self.problem_page(StatusCode::BAD_REQUEST, &error),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.party.settings().clock.now()
    }

    pub(super) fn signed_in(&self, headers: &HeaderMap) -> Option<(String, SignedIn)> {
        let id = self.cookie(headers)?;
        let signed_in = self.sessions.with(&id, self.now(), |session| session.signed_in().cloned()).flatten()?;
        Some((id, signed_in))
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<String> {
        let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        pairs
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.brand.cookie)
            .map(|(_, value)| value.to_owned())
    }

    pub(super) fn with_cookie(&self, response: impl IntoResponse, id: &str) -> Response {
        let secure = if self.party.settings().base_url.scheme() == "https" { "; Secure" } else { "" };
        let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax{secure}", self.brand.cookie);
        let mut response = response.into_response();
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }

    fn frame(&self, notice: Option<Notice>) -> Frame {
        Frame { brand: self.brand, issuer: self.party.settings().issuer.clone(), notice: notice.map(NoticeView::from) }
    }

    pub(super) fn problem_page(&self, status: StatusCode, error: &RelyingPartyError) -> Response {
        tracing::warn!(app = self.brand.name, %error, "a log-in step failed");
        (status, self.pages.page("problem.html", self.frame(Some(notice_of(error))))).into_response()
    }
}

enum Shown {
    Landing { notice: Option<Notice>, signed_out: Option<SignedOutView> },
    SignedIn { notice: Option<Notice>, signed_in: Box<SignedIn> },
}

#[derive(Deserialize)]
struct SignedOutAnswer {
    state: Option<String>,
}

#[derive(Deserialize)]
struct LogoutOrder {
    logout_token: String,
}

pub(super) fn home() -> Response {
    Redirect::to("/").into_response()
}

/// Forms may lead to the provider, because the answer to "log out" redirects there.
fn content_security_policy(issuer: &str) -> String {
    let provider = Url::parse(issuer).map(|issuer| issuer.origin().ascii_serialization()).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
         form-action 'self' {provider}; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}
