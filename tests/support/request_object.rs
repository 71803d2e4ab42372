//! Requests that an app signs, and how it sends them.

use karat::domain::client::{Client, ClientKeys};
use karat::domain::request_objects::RequestObjects;
use serde_json::{Value, json};

use super::app::web_client;
use super::client_key::ClientKey;
use super::relying_party::RelyingParty;

pub const STATE: &str = "a-signed-state";
pub const NONCE: &str = "a-signed-nonce";

/// An app that signs with `key`.
pub fn signing(id: &str, key: &ClientKey, request_objects: RequestObjects) -> Client {
    Client { keys: Some(ClientKeys::Set(key.set())), request_objects, ..web_client(id) }
}

/// That has to sign every request.
pub fn bound_to_sign() -> RequestObjects {
    RequestObjects { required: true, ..RequestObjects::default() }
}

/// A whole request, for a minute.
pub fn request_claims(rp: &RelyingParty<'_>) -> Value {
    let now = rp.app.clock_now().unix();
    json!({
        "iss": rp.client.id,
        "aud": rp.app.base,
        "nbf": now,
        "exp": now + 60,
        "client_id": rp.client.id,
        "redirect_uri": rp.redirect_uri(),
        "response_type": "code",
        "scope": "openid",
        "state": STATE,
        "nonce": NONCE,
    })
}

/// With `more` over it; null takes away.
pub fn request_claims_with(rp: &RelyingParty<'_>, more: &Value) -> Value {
    let mut claims = request_claims(rp);
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

/// The path of a request that says nothing but who asks, and `more`.
pub fn bare_path(rp: &RelyingParty<'_>, more: &[(&str, &str)]) -> String {
    let pairs = [("client_id", rp.client.id.as_str())].into_iter().chain(more.iter().copied());
    format!("/authorize?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}
