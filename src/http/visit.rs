//! A browser's request for a page: which browser, who is signed in, which language.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;

use super::cookies::Cookie;
use super::error::PageError;
use super::guard::RequestId;
use super::web::Web;
use crate::crypto::token::{OpaqueToken, TokenHash, hmac};
use crate::domain::accent::Accent;
use crate::domain::client::Client;
use crate::domain::proxy::ForwardedLines;
use crate::domain::redirect_uri::RedirectUri;
use crate::domain::time::Seconds;
use crate::flow::authorize::{Interaction, InteractionError, SignedIn};
use crate::flow::login::Browser;
use crate::pages::{AppBadge, Frame, Locale};

const LONGEST_AGENT: usize = 300;

pub struct Visit {
    pub web: Web,
    pub browser: Browser,
    pub locale: Locale,
    pub signed_in: Option<SignedIn>,
    pub request_id: String,
    /// Path and query of this request.
    pub path: String,
    /// What the browser's cookie says, or a new value for it.
    binding: OpaqueToken,
    /// Cookies to set with the answer.
    cookies: Vec<(header::HeaderName, header::HeaderValue)>,
    session_cookie: Option<String>,
    accept_language: Option<String>,
    locale_was_chosen: bool,
}

impl FromRequestParts<Web> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, PageError> {
        let https = web.is_https();
        let headers = &parts.headers;
        let read = |cookie: Cookie| cookie.read(headers, https);
        let mut cookies = Vec::new();
        let known = read(Cookie::Browser).and_then(|text| OpaqueToken::parse(&text));
        let binding = known.unwrap_or_else(|| {
            let fresh = OpaqueToken::mint();
            if is_navigation(headers) {
                cookies.extend(Cookie::Browser.set(fresh.expose(), None, https));
            }
            fresh
        });
        let browser = Browser {
            address: client_address(parts, web),
            agent: text_of(headers, header::USER_AGENT).chars().take(LONGEST_AGENT).collect(),
            device: read(Cookie::Device).and_then(|text| OpaqueToken::parse(&text)).map(|token| token.hash()),
            binding: binding.hash(),
        };
        let session_cookie = read(Cookie::Session);
        let signed_in = match &session_cookie {
            Some(cookie) => web.karat.signed_in(cookie, &browser).await?,
            None => None,
        };
        let accept_language =
            Some(text_of(headers, header::ACCEPT_LANGUAGE).to_owned()).filter(|text| !text.is_empty());
        let locale_cookie = read(Cookie::Locale);
        Ok(Self {
            locale_was_chosen: locale_cookie.is_some(),
            locale: Locale::negotiate(None, locale_cookie.as_deref(), accept_language.as_deref(), web.default_locale()),
            web: web.clone(),
            browser,
            signed_in,
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_else(|| "/".to_owned()),
            binding,
            cookies,
            session_cookie,
            accept_language,
        })
    }
}

impl Visit {
    /// The hash under which things are bound to this browser.
    pub fn browser_hash(&self) -> TokenHash {
        self.browser.binding.clone()
    }

    /// The form token of this browser and session: nobody else's fits, and it changes at every log-in.
    pub fn form_token(&self) -> String {
        use base64::Engine;
        let session = self.session_cookie.as_deref().filter(|_| self.signed_in.is_some()).unwrap_or_default();
        let mac = hmac(&*self.web.karat.macs.forms, &[self.binding.expose().as_bytes(), session.as_bytes()]);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac)
    }

    pub fn set_cookie(&mut self, cookie: Cookie, value: &str, lifetime: Option<Seconds>) {
        self.cookies.extend(cookie.set(value, lifetime, self.web.is_https()));
    }

    pub fn clear_cookie(&mut self, cookie: Cookie) {
        self.cookies.extend(cookie.clear(self.web.is_https()));
    }

    /// Takes over a new log-in: a new session cookie, and the device's when it is new.
    pub fn sign_in(&mut self, signed_in: SignedIn, token: &OpaqueToken, device: Option<&OpaqueToken>) {
        let sessions = &self.web.karat.settings.sessions;
        let (session, known) = (sessions.absolute_lifetime, sessions.known_device_lifetime);
        self.set_cookie(Cookie::Session, token.expose(), Some(session));
        if let Some(device) = device {
            self.set_cookie(Cookie::Device, device.expose(), Some(known));
        }
        self.session_cookie = Some(token.expose().to_owned());
        self.signed_in = Some(signed_in);
    }

    /// A browser that sent no session is not told to drop one: on another site's behalf it sends none.
    pub fn sign_out(&mut self) {
        if self.session_cookie.is_some() {
            self.clear_cookie(Cookie::Session);
        }
        self.session_cookie = None;
        self.signed_in = None;
    }

    /// What surrounds a page.
    pub fn frame(&self) -> Frame {
        let mut frame = Frame::new(self.locale, self.path.clone()).with_csrf(self.form_token());
        if let Some(signed_in) = &self.signed_in {
            frame = frame.signed_in_as(signed_in.user.email.as_str());
        }
        frame
    }

    /// What surrounds a page within an interaction: the app is shown, and its language wishes count.
    pub async fn frame_within(&mut self, interaction: &Interaction) -> Result<Frame, PageError> {
        let wished = interaction.request.ui_locales.join(" ");
        if !wished.is_empty() && !self.locale_was_chosen {
            let otherwise = self.web.default_locale();
            self.locale = Locale::negotiate(Some(&wished), None, self.accept_language.as_deref(), otherwise);
        }
        let client = self.web.karat.client_of(interaction).await?;
        let redirect = &interaction.request.reply.redirect_uri;
        let badge = badge_of(&client, redirect);
        Ok(self.frame().with_interaction(interaction.id.clone()).with_app(badge))
    }

    pub async fn interaction(&self, id: &str) -> Result<Interaction, InteractionError> {
        self.web.karat.interaction(id, &self.browser_hash()).await
    }

    /// Adds the cookies that this visit sets.
    pub fn finish(self, mut response: Response) -> Response {
        response.headers_mut().extend(self.cookies);
        response
    }
}

/// A client as people see it. `redirect_uri`: where the answer goes.
pub fn badge_of(client: &Client, redirect_uri: &str) -> AppBadge {
    let pages = &client.pages;
    AppBadge {
        name: client.name.clone(),
        logo_url: client.logo_path(),
        accent: pages.accent.map(Accent::digits),
        home_url: pages.home.clone(),
        policy_url: pages.policy.clone(),
        tos_url: pages.terms.clone(),
        verified: pages.verified,
        host: host_of(redirect_uri),
    }
}

/// The host an answer goes to, or the whole private-use scheme, so that a look-alike name shows itself.
fn host_of(redirect_uri: &str) -> String {
    let Ok(url) = url::Url::parse(redirect_uri) else { return String::new() };
    match (RedirectUri::proves_its_owner(redirect_uri) || url.scheme() == "http", url.host_str()) {
        (true, Some(host)) => match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
        _ => format!("{}:", url.scheme()),
    }
}

/// The person's address: the peer's, or what a declared proxy says of it.
pub fn client_address(parts: &Parts, web: &Web) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let lines = |name: &str| -> Vec<&str> {
        parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
    };
    let (forwarded, hosts, schemes) = (lines("forwarded"), lines("x-forwarded-for"), lines("x-forwarded-proto"));
    let lines = ForwardedLines { forwarded: &forwarded, x_forwarded_for: &hosts, x_forwarded_proto: &schemes };
    web.proxies().requester(peer, lines).address
}

/// What another site's page loads comes without our cookies, and must not replace them. Only a navigation is a person.
fn is_navigation(headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode").map(|value| value.as_bytes());
    mode.is_none_or(|mode| mode == b"navigate")
}

pub fn text_of(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
