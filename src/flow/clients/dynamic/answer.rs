//! The registration, as the app is told of it (RFC 7591 section 3.2.1, RFC 7592 section 3).

use serde_json::{Map, Value, json};

use crate::crypto::token::OpaqueToken;
use crate::domain::client::Client;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::time::Timestamp;
use crate::flow::clients::metadata;
use crate::flow::karat::Karat;

/// What is shown this once.
pub(super) struct Shown<'a> {
    pub secret: Option<&'a OpaqueToken>,
    pub token: Option<&'a OpaqueToken>,
}

pub(super) fn of(karat: &Karat, client: &Client, issued_at: Timestamp, shown: Shown<'_>) -> Value {
    let mut told = Map::new();
    let mut put = |key: &str, value: Value| {
        let absent = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !absent {
            told.insert(key.to_owned(), value);
        }
    };
    put("client_id", json!(client.id));
    put("client_id_issued_at", json!(issued_at.unix()));
    if let Some(secret) = shown.secret {
        put("client_secret", json!(secret.expose()));
        // Never.
        put("client_secret_expires_at", json!(0));
    }
    put("registration_access_token", json!(shown.token.map(OpaqueToken::expose)));
    put("registration_client_uri", json!(karat.issuer.join(&format!("/clients/{}", client.id))));
    let kind = if client.kind == ApplicationType::Native { "native" } else { "web" };
    put("application_type", json!(kind));
    put("client_name", json!((client.name != client.id.as_str()).then_some(&client.name)));
    put("redirect_uris", json!(client.redirect_uris));
    put("post_logout_redirect_uris", json!(client.post_logout_redirect_uris));
    put("backchannel_logout_uri", json!(client.logout.backchannel_uri));
    put("token_endpoint_auth_method", json!(client.authentication.as_str()));
    put("token_endpoint_auth_signing_alg", json!(metadata::signing_alg(client)));
    put("jwks", json!(metadata::jwks(client)));
    put("jwks_uri", json!(metadata::jwks_uri(client)));
    put("request_object_signing_alg", json!(metadata::request_alg(client)));
    put("require_signed_request_object", json!(client.request_objects.required.then_some(true)));
    put("request_uris", json!(client.request_objects.uris));
    put("grant_types", json!(client.grant_types.iter().map(|grant| grant.as_str()).collect::<Vec<_>>()));
    put("response_types", json!(["code"]));
    put("scope", json!(client.scope.to_string()));
    put("subject_type", json!(client.subject.as_str()));
    put("sector_identifier_uri", json!(metadata::sector_identifier_uri(client)));
    put("id_token_signed_response_alg", json!(client.id_token_alg));
    put("userinfo_signed_response_alg", json!(client.userinfo_alg));
    put("default_acr_values", json!(client.demands.acr_values));
    put("default_max_age", json!(client.demands.max_age));
    // Told whether asked for or not.
    put("require_auth_time", json!(true));
    put("client_uri", json!(client.pages.home));
    put("policy_uri", json!(client.pages.policy));
    put("tos_uri", json!(client.pages.terms));
    put("logo_uri", json!(karat.logo_uri(client)));
    Value::Object(told)
}
