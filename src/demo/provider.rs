//! The provider as the apps see it: discovery document and keys, fetched when first needed and kept.
//!
//! Discovery is lazy because the apps and the provider may start in the same moment; a failure is not remembered, the
//! next click tries again. Keys are fetched anew when a token names one that is not known (key rotation), at most
//! once in [`REFETCH_PAUSE`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, EndSessionUrl, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Between two fetches of the keys, however many unknown key ids arrive.
const REFETCH_PAUSE: Duration = Duration::from_secs(5);
/// A provider that answers slower than this counts as down.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// No answer of a provider is larger; what is gets refused unread.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// What discovery says beyond OpenID Connect Discovery 1.0 and the apps make use of.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FurtherMetadata {
    /// RP-Initiated Logout 1.0, section 2.1.
    pub end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207 section 3: whether every authorization response carries `iss`.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for FurtherMetadata {}

pub type Metadata = ProviderMetadata<
    FurtherMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The discovery document could not be fetched or does not fit the issuer; the text says why, for developers.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DiscoveryFailed(pub String);

/// Fetches the provider's metadata once and hands out the same copy until the keys change.
pub struct ProviderDirectory {
    issuer: IssuerUrl,
    http: Http,
    known: Mutex<Option<Fetched>>,
}

struct Fetched {
    metadata: Arc<Metadata>,
    at: Instant,
}

impl ProviderDirectory {
    pub fn new(issuer: IssuerUrl, http: Http) -> Self {
        Self { issuer, http, known: Mutex::new(None) }
    }

    /// Metadata and keys, from memory when they have been fetched before.
    pub async fn metadata(&self) -> Result<Arc<Metadata>, DiscoveryFailed> {
        let mut known = self.known.lock().await;
        if let Some(fetched) = known.as_ref() {
            return Ok(fetched.metadata.clone());
        }
        self.fetch_into(&mut known).await
    }

    /// Metadata with keys fetched anew, unless that happened a moment ago. For a token signed by an unknown key.
    pub async fn metadata_with_fresh_keys(&self) -> Result<Arc<Metadata>, DiscoveryFailed> {
        let mut known = self.known.lock().await;
        match known.as_ref() {
            Some(fetched) if fetched.at.elapsed() < REFETCH_PAUSE => Ok(fetched.metadata.clone()),
            _ => self.fetch_into(&mut known).await,
        }
    }

    async fn fetch_into(&self, known: &mut Option<Fetched>) -> Result<Arc<Metadata>, DiscoveryFailed> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.http)
            .await
            .map_err(|error| DiscoveryFailed(with_causes(&error)))?;
        let metadata = Arc::new(metadata);
        *known = Some(Fetched { metadata: metadata.clone(), at: Instant::now() });
        Ok(metadata)
    }
}

/// The apps' HTTP client: no redirects (a token endpoint has none to offer), bounded in time and size.
#[derive(Clone)]
pub struct Http(reqwest::Client);

#[derive(Debug, thiserror::Error)]
pub enum CallFailed {
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    #[error("the answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
    #[error(transparent)]
    Malformed(#[from] openidconnect::http::Error),
}

impl Http {
    pub fn new() -> Result<Self, reqwest::Error> {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WITHIN)
            .no_proxy()
            .build()
            .map(Self)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallFailed> {
        let mut answer = self.0.execute(reqwest::Request::try_from(request)?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(CallFailed::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = openidconnect::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = CallFailed;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallFailed>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// An error with the chain of what caused it, in one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
