//! A client in the words of the registration standards: RFC 7591 section 2 and OpenID Connect Dynamic Registration
//! section 2.

use serde_json::{Map, Value, json};

use crate::config::ClientSection;
use crate::domain::client::{
    AssertionAudience, Client, ClientAuthentication, ClientKeys, ConsentRule, GrantType, ResponseMode, SecretHash,
    SubjectType,
};
use crate::domain::jose::AssertionAlgorithm;
use crate::storage::clients::Origin;

/// The metadata that the rules would make this client of; secrets and logo are kept apart from it. What it is changed
/// into is judged anew.
pub fn of(client: &Client) -> ClientSection {
    ClientSection {
        client_id: client.id.to_string(),
        kind: client.kind,
        client_name: (client.name != client.id.as_str()).then(|| client.name.clone()),
        token_endpoint_auth_method: Some(client.authentication.as_str().to_owned()),
        token_endpoint_auth_signing_alg: signing_alg(client).map(str::to_owned),
        client_assertion_audience: assertion_audience(client),
        jwks: jwks(client).cloned(),
        jwks_uri: jwks_uri(client).map(str::to_owned),
        request_object_signing_alg: request_alg(client).map(str::to_owned),
        require_signed_request_object: client.request_objects.required.then_some(true),
        request_uris: client.request_objects.uris.clone(),
        grant_types: Some(client.grant_types.iter().map(|grant| grant.as_str().to_owned()).collect()),
        response_modes: Some(client.response_modes.0.iter().map(|mode| mode_name(*mode).to_owned()).collect()),
        redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
        post_logout_redirect_uris: client.post_logout_redirect_uris.iter().map(ToString::to_string).collect(),
        backchannel_logout_uri: client.logout.backchannel_uri.clone(),
        keep_offline_access: Some(client.logout.keep_offline_access),
        scope: Some(client.scope.to_string()),
        verified_claims: client.verified_claims.iter().cloned().collect(),
        audience: client.audience.clone(),
        id_token_signed_response_alg: Some(client.id_token_alg.as_str().to_owned()),
        userinfo_signed_response_alg: client.userinfo_alg.map(|alg| alg.as_str().to_owned()),
        subject_type: Some(client.subject.as_str().to_owned()),
        sector_identifier_uri: sector_identifier_uri(client).map(str::to_owned),
        require_pkce: Some(client.require_pkce),
        consent: Some(client.consent),
        when_withheld: Some(client.when_withheld),
        events_uri: client.events_uri.clone(),
        access_token_lifetime: client.lifetimes.access_token,
        id_token_lifetime: client.lifetimes.id_token,
        refresh_idle_lifetime: client.lifetimes.refresh_idle,
        refresh_absolute_lifetime: client.lifetimes.refresh_absolute,
        default_acr_values: client.demands.acr_values.clone(),
        default_max_age: client.demands.max_age,
        client_uri: client.pages.home.clone(),
        policy_uri: client.pages.policy.clone(),
        tos_uri: client.pages.terms.clone(),
        verified: Some(client.pages.verified),
        accent_color: client.pages.accent.map(|accent| accent.to_string()),
        ..ClientSection::default()
    }
}

/// For people and programs to read; keys that do not apply are left out. Never a secret, only its hash.
pub fn json(client: &Client, origin: Origin) -> Value {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| {
        let absent = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !absent {
            shown.insert(key.to_owned(), value);
        }
    };
    put("client_id", json!(client.id));
    put("client_name", json!(client.name));
    put("kind", json!(client.kind));
    put("origin", json!(origin.as_str()));
    put("disabled", json!(client.disabled));
    put("token_endpoint_auth_method", json!(client.authentication.as_str()));
    put("token_endpoint_auth_signing_alg", json!(signing_alg(client)));
    put("client_assertion_audience", json!(assertion_audience(client).map(AssertionAudience::as_str)));
    put("jwks", json!(jwks(client)));
    put("jwks_uri", json!(jwks_uri(client)));
    put("request_object_signing_alg", json!(request_alg(client)));
    put("require_signed_request_object", json!(client.request_objects.required.then_some(true)));
    put("request_uris", json!(client.request_objects.uris));
    put("client_secret_hash", json!(secrets(client).iter().map(|hash| &hash.0).collect::<Vec<_>>()));
    put("grant_types", json!(client.grant_types.iter().map(|grant| grant.as_str()).collect::<Vec<_>>()));
    if client.may_use(GrantType::AuthorizationCode) {
        put("response_types", json!(["code"]));
        put("response_modes", json!(client.response_modes.0.iter().map(|mode| mode_name(*mode)).collect::<Vec<_>>()));
        put("require_pkce", json!(client.require_pkce));
        put("id_token_signed_response_alg", json!(client.id_token_alg.as_str()));
        put("userinfo_signed_response_alg", json!(client.userinfo_alg));
        put("subject_type", json!(client.subject.as_str()));
        put("sector_identifier_uri", json!(sector_identifier_uri(client)));
        put("consent", json!(consent_name(client.consent)));
        put("when_withheld", json!(client.when_withheld.as_str()));
        put("keep_offline_access", json!(client.logout.keep_offline_access));
        put("verified", json!(client.pages.verified));
        put("logo", json!(client.pages.has_logo));
    }
    put("redirect_uris", json!(client.redirect_uris));
    put("post_logout_redirect_uris", json!(client.post_logout_redirect_uris));
    put("backchannel_logout_uri", json!(client.logout.backchannel_uri));
    put("events_uri", json!(client.events_uri));
    put("scope", json!(client.scope));
    put("verified_claims", json!(client.verified_claims));
    put("audience", json!(client.audience));
    put("access_token_lifetime", json!(client.lifetimes.access_token));
    put("id_token_lifetime", json!(client.lifetimes.id_token));
    put("refresh_idle_lifetime", json!(client.lifetimes.refresh_idle));
    put("refresh_absolute_lifetime", json!(client.lifetimes.refresh_absolute));
    put("default_acr_values", json!(client.demands.acr_values));
    put("default_max_age", json!(client.demands.max_age));
    put("client_uri", json!(client.pages.home));
    put("policy_uri", json!(client.pages.policy));
    put("tos_uri", json!(client.pages.terms));
    put("accent_color", json!(client.pages.accent));
    Value::Object(shown)
}

/// The live secrets, the youngest last.
pub fn secrets(client: &Client) -> &[SecretHash] {
    match &client.authentication {
        ClientAuthentication::ClientSecretBasic { secret } | ClientAuthentication::ClientSecretPost { secret } => {
            secret
        }
        ClientAuthentication::PrivateKeyJwt { .. } | ClientAuthentication::None => &[],
    }
}

pub fn jwks(client: &Client) -> Option<&Value> {
    match &client.keys {
        Some(ClientKeys::Set(set)) => Some(set),
        _ => None,
    }
}

pub fn jwks_uri(client: &Client) -> Option<&str> {
    match &client.keys {
        Some(ClientKeys::At(uri)) => Some(uri),
        _ => None,
    }
}

pub fn signing_alg(client: &Client) -> Option<&'static str> {
    match &client.authentication {
        ClientAuthentication::PrivateKeyJwt { algorithm, .. } => algorithm.map(AssertionAlgorithm::as_str),
        _ => None,
    }
}

pub fn request_alg(client: &Client) -> Option<&'static str> {
    client.request_objects.algorithm.map(AssertionAlgorithm::as_str)
}

pub fn sector_identifier_uri(client: &Client) -> Option<&str> {
    match &client.subject {
        SubjectType::Pairwise { identifier_uri, .. } => identifier_uri.as_deref(),
        SubjectType::Public => None,
    }
}

fn assertion_audience(client: &Client) -> Option<AssertionAudience> {
    match &client.authentication {
        ClientAuthentication::PrivateKeyJwt { audience, .. } => Some(*audience),
        _ => None,
    }
}

const fn mode_name(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Query => "query",
        ResponseMode::FormPost => "form_post",
    }
}

const fn consent_name(consent: ConsentRule) -> &'static str {
    match consent {
        ConsentRule::Remembered => "remembered",
        ConsentRule::Always => "always",
        ConsentRule::FirstParty => "first_party",
    }
}
