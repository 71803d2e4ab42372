//! The door to a running server: a token of its token endpoint, and the admin API over HTTP. This is the operator's own client, which goes
//! where its operator says, and so not the guarded one of the gateway.

use std::collections::HashMap;
use std::time::Duration;

use axum::http::Method;
use reqwest::{Client, RequestBuilder, Response, header, redirect};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::Question;
use super::credentials::{Credentials, is_guarded};
use super::refused::DoorError;
use crate::cli::Mistyped;
use crate::crypto::token::OpaqueToken;
use crate::domain::admin::Act;

const CONNECTED_WITHIN: Duration = Duration::from_secs(10);
/// Between two pieces of an answer: an export takes its time as a whole.
const READ_WITHIN: Duration = Duration::from_secs(60);
const READ_ONLY: &str = ".read";

pub struct ApiClient {
    http: Client,
    /// The issuer, without a slash at its end.
    issuer: String,
    credentials: Credentials,
    /// By scope, for as long as the command runs.
    tokens: Mutex<HashMap<String, String>>,
}

/// Why there is no token.
enum NoToken {
    /// The program is not registered for this scope.
    Scope,
    Other(DoorError),
}

impl ApiClient {
    pub(super) fn new(address: Url, credentials: Credentials) -> anyhow::Result<Self> {
        let http = Client::builder()
            .user_agent(concat!("karat/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECTED_WITHIN)
            .read_timeout(READ_WITHIN)
            .no_proxy()
            .build()?;
        let issuer = address.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, issuer, credentials, tokens: Mutex::default() })
    }

    pub(super) async fn send(&self, question: &Question) -> anyhow::Result<Response> {
        let token = self.token(question.act).await?;
        let url = format!("{}{}", self.issuer, question.target());
        let mut request = self.http.request(question.method.clone(), url).bearer_auth(token);
        if let Some(seen) = &question.seen {
            request = request.header(header::IF_MATCH, seen);
        }
        if question.method == Method::POST {
            // Asked again after a lost answer, it is done once all the same.
            request = request.header("idempotency-key", OpaqueToken::mint().expose());
        }
        if let Some(body) = &question.body {
            request = request.json(body);
        }
        Ok(twice(request, question.method == Method::GET || question.method == Method::POST).await?)
    }

    /// A token that is good for this act.
    async fn token(&self, act: Act) -> anyhow::Result<String> {
        let (id, secret) = match &self.credentials {
            Credentials::Token(token) => return Ok(token.expose().to_owned()),
            Credentials::Program { id, secret } => (id, secret),
        };
        let scope = act.scope().ok_or(DoorError::PeopleOnly(act))?;
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(scope) {
            return Ok(token.clone());
        }
        let endpoint = self.token_endpoint().await?;
        let fetched = match self.fetch_token(&endpoint, (id, secret.expose()), scope).await {
            // Who may change a thing may read it, by the wider scope.
            Err(NoToken::Scope) => match scope.strip_suffix(READ_ONLY) {
                Some(wider) => self.fetch_token(&endpoint, (id, secret.expose()), wider).await,
                None => Err(NoToken::Scope),
            },
            other => other,
        };
        let token = fetched.map_err(|error| match error {
            NoToken::Scope => DoorError::NotRegistered { client: id.clone(), scope },
            NoToken::Other(error) => error,
        })?;
        tokens.insert(scope.to_owned(), token.clone());
        Ok(token)
    }

    /// OpenID Connect Discovery section 4.3: a document that speaks of another issuer is not this one's.
    async fn token_endpoint(&self) -> anyhow::Result<Url> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        let response = twice(self.http.get(address), true).await?;
        let status = response.status();
        let told: Value = response.json().await.unwrap_or_default();
        let Some(issuer) = told["issuer"].as_str().filter(|_| status.is_success()) else {
            return Err(DoorError::NoServer(self.issuer.clone()).into());
        };
        if issuer.trim_end_matches('/') != self.issuer {
            return Err(Mistyped(format!("--server: this server calls itself {issuer}")).into());
        }
        let endpoint = told["token_endpoint"].as_str().and_then(|text| text.parse::<Url>().ok());
        let endpoint = endpoint.filter(is_guarded).ok_or_else(|| DoorError::NoServer(self.issuer.clone()))?;
        Ok(endpoint)
    }

    /// RFC 6749 section 4.4, the client proving itself as in section 2.3.1.
    async fn fetch_token(&self, endpoint: &Url, (id, secret): (&str, &str), scope: &str) -> Result<String, NoToken> {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let request = self.http.post(endpoint.clone()).basic_auth(encoded(id), Some(encoded(secret))).form(&form);
        let response = twice(request, true).await.map_err(NoToken::Other)?;
        let status = response.status();
        let told: Value = response.json().await.map_err(|error| NoToken::Other(unreachable(&error)))?;
        if let Some(token) = told["access_token"].as_str().filter(|_| status.is_success()) {
            return Ok(token.to_owned());
        }
        match told["error"].as_str().unwrap_or_default() {
            "invalid_scope" => Err(NoToken::Scope),
            error => Err(NoToken::Other(DoorError::NoToken {
                client: id.to_owned(),
                error: error.to_owned(),
                description: told["error_description"].as_str().unwrap_or_default().to_owned(),
            })),
        }
    }
}

/// What may be asked again is asked again when no answer came.
async fn twice(request: RequestBuilder, may_be_repeated: bool) -> Result<Response, DoorError> {
    let again = request.try_clone().filter(|_| may_be_repeated);
    match (request.send().await, again) {
        (Ok(response), _) => Ok(response),
        (Err(_), Some(again)) => again.send().await.map_err(|error| unreachable(&error)),
        (Err(error), None) => Err(unreachable(&error)),
    }
}

/// With the cause, which reqwest keeps to itself: "connection refused", "invalid peer certificate".
pub(super) fn unreachable(error: &reqwest::Error) -> DoorError {
    let mut causes = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        causes.push(one.to_string());
        cause = one.source();
    }
    causes.dedup();
    DoorError::Unreachable(causes.join(": "))
}
