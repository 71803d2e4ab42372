//! The adapter to `oxide-auth`, whose sans-IO machines decide on authorization requests, code redemption and refresh.
//! Its types stay inside this file.
//!
//! The machines read the wall clock and compare parsed URLs. Karat's own clock and exact texts are checked before they
//! are driven; they are handed an end of time that is open, or past, accordingly.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use oxide_auth::code_grant::error::{AccessTokenErrorType, AuthorizationErrorType};
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::code_grant::{accesstoken, authorization, refresh};
use oxide_auth::primitives::grant::{Extensions, Grant, Value};
use oxide_auth::primitives::registrar::{BoundClient, ExactUrl, PreGrant, RegisteredUrl};

use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::ids::ClientId;
use crate::domain::parameters::Parameters;
use crate::domain::pkce::{CodeChallenge, is_code_verifier};
use crate::domain::scope::Scope;

/// What the authorization machine found in a request whose client and redirect URI are proven.
pub struct Authorized {
    pub scope: Scope,
    pub challenge: Option<CodeChallenge>,
}

/// RFC 6749 section 4.1.1 and RFC 7636 section 4.4.1: response type, scope, code challenge.
pub fn authorize(
    parameters: &Parameters,
    client_id: &ClientId,
    redirect_uri: &str,
    pkce_required: bool,
) -> Result<Authorized, OAuthError> {
    use authorization::{Authorization, Input, Output};
    let request = Request { parameters, client_id: client_id.as_str() };
    let exact = ExactUrl::from_str(redirect_uri).map_err(OAuthError::internal)?;
    let registered = RegisteredUrl::Exact(exact);

    let mut machine = Authorization::new(&request);
    let Output::Bind { client_id, .. } = machine.advance(Input::None) else { return Err(out_of_step()) };
    let bound = BoundClient { client_id: client_id.into(), redirect_uri: Cow::Owned(registered.clone()) };
    match machine.advance(Input::Bound { request: &request, bound_client: bound }) {
        Output::Extend => {}
        Output::Err(error) => return Err(authorization_fault(error)),
        _ => return Err(out_of_step()),
    }
    let challenge = challenge(parameters, pkce_required)?;
    match machine.advance(Input::Extended(Extensions::new())) {
        Output::Negotiate { .. } => {}
        _ => return Err(out_of_step()),
    }
    // The machine's scope prints in random order: it judges, ours is kept.
    let scope: Scope = parameters.get("scope").unwrap_or_default().parse().map_err(|_| invalid_scope())?;
    let pre_grant = PreGrant {
        client_id: request.client_id.to_owned(),
        redirect_uri: registered,
        scope: scope.to_string().parse().map_err(|_| invalid_scope())?,
    };
    match machine.advance(Input::Negotiated { pre_grant, state: None }) {
        Output::Ok { .. } => Ok(Authorized { scope, challenge }),
        _ => Err(out_of_step()),
    }
}

fn challenge(parameters: &Parameters, required: bool) -> Result<Option<CodeChallenge>, OAuthError> {
    let sent = (parameters.get("code_challenge"), parameters.get("code_challenge_method"));
    let challenge = CodeChallenge::from_parameters(sent.0, sent.1)
        .map_err(|error| OAuthError::invalid_request(error.to_string()))?;
    if challenge.is_none() && required {
        return Err(OAuthError::invalid_request("PKCE is required: send code_challenge with S256"));
    }
    Ok(challenge)
}

/// What is kept of a code, as far as its redemption is judged by it.
pub struct Code<'a> {
    pub client_id: &'a ClientId,
    pub redirect_uri: &'a str,
    pub challenge: Option<&'a CodeChallenge>,
    pub expired: bool,
}

/// RFC 6749 section 4.1.3 and RFC 7636 section 4.6. The client has been authenticated.
pub fn redeem(parameters: &Parameters, client_id: &ClientId, code: &Code<'_>) -> Result<(), OAuthError> {
    use accesstoken::{AccessToken, Input, Output};
    if parameters.get("redirect_uri") != Some(code.redirect_uri) {
        return Err(OAuthError::invalid_grant("redirect_uri is not the one of the authorization request"));
    }
    let pkce = if code.challenge.is_some() { Pkce::required() } else { Pkce::optional() };
    let mut extensions = Extensions::new();
    if let Some(challenge) = code.challenge {
        // The encoding of the crate: the challenge, then S for S256.
        extensions.set(&pkce, Value::private(Some(format!("{}S", challenge.as_str()))));
    }
    let saved = saved(code.client_id, code.redirect_uri, &Scope::default(), code.expired, extensions)?;

    let request = Request { parameters, client_id: client_id.as_str() };
    let mut machine = AccessToken::new(&request);
    match machine.advance(Input::None) {
        Output::Authenticate { .. } => {}
        Output::Err(error) => return Err(redemption_fault(*error)),
        _ => return Err(out_of_step()),
    }
    let Output::Recover { .. } = machine.advance(Input::Authenticated) else { return Err(out_of_step()) };
    let kept = match machine.advance(Input::Recovered(Some(Box::new(saved)))) {
        Output::Extend { extensions } => extensions.remove(&pkce),
        Output::Err(error) => return Err(redemption_fault(*error)),
        _ => return Err(out_of_step()),
    };
    verify(&pkce, kept, parameters.get("code_verifier"))
}

fn verify(pkce: &Pkce, kept: Option<Value>, verifier: Option<&str>) -> Result<(), OAuthError> {
    if kept.is_none() && verifier.is_some() {
        return Err(OAuthError::invalid_grant("code_verifier was sent, but no code_challenge before it"));
    }
    if verifier.is_some_and(|verifier| !is_code_verifier(verifier)) {
        return Err(OAuthError::invalid_grant("code_verifier must be 43 to 128 unreserved characters"));
    }
    pkce.verify(kept, verifier.map(Cow::Borrowed))
        .map_err(|()| OAuthError::invalid_grant("code_verifier does not match the code_challenge"))
}

/// RFC 6749 section 6: the client, the end of the family and a scope that is not wider than the grant's. Answers the
/// scope of the new access token.
pub fn refreshed(
    parameters: &Parameters,
    client_id: &ClientId,
    granted_to: &ClientId,
    granted: &Scope,
    expired: bool,
) -> Result<Scope, OAuthError> {
    use refresh::{Input, Output, Refresh};
    let asked = parameters.get("scope").map(Cow::Borrowed);
    // The machine knows neither redirect URIs nor extensions of a grant at refresh.
    let saved = saved(granted_to, "https://localhost/", granted, expired, Extensions::new())?;
    let request = Request { parameters, client_id: client_id.as_str() };
    let mut machine = Refresh::new(&request);
    match machine.advance(Input::None) {
        Output::Unauthenticated { .. } => {}
        Output::Err(error) => return Err(refresh_fault(error)),
        _ => return Err(out_of_step()),
    }
    match machine.advance(Input::Authenticated { scope: asked.clone() }) {
        Output::RecoverRefresh { .. } => {}
        _ => return Err(out_of_step()),
    }
    match machine.advance(Input::Recovered { scope: asked, grant: Some(Box::new(saved)) }) {
        Output::Refresh { .. } => {}
        Output::Err(error) => return Err(refresh_fault(error)),
        _ => return Err(out_of_step()),
    }
    match parameters.get("scope") {
        None => Ok(granted.clone()),
        Some(text) => {
            let narrowed: Scope = text.parse().map_err(|_| invalid_scope())?;
            if narrowed.is_within(granted) { Ok(narrowed) } else { Err(invalid_scope()) }
        }
    }
}

fn saved(
    client_id: &ClientId,
    redirect_uri: &str,
    scope: &Scope,
    expired: bool,
    extensions: Extensions,
) -> Result<Grant, OAuthError> {
    // The crate has no empty scope.
    let scope = if scope.is_empty() { "openid".to_owned() } else { scope.to_string() };
    Ok(Grant {
        owner_id: String::new(),
        client_id: client_id.to_string(),
        scope: scope.parse().map_err(|_| invalid_scope())?,
        redirect_uri: redirect_uri.parse().map_err(OAuthError::internal)?,
        until: if expired { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC },
        extensions,
    })
}

fn invalid_scope() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidScope, "scope is malformed or wider than what was granted")
}

fn out_of_step() -> OAuthError {
    OAuthError::internal("the grant machine left its path")
}

fn authorization_fault(error: authorization::Error) -> OAuthError {
    let authorization::Error::Redirect(mut url) = error else { return out_of_step() };
    match url.description().kind() {
        AuthorizationErrorType::UnsupportedResponseType => {
            OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type must be code")
        }
        AuthorizationErrorType::InvalidScope => OAuthError::new(ErrorCode::InvalidScope, "scope is malformed"),
        _ => OAuthError::invalid_request("the authorization request is malformed"),
    }
}

fn redemption_fault(error: accesstoken::Error) -> OAuthError {
    match error {
        accesstoken::Error::Invalid(mut description) => token_fault(description.description().kind()),
        accesstoken::Error::Unauthorized(..) => OAuthError::invalid_client(),
        accesstoken::Error::Primitive(_) => out_of_step(),
    }
}

fn refresh_fault(error: refresh::Error) -> OAuthError {
    match error {
        refresh::Error::Invalid(mut description) => token_fault(description.description().kind()),
        refresh::Error::Unauthorized(..) => OAuthError::invalid_client(),
        refresh::Error::Primitive => out_of_step(),
    }
}

fn token_fault(kind: AccessTokenErrorType) -> OAuthError {
    match kind {
        AccessTokenErrorType::InvalidGrant => OAuthError::invalid_grant("the grant has ended or is not this client's"),
        AccessTokenErrorType::InvalidScope => invalid_scope(),
        AccessTokenErrorType::UnsupportedGrantType => {
            OAuthError::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported")
        }
        _ => OAuthError::invalid_request("a parameter is missing or malformed"),
    }
}

/// Our parameters as the machines want to see them. The client is always the one that was proven.
struct Request<'a> {
    parameters: &'a Parameters,
    client_id: &'a str,
}

impl Request<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters.get(name).map(Cow::Borrowed)
    }
}

impl authorization::Request for Request<'_> {
    fn valid(&self) -> bool {
        self.parameters.doubled().is_none()
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.client_id))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.get("scope")
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.get("redirect_uri")
    }

    fn state(&self) -> Option<Cow<'_, str>> {
        self.get("state")
    }

    fn response_type(&self) -> Option<Cow<'_, str>> {
        self.get("response_type")
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key)
    }
}

impl accesstoken::Request for Request<'_> {
    fn valid(&self) -> bool {
        self.parameters.doubled().is_none()
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.get("code")
    }

    fn authorization(&self) -> accesstoken::Authorization<'_> {
        accesstoken::Authorization::Username(Cow::Borrowed(self.client_id))
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.get("redirect_uri")
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.get("grant_type")
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key)
    }
}

impl refresh::Request for Request<'_> {
    fn valid(&self) -> bool {
        self.parameters.doubled().is_none()
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        self.get("refresh_token")
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.get("scope")
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.get("grant_type")
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client_id), Cow::Borrowed(b"")))
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key)
    }
}
