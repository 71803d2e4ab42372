//! What a client may ask for, and where the answers go.

use std::collections::BTreeSet;

use super::{Found, LONGEST_AUDIENCE, MOST_AUDIENCES, MOST_URIS};
use crate::config::ClientSection;
use crate::domain::client::{GrantType, ResponseMode, ResponseModes};
use crate::domain::redirect_uri::{ApplicationType, RedirectUri};
use crate::domain::scope::{self, Scope};
use crate::domain::verified_claims::CLAIMS;

pub(super) fn grant_types(metadata: &ClientSection, found: &mut Found) -> BTreeSet<GrantType> {
    let for_people = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    let Some(asked) = &metadata.grant_types else {
        return match metadata.kind {
            ApplicationType::Service => BTreeSet::from([GrantType::ClientCredentials]),
            _ => BTreeSet::from(for_people),
        };
    };
    let mut grants = BTreeSet::new();
    for (index, text) in asked.iter().enumerate() {
        let key = format!("grant_types[{index}]");
        match (GrantType::parse(text), metadata.kind) {
            (None, _) => found.refuse(key, format!("{text:?} is no grant type of this issuer")),
            (Some(grant), ApplicationType::Service) if grant != GrantType::ClientCredentials => {
                found.refuse(key, "a service has \"client_credentials\" only");
            }
            (Some(GrantType::ClientCredentials), ApplicationType::Native) => {
                found.refuse(key, "a native client has no secret with which it could act for itself");
            }
            (Some(grant), _) => {
                grants.insert(grant);
            }
        }
    }
    if grants.is_empty() {
        found.refuse("grant_types", "must name at least one");
    }
    if grants.contains(&GrantType::RefreshToken) && !grants.contains(&GrantType::AuthorizationCode) {
        found.refuse("grant_types", "\"refresh_token\" needs \"authorization_code\" with it");
    }
    if grants.contains(&GrantType::ClientCredentials) && metadata.token_endpoint_auth_method.as_deref() == Some("none")
    {
        found.refuse("grant_types", "\"client_credentials\" needs a client that authenticates");
    }
    grants
}

/// RFC 6749 section 3.1.2.2.
pub(super) fn redirects_make_sense(metadata: &ClientSection, grants: &BTreeSet<GrantType>, found: &mut Found) {
    let codes = grants.contains(&GrantType::AuthorizationCode);
    match metadata.redirect_uris.is_empty() {
        true if codes => found.refuse("redirect_uris", "must name at least one, where people come back to the app"),
        false if metadata.kind == ApplicationType::Service => {
            found.refuse("redirect_uris", "a service has none: it logs nobody in");
        }
        _ => {}
    }
    if metadata.kind == ApplicationType::Service && !metadata.post_logout_redirect_uris.is_empty() {
        found.refuse("post_logout_redirect_uris", "a service has none: it logs nobody in");
    }
}

pub(super) fn uris(key: &str, asked: &[String], kind: ApplicationType, found: &mut Found) -> Vec<RedirectUri> {
    if asked.len() > MOST_URIS {
        found.refuse(key, "has more than 50 entries");
    }
    if kind == ApplicationType::Service {
        return Vec::new();
    }
    let mut registered: Vec<RedirectUri> = Vec::new();
    for (index, text) in asked.iter().take(MOST_URIS).enumerate() {
        let key = format!("{key}[{index}]");
        match RedirectUri::register(text, kind) {
            Ok(uri) if registered.contains(&uri) => found.refuse(key, "is there twice"),
            Ok(uri) => registered.push(uri),
            Err(refused) => found.refuse(key, refused.to_string()),
        }
    }
    registered
}

pub(super) fn response_modes(metadata: &ClientSection, found: &mut Found) -> ResponseModes {
    let Some(asked) = &metadata.response_modes else { return ResponseModes::default() };
    let mut modes = BTreeSet::new();
    for (index, text) in asked.iter().enumerate() {
        match ResponseMode::parse(text) {
            Some(mode) => drop(modes.insert(mode)),
            None => found.refuse(format!("response_modes[{index}]"), "must be \"query\" or \"form_post\""),
        }
    }
    if modes.is_empty() {
        found.refuse("response_modes", "must name at least one");
    }
    ResponseModes(modes)
}

pub(super) fn scope(metadata: &ClientSection, grants: &BTreeSet<GrantType>, found: &mut Found) -> Scope {
    let service = metadata.kind == ApplicationType::Service;
    let Some(asked) = &metadata.scope else {
        return if service { Scope::default() } else { Scope::of([scope::OPENID, scope::PROFILE, scope::EMAIL]) };
    };
    let Some(scope) = found.note("scope", asked.parse::<Scope>().map_err(|error| error.to_string())) else {
        return Scope::default();
    };
    if service && !scope.intersection(&Scope::of(scope::STANDARD)).is_empty() {
        found.refuse("scope", "a service acts for nobody: the scopes of OpenID Connect are about people");
    }
    if !service && scope.is_empty() {
        found.refuse("scope", "must name at least one value, usually \"openid\"");
    }
    if scope.contains(scope::OFFLINE_ACCESS) && !grants.contains(&GrantType::RefreshToken) {
        found.refuse("scope", "\"offline_access\" needs the grant type \"refresh_token\"");
    }
    scope
}

/// An app gets of people's identity what it was registered for, by name: nothing that nobody thought of.
pub(super) fn verified_claims(metadata: &ClientSection, found: &mut Found) -> BTreeSet<String> {
    if metadata.kind == ApplicationType::Service && !metadata.verified_claims.is_empty() {
        found.refuse("verified_claims", "a service acts for nobody, so it is told of nobody");
    }
    for (index, name) in metadata.verified_claims.iter().enumerate() {
        if !CLAIMS.contains(&name.as_str()) {
            let message = format!("{name:?} is none of those that are verified here: {}", CLAIMS.join(", "));
            found.refuse(format!("verified_claims[{index}]"), message);
        }
    }
    metadata.verified_claims.iter().cloned().collect()
}

/// RFC 9700 section 2.1.1: public clients must use PKCE, confidential ones should.
pub(super) fn require_pkce(metadata: &ClientSection, public: bool) -> Result<bool, &'static str> {
    match metadata.require_pkce {
        Some(false) if public || metadata.kind == ApplicationType::Native => {
            Err("cannot be switched off for a client without a secret (RFC 9700 section 2.1.1)")
        }
        asked => Ok(asked.unwrap_or(true)),
    }
}

pub(super) fn audience(metadata: &ClientSection, found: &mut Found) -> Vec<String> {
    if metadata.audience.len() > MOST_AUDIENCES {
        found.refuse("audience", "has more than 16 entries");
    }
    for (index, text) in metadata.audience.iter().enumerate() {
        let fits = (1..=LONGEST_AUDIENCE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !fits {
            found.refuse(format!("audience[{index}]"), "must be 1 to 256 visible ASCII characters, usually a URL");
        } else if metadata.audience[..index].contains(text) {
            found.refuse(format!("audience[{index}]"), "is there twice");
        }
    }
    metadata.audience.clone()
}
