//! OpenID Connect from the app's side, on the crate `openidconnect`: log in by code flow with PKCE, refresh, userinfo,
//! RP-initiated logout. Pages and cookies are `site`'s business; this file only knows protocol.

use std::collections::HashMap;

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PostLogoutRedirectUrl, RedirectUrl, Scope, SubjectIdentifier, TokenResponse, UserInfoClaims,
    UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::id_token::{self, IdTokenRefused, NonceRule};
use super::logout_token::{self, LogoutToken, LogoutTokenRefused};
use super::pending::{AuthorizationAnswer, LoginOptions, PendingLogin};
use super::provider::{DiscoveryFailed, Http, Metadata, ProviderDirectory, with_causes};
use super::tokens::Tokens;
use crate::crypto::clock::Clock;
use crate::domain::time::Seconds;

/// Paths to register for the client, below the app's base URL: redirect URI, post-logout redirect URI and
/// `backchannel_logout_uri`.
pub const REDIRECT_PATH: &str = "/callback";
pub const POST_LOGOUT_PATH: &str = "/signed-out";
pub const BACKCHANNEL_LOGOUT_PATH: &str = "/backchannel-logout";

/// How much two clocks may differ before a time in a token counts as wrong.
pub(super) const CLOCK_SKEW: Seconds = Seconds(60);

pub type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What an app knows of itself and of the provider.
pub struct RelyingPartySettings {
    /// Issuer identifier, exactly as the provider's discovery document spells it.
    pub issuer: String,
    pub client_id: String,
    /// Sent by `client_secret_basic`; `None` makes a public client, which proves itself by PKCE alone.
    pub client_secret: Option<String>,
    /// Scheme, host and port under which browsers reach the app.
    pub base_url: Url,
    /// Scopes to ask for, beside `openid`.
    pub scopes: Vec<String>,
    pub clock: Clock,
}

/// One registered client of one provider.
pub struct RelyingParty {
    pub(super) settings: RelyingPartySettings,
    pub(super) issuer: IssuerUrl,
    redirect_url: RedirectUrl,
    pub(super) http: Http,
    pub(super) directory: ProviderDirectory,
}

#[derive(Debug, thiserror::Error)]
pub enum RelyingPartyError {
    #[error("the provider cannot be reached: {0}")]
    Discovery(#[from] DiscoveryFailed),
    /// The provider answered with an error code (RFC 6749 sections 4.1.2.1 and 5.2).
    #[error("{code}: {description}")]
    Refused { code: String, description: String },
    /// The answer does not belong to a log-in this browser started, or breaks a rule; nothing in it is used.
    #[error("the answer cannot be trusted: {0}")]
    Untrusted(String),
    #[error("the call failed: {0}")]
    Call(String),
    #[error("the setting {0} is not usable: {1}")]
    Setting(&'static str, String),
}

impl RelyingParty {
    pub fn new(settings: RelyingPartySettings) -> Result<Self, RelyingPartyError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|error| RelyingPartyError::Setting("issuer", error.to_string()))?;
        let redirect_url = RedirectUrl::from_url(at(&settings.base_url, REDIRECT_PATH)?);
        let http = Http::new().map_err(|error| RelyingPartyError::Setting("http client", with_causes(&error)))?;
        let directory = ProviderDirectory::new(issuer.clone(), http.clone());
        Ok(Self { settings, issuer, redirect_url, http, directory })
    }

    /// Where the browser goes to log in, and what must be remembered until it comes back.
    pub async fn begin(&self, options: &LoginOptions) -> Result<(Url, PendingLogin), RelyingPartyError> {
        let metadata = self.directory.metadata().await?;
        let client = self.client(&metadata);
        let scopes = self.scopes(options);
        let (challenge, pkce) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new_random_len(32),
                || Nonce::new_random_len(32),
            )
            .set_pkce_challenge(challenge)
            .add_scopes(scopes.iter().cloned().map(Scope::new));
        for prompt in words(&options.prompt) {
            request = request.add_prompt(prompt_named(&prompt)?);
        }
        let max_age = options.max_age.as_deref().filter(|text| !text.is_empty()).map(seconds).transpose()?;
        if let Some(age) = max_age {
            request = request.set_max_age(age.as_duration());
        }
        for acr in words(&options.acr_values) {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr));
        }
        if let Some(hint) = options.login_hint.clone().filter(|text| !text.is_empty()) {
            request = request.set_login_hint(openidconnect::LoginHint::new(hint));
        }
        if let Some(mode) = options.response_mode.clone().filter(|mode| mode == "form_post" || mode == "query") {
            request = request.add_extra_param("response_mode", mode);
        }
        let (url, state, nonce) = request.url();
        Ok((url, PendingLogin { started: self.settings.clock.now(), state, nonce, pkce, max_age, scopes }))
    }

    /// Turns the answer at the redirect URI into tokens. `pending` is the log-in whose state the answer names.
    pub async fn finish(
        &self,
        pending: PendingLogin,
        answer: AuthorizationAnswer,
    ) -> Result<Tokens, RelyingPartyError> {
        let metadata = self.directory.metadata().await?;
        self.check_answering_issuer(&metadata, answer.iss.as_deref())?;
        if let Some(code) = answer.error {
            return Err(RelyingPartyError::Refused { code, description: answer.error_description.unwrap_or_default() });
        }
        let code = answer.code.ok_or_else(|| untrusted("it carries neither a code nor an error"))?;
        let client = self.client(&metadata);
        let response = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| RelyingPartyError::Call(error.to_string()))?
            .set_pkce_verifier(pending.pkce)
            .request_async(&self.http)
            .await
            .map_err(token_error)?;
        let id_token = response.id_token().cloned().ok_or_else(|| untrusted("it carries no ID token"))?;
        let nonce = pending.nonce;
        let expected = self.expected(NonceRule::MustBe(&nonce), pending.max_age);
        let id_claims = self.verified_claims(&id_token, response.access_token(), &expected).await?;
        Ok(self.tokens(response, id_token, id_claims, nonce))
    }

    /// New tokens for old. The provider may keep or replace the refresh token, and may leave out the ID token.
    pub async fn refresh(&self, old: &Tokens) -> Result<Tokens, RelyingPartyError> {
        let refresh_token = old.refresh_token.clone().ok_or_else(|| {
            RelyingPartyError::Call("this app holds no refresh token; ask for offline_access".to_owned())
        })?;
        let metadata = self.directory.metadata().await?;
        let response = self
            .client(&metadata)
            .exchange_refresh_token(&refresh_token)
            .map_err(|error| RelyingPartyError::Call(error.to_string()))?
            .request_async(&self.http)
            .await
            .map_err(token_error)?;
        let (id_token, id_claims) = match response.id_token().cloned() {
            Some(id_token) => {
                let expected = self.expected(NonceRule::MayBe(&old.nonce), None);
                let claims = self.verified_claims(&id_token, response.access_token(), &expected).await?;
                check_same_person(&old.id_claims, &claims)?;
                (id_token, claims)
            }
            None => (old.id_token.clone(), old.id_claims.clone()),
        };
        let mut tokens = self.tokens(response, id_token, id_claims, old.nonce.clone());
        if tokens.refresh_token.is_none() {
            tokens.refresh_token = Some(refresh_token);
        }
        Ok(tokens)
    }

    /// The claims of the person behind the access token; refused when they are about somebody else (Core 5.3.2).
    pub async fn userinfo(&self, tokens: &Tokens) -> Result<Value, RelyingPartyError> {
        let metadata = self.directory.metadata().await?;
        let subject = SubjectIdentifier::new(tokens.subject().to_owned());
        let claims: UserInfoClaims<FurtherClaims, CoreGenderClaim> = self
            .client(&metadata)
            .user_info(tokens.access_token.clone(), Some(subject))
            .map_err(|error| RelyingPartyError::Call(error.to_string()))?
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                UserInfoError::ClaimsVerification(error) => untrusted(&with_causes(&error)),
                UserInfoError::Response(status, _, _) if status.as_u16() == 401 => RelyingPartyError::Refused {
                    code: "invalid_token".to_owned(),
                    description: "The access token is no longer good. Refresh the tokens and try again.".to_owned(),
                },
                other => RelyingPartyError::Call(with_causes(&other)),
            })?;
        serde_json::to_value(&claims).map_err(|error| RelyingPartyError::Call(error.to_string()))
    }

    /// Where the browser goes to log out at the provider too (RP-Initiated Logout 1.0, section 2); `None` when the
    /// provider has no such page.
    pub async fn logout_url(&self, id_token: &CoreIdToken, state: CsrfToken) -> Result<Option<Url>, RelyingPartyError> {
        let metadata = self.directory.metadata().await?;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::from_url(at(&self.settings.base_url, POST_LOGOUT_PATH)?);
        let request = LogoutRequest::from(endpoint)
            .set_id_token_hint(id_token)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(back)
            .set_state(state);
        Ok(Some(request.http_get_url()))
    }

    /// Checks a back-channel logout (Back-Channel Logout 1.0, section 2.6).
    pub async fn verify_logout_token(&self, token: &str) -> Result<LogoutToken, LogoutTokenRefused> {
        let metadata = self.directory.metadata().await.map_err(|_| LogoutTokenRefused::ProviderUnreachable)?;
        let expected = logout_token::Expected {
            issuer: self.issuer.as_str(),
            client_id: &self.settings.client_id,
            now: self.settings.clock.now(),
            clock_skew: CLOCK_SKEW,
        };
        match logout_token::verify(token, metadata.jwks(), &expected) {
            Err(LogoutTokenRefused::UnknownKey) => {
                let metadata = self
                    .directory
                    .metadata_with_fresh_keys()
                    .await
                    .map_err(|_| LogoutTokenRefused::ProviderUnreachable)?;
                logout_token::verify(token, metadata.jwks(), &expected)
            }
            verdict => verdict,
        }
    }

    /// `acr` values which the provider says it can reach, for the page's step-up choice; empty when it is away.
    pub async fn acr_values(&self) -> Vec<String> {
        let Ok(metadata) = self.directory.metadata().await else { return Vec::new() };
        metadata.acr_values_supported().into_iter().flatten().map(|acr| acr.to_string()).collect()
    }

    pub fn settings(&self) -> &RelyingPartySettings {
        &self.settings
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(self.settings.client_id.clone()), secret)
            .set_redirect_uri(self.redirect_url.clone())
    }

    fn scopes(&self, options: &LoginOptions) -> Vec<String> {
        let asked: Vec<String> = words(&options.scope).into_iter().filter(|scope| scope != "openid").collect();
        if asked.is_empty() { self.settings.scopes.clone() } else { asked }
    }

    /// RFC 9207 section 2.4: an `iss` that is there must be ours; it must be there when the provider promises it.
    fn check_answering_issuer(&self, metadata: &Metadata, iss: Option<&str>) -> Result<(), RelyingPartyError> {
        match iss {
            Some(iss) if iss == self.issuer.as_str() => Ok(()),
            Some(_) => Err(untrusted("it comes from another issuer")),
            None if metadata.additional_metadata().authorization_response_iss_parameter_supported => {
                Err(untrusted("it does not name its issuer, although the provider promises that"))
            }
            None => Ok(()),
        }
    }

    /// The claims of an ID token that proves itself (see `id_token`), with one more try on new keys.
    async fn verified_claims(
        &self,
        id_token: &CoreIdToken,
        access_token: &AccessToken,
        expected: &id_token::Expected<'_>,
    ) -> Result<Map<String, Value>, RelyingPartyError> {
        let metadata = self.directory.metadata().await?;
        let mut verdict = id_token::verify(id_token, access_token, &self.client(&metadata), expected);
        if matches!(verdict, Err(IdTokenRefused::UnknownKey)) {
            let metadata = self.directory.metadata_with_fresh_keys().await?;
            verdict = id_token::verify(id_token, access_token, &self.client(&metadata), expected);
        }
        verdict.map_err(|refused| untrusted(&refused.to_string()))
    }

    fn expected<'a>(&self, nonce: NonceRule<'a>, max_age: Option<Seconds>) -> id_token::Expected<'a> {
        id_token::Expected { nonce, max_age, now: self.settings.clock.now(), clock_skew: CLOCK_SKEW }
    }

    fn tokens(
        &self,
        response: CoreTokenResponse,
        id_token: CoreIdToken,
        id_claims: Map<String, Value>,
        nonce: Nonce,
    ) -> Tokens {
        let obtained = self.settings.clock.now();
        let lifetime = response.expires_in().map(|span| Seconds(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)));
        let scope = match response.scopes() {
            Some(scopes) => scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
            None => format!("openid {}", self.settings.scopes.join(" ")),
        };
        Tokens {
            id_token,
            id_claims,
            access_token: response.access_token().clone(),
            refresh_token: response.refresh_token().cloned(),
            scope,
            access_token_expires: lifetime.map(|span| obtained.plus(span)),
            obtained,
            nonce,
        }
    }
}

/// Claims beyond the standard ones, kept as they are.
#[derive(Debug, Default, Deserialize, Serialize)]
struct FurtherClaims(HashMap<String, Value>);

impl AdditionalClaims for FurtherClaims {}

/// Core 12.2: a refreshed ID token is about the same person, issuer, audience and log-in.
fn check_same_person(old: &Map<String, Value>, new: &Map<String, Value>) -> Result<(), RelyingPartyError> {
    for claim in ["iss", "sub", "aud", "auth_time", "azp"] {
        if old.get(claim) != new.get(claim) {
            return Err(untrusted(&format!("{claim} changed at the refresh")));
        }
    }
    Ok(())
}

fn token_error(error: TokenRequestError) -> RelyingPartyError {
    match error {
        TokenRequestError::ServerResponse(answer) => RelyingPartyError::Refused {
            code: answer.error().to_string(),
            description: answer.error_description().cloned().unwrap_or_default(),
        },
        other => RelyingPartyError::Call(with_causes(&other)),
    }
}

type TokenRequestError = openidconnect::RequestTokenError<
    super::provider::CallFailed,
    openidconnect::StandardErrorResponse<openidconnect::core::CoreErrorResponseType>,
>;

fn prompt_named(name: &str) -> Result<CoreAuthPrompt, RelyingPartyError> {
    match name {
        "login" => Ok(CoreAuthPrompt::Login),
        "consent" => Ok(CoreAuthPrompt::Consent),
        "select_account" => Ok(CoreAuthPrompt::SelectAccount),
        "none" => Ok(CoreAuthPrompt::None),
        other => Err(RelyingPartyError::Setting("prompt", other.to_owned())),
    }
}

fn seconds(text: &str) -> Result<Seconds, RelyingPartyError> {
    text.parse::<u32>().map(|age| Seconds(age.into())).map_err(|e| RelyingPartyError::Setting("max_age", e.to_string()))
}

fn words(text: &Option<String>) -> Vec<String> {
    text.as_deref().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

pub(super) fn at(base: &Url, path: &str) -> Result<Url, RelyingPartyError> {
    base.join(path).map_err(|error| RelyingPartyError::Setting("base_url", error.to_string()))
}

fn untrusted(reason: &str) -> RelyingPartyError {
    RelyingPartyError::Untrusted(reason.to_owned())
}
