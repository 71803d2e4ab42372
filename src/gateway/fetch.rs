//! The only outgoing HTTP client. A request that someone else caused (a logout notice, a document at a registered URL)
//! must not reach what only this machine can reach (server-side request forgery, RFC 9101 section 10.4).
//!
//! `Targets` judges the text of the URL, literal addresses included; the resolver here judges the addresses that a name
//! stands for, and the connection goes to the very addresses that were judged, so that a name cannot change its mind
//! between the two. Redirects are not followed, and proxies of the environment are not used.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, RequestBuilder, redirect, retry};
use rustls::crypto::aws_lc_rs;
use tracing::Instrument;

use super::targets::{Target, TargetRefused, Targets};
use super::trust::{TrustError, roots};
use crate::TRACES;
use crate::config::OutgoingSection;
use crate::domain::address::is_public;
use crate::domain::time::Seconds;

/// Sends requests to the outside. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Fetcher {
    targets: Targets,
    public: Client,
    /// For targets that the operator lists. Kept apart, so that a listed name on another port is judged as any other.
    listed: Client,
    response_limit: usize,
}

/// What came back; any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// At most `outgoing.response_limit` bytes.
    pub body: Vec<u8>,
    /// How long the other side lets it be kept (`Cache-Control`, RFC 9111 section 5.2.2); `None` when it says nothing.
    pub fresh_for: Option<Seconds>,
}

/// Why nothing came back. The text names neither address nor network: it may be logged, and shown to administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("refused: {0}")]
    Refused(#[from] TargetRefused),
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection")]
    Unreachable,
    #[error("the answer is too long")]
    TooLong,
    #[error("the exchange failed")]
    Broken,
}

/// The client cannot be built from its section.
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    #[error("outgoing.certificate_authorities: {0}")]
    Trust(#[from] TrustError),
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// How names become addresses.
pub trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

impl Fetcher {
    pub fn new(section: &OutgoingSection) -> Result<Self, FetcherError> {
        Self::with_lookup(section, Arc::new(SystemLookup))
    }

    /// Names are resolved by `lookup` instead of the system's resolver.
    pub fn with_lookup(section: &OutgoingSection, lookup: Arc<dyn Lookup>) -> Result<Self, FetcherError> {
        let client = |public_only| client(section, Resolver { lookup: lookup.clone(), public_only });
        Ok(Self {
            targets: Targets::new(section),
            public: client(true)?,
            listed: client(false)?,
            response_limit: section.response_limit.0,
        })
    }

    /// The rule for URLs, to be asked when one is registered.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    pub async fn get(&self, url: &str) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        self.exchange(self.client(&target).get(target.url)).await
    }

    pub async fn get_with(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        let request = self.client(&target).get(target.url);
        self.exchange(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Posts `fields` as `application/x-www-form-urlencoded`.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        self.exchange(self.client(&target).post(target.url).form(fields)).await
    }

    /// As [`Fetcher::post_form`], as a user with a password (RFC 7617).
    pub async fn post_form_as(
        &self,
        url: &str,
        (user, password): (&str, &str),
        fields: &[(&str, &str)],
    ) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        let request = self.client(&target).post(target.url).basic_auth(user, Some(password));
        self.exchange(request.form(fields)).await
    }

    /// As [`Fetcher::post_form`], with headers.
    pub async fn post_form_with(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        let request = self.client(&target).post(target.url).form(fields);
        self.exchange(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Posts a body of another type; the answer may say in JSON what is wrong with it.
    pub async fn post_body(&self, url: &str, media_type: &'static str, body: String) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        let request = self.client(&target).post(target.url).header(CONTENT_TYPE, media_type);
        self.exchange(request.header(ACCEPT, "application/json").body(body)).await
    }

    /// Posts `body`, byte for byte, as `application/json`.
    pub async fn post_json(&self, url: &str, headers: &[(&str, &str)], body: String) -> Result<Answer, FetchError> {
        let target = self.targets.judge(url)?;
        let mut request = self.client(&target).post(target.url).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.exchange(request.body(body)).await
    }

    fn client(&self, target: &Target) -> &Client {
        if target.listed { &self.listed } else { &self.public }
    }

    /// Sends the request and reads the answer, cutting off one that is too long without reading it to its end.
    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, FetchError> {
        let span = tracing::debug_span!(target: TRACES, "outgoing", otel.kind = "client");
        self.answer(request).instrument(span).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Answer, FetchError> {
        let mut response = request.send().await.map_err(failure)?;
        let status = response.status().as_u16();
        let fresh_for = fresh_for(response.headers());
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(failure)? {
            if body.len() + part.len() > self.response_limit {
                return Err(FetchError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, body, fresh_for })
    }
}

fn fresh_for(headers: &HeaderMap) -> Option<Seconds> {
    let said =
        headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    let mut longest = None;
    for directive in said.split(',').map(|directive| directive.trim().to_ascii_lowercase()) {
        match directive.split_once('=') {
            None if matches!(directive.as_str(), "no-store" | "no-cache") => return Some(Seconds(0)),
            Some(("max-age", seconds)) => longest = seconds.trim_matches('"').parse().ok().map(Seconds).or(longest),
            _ => {}
        }
    }
    longest
}

fn client(section: &OutgoingSection, resolver: Resolver) -> Result<Client, FetcherError> {
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(section.certificate_authorities.as_deref())?)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(resolver.public_only)
        .dns_resolver(Arc::new(resolver))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("karat/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(section.connect_timeout.as_duration())
        .timeout(section.timeout.as_duration())
        .build()?;
    Ok(client)
}

/// A private address behind a public name is told from an unreachable host by nobody but the log.
fn failure(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        FetchError::TimedOut
    } else if error.is_connect() {
        tracing::debug!(cause = %Causes(&error), "no connection");
        FetchError::Unreachable
    } else {
        FetchError::Broken
    }
}

/// Resolves names, and with `public_only` gives back no address that is not public.
struct Resolver {
    lookup: Arc<dyn Lookup>,
    public_only: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.lookup.lookup(name.as_str());
        let public_only = self.public_only;
        Box::pin(async move {
            let addresses = addresses.await?;
            // One private answer among public ones is how a name is made to change its mind: then none is used.
            if public_only && !addresses.iter().copied().all(is_public) {
                return Err("the name stands for an address that is not public".into());
            }
            // Port 0 stands for the port of the URL.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// The resolver of the operating system.
struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let name = name.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// An error with the errors that caused it, without the URL, which may hold what is not for the log.
struct Causes<'a>(&'a reqwest::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(f, "{error}; ")?;
            cause = error.source();
        }
        Ok(())
    }
}
