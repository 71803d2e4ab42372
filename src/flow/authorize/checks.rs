//! The rules of an authorization request, one named function each.

use std::collections::BTreeSet;

use super::bind::BoundClient;
use crate::domain::authorization_request::{AuthorizationRequest, Prompt};
use crate::domain::claims::within_registration;
use crate::domain::claims_request::ClaimsRequest;
use crate::domain::client::{Client, ResponseMode};
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::ids::UserId;
use crate::domain::parameters::Parameters;
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;
use crate::flow::karat::Karat;
use crate::flow::machine;

const LONGEST_NONCE: usize = 1024;
const MOST_ACR_VALUES: usize = 16;
const MOST_LOCALES: usize = 16;

pub(super) async fn check(
    karat: &Karat,
    parameters: &Parameters,
    bound: &BoundClient,
) -> Result<AuthorizationRequest, OAuthError> {
    nothing_doubled(parameters)?;
    no_registration(parameters)?;
    response_mode_is_allowed(parameters, bound)?;
    let client = bound.client();
    let authorized = machine::authorize(parameters, &client.id, &bound.reply().redirect_uri, client.require_pkce)?;
    let scope = scope_is_registered(authorized.scope, &client.scope)?;
    let claims = claims(parameters, client)?;
    let acr_values = match list(parameters, "acr_values", MOST_ACR_VALUES) {
        // What was registered stands in for a request that says nothing (OpenID Connect Dynamic Registration section 2).
        none if none.is_empty() && claims.acr().is_none() => client.demands.acr_values.clone(),
        asked => asked,
    };
    let hinted = id_token_hint(karat, parameters, bound).await?;
    Ok(AuthorizationRequest {
        client_id: client.id.clone(),
        reply: bound.reply().clone(),
        scope,
        nonce: nonce(parameters)?,
        challenge: authorized.challenge,
        prompt: prompt(parameters)?,
        max_age: max_age(parameters)?.or(client.demands.max_age),
        login_hint: parameters.get("login_hint").filter(|hint| hint.len() <= 320).map(str::to_owned),
        expected_user: expected_user(karat, client, hinted, &claims)?,
        ui_locales: list(parameters, "ui_locales", MOST_LOCALES),
        acr_values,
        claims,
    })
}

/// RFC 6749 section 3.1: a parameter is sent at most once.
fn nothing_doubled(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.doubled() {
        None => Ok(()),
        Some(name) => Err(OAuthError::invalid_request(format!("{} was sent more than once", shortened(name)))),
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

/// OpenID Connect Core sections 3.1.2.6 and 7.2.1: registration in the request is refused by name.
fn no_registration(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.get("registration") {
        None => Ok(()),
        Some(_) => {
            let refused = "the parameter registration is not supported";
            Err(OAuthError::new(ErrorCode::RegistrationNotSupported, refused))
        }
    }
}

/// OAuth 2.0 Multiple Response Types section 2.1: what is not said means query. The client's registration limits both.
fn response_mode_is_allowed(parameters: &Parameters, bound: &BoundClient) -> Result<(), OAuthError> {
    let asked = parameters.get("response_mode");
    match asked.map_or(Some(ResponseMode::default()), ResponseMode::parse) {
        Some(mode) if bound.client().response_modes.0.contains(&mode) => Ok(()),
        _ => Err(OAuthError::invalid_request("this response_mode is not available to the client")),
    }
}

/// RFC 6749 section 3.3. Values that nobody here knows are ignored (OpenID Connect Core section 3.1.2.1); a known one
/// that the client did not register is refused.
fn scope_is_registered(asked: Scope, registered: &Scope) -> Result<Scope, OAuthError> {
    let standard = Scope::of(crate::domain::scope::STANDARD);
    let beyond = asked.without(registered);
    if !beyond.intersection(&standard).is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "the client is not registered for this scope"));
    }
    let kept = asked.intersection(registered);
    if kept.is_empty() {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "no scope was asked for that the client may have"));
    }
    Ok(kept)
}

/// OpenID Connect Core section 3.1.2.1, `nonce`.
fn nonce(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    match parameters.get("nonce") {
        Some(nonce) if nonce.len() > LONGEST_NONCE => {
            Err(OAuthError::invalid_request("nonce is longer than 1024 bytes"))
        }
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

/// OpenID Connect Core section 3.1.2.1, `prompt`: `none` stands alone.
fn prompt(parameters: &Parameters) -> Result<BTreeSet<Prompt>, OAuthError> {
    let mut prompts = BTreeSet::new();
    for value in parameters.get("prompt").unwrap_or_default().split(' ').filter(|value| !value.is_empty()) {
        let prompt = Prompt::parse(value).ok_or_else(|| OAuthError::invalid_request("prompt has an unknown value"))?;
        prompts.insert(prompt);
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(OAuthError::invalid_request("prompt none cannot be combined"));
    }
    Ok(prompts)
}

/// OpenID Connect Core section 3.1.2.1, `max_age`, in seconds.
fn max_age(parameters: &Parameters) -> Result<Option<Seconds>, OAuthError> {
    let Some(text) = parameters.get("max_age") else { return Ok(None) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let seconds = text.parse::<i64>().ok().filter(|_| digits);
    seconds
        .map(|seconds| Some(Seconds(seconds)))
        .ok_or_else(|| OAuthError::invalid_request("max_age must be a number of seconds"))
}

/// OpenID Connect Core section 5.5.
fn claims(parameters: &Parameters, client: &Client) -> Result<ClaimsRequest, OAuthError> {
    let Some(text) = parameters.get("claims") else { return Ok(ClaimsRequest::default()) };
    let asked = ClaimsRequest::parse(text).map_err(|error| OAuthError::invalid_request(error.to_string()))?;
    Ok(within_registration(asked, client))
}

/// OpenID Connect Core section 3.1.2.1, `id_token_hint`: an ID token of ours for this client, expired or not.
async fn id_token_hint(
    karat: &Karat,
    parameters: &Parameters,
    bound: &BoundClient,
) -> Result<Option<UserId>, OAuthError> {
    let Some(hint) = parameters.get("id_token_hint") else { return Ok(None) };
    let claims = karat.read_id_token_hint(hint).await?;
    let claims = claims.filter(|hint| hint.audience == bound.client().id);
    match claims {
        Some(hint) => Ok(Some(hint.user_id)),
        None => Err(OAuthError::invalid_request("id_token_hint is not an ID token of this issuer for this client")),
    }
}

/// The hint and the `sub` claim must not name two people (OpenID Connect Core section 5.5.1).
fn expected_user(
    karat: &Karat,
    client: &Client,
    hinted: Option<UserId>,
    claims: &ClaimsRequest,
) -> Result<Option<UserId>, OAuthError> {
    let Some(subject) = claims.subject() else { return Ok(hinted) };
    let nobody = || OAuthError::new(ErrorCode::LoginRequired, "the sub asked for is nobody's");
    let claimed = karat.person_called(client, subject).ok_or_else(nobody)?;
    if hinted.is_some_and(|hinted| hinted != claimed) {
        return Err(OAuthError::invalid_request("id_token_hint and the sub claim name different people"));
    }
    Ok(Some(claimed))
}

fn list(parameters: &Parameters, name: &str, most: usize) -> Vec<String> {
    let values = parameters.get(name).unwrap_or_default().split(' ').filter(|value| !value.is_empty());
    values.filter(|value| value.len() <= 64).take(most).map(str::to_owned).collect()
}
