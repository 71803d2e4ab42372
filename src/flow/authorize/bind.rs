//! The proof that a request belongs to a client and its redirect URI. Before it, errors are shown; after it, returned.

use std::sync::Arc;

use crate::domain::authorization_request::ReplyTo;
use crate::domain::client::{Client, GrantType, ResponseMode};
use crate::domain::error::OAuthError;
use crate::domain::parameters::Parameters;
use crate::flow::karat::Karat;

/// State and nonce are carried, not read; this bounds what is carried.
const LONGEST_STATE: usize = 2048;

/// A client and a redirect URI that it registered. Only [`bind`] makes one.
pub struct BoundClient {
    client: Arc<Client>,
    reply: ReplyTo,
}

impl BoundClient {
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn reply(&self) -> &ReplyTo {
        &self.reply
    }
}

/// RFC 6749 sections 3.1.2.4 and 4.1.2.1, RFC 9700 section 2.1: exact comparison, or the person reads an error page.
pub async fn bind(karat: &Karat, parameters: &Parameters) -> Result<BoundClient, OAuthError> {
    for name in ["client_id", "redirect_uri"] {
        if parameters.is_doubled(name) {
            return Err(OAuthError::invalid_request(format!("{name} was sent more than once")));
        }
    }
    let id = parameters.get("client_id").ok_or_else(|| OAuthError::invalid_request("client_id is missing"))?;
    let client = karat.clients.find(id).await?.ok_or_else(|| OAuthError::invalid_request("unknown client_id"))?;
    let redirect_uri = parameters
        .get("redirect_uri")
        .ok_or_else(|| OAuthError::invalid_request("invalid redirect_uri: it is missing"))?;
    if !client.may_use(GrantType::AuthorizationCode) || !client.allows_redirect_to(redirect_uri) {
        return Err(OAuthError::invalid_request("invalid redirect_uri: it is not registered for this client"));
    }
    let state = parameters.get("state").filter(|state| state.len() <= LONGEST_STATE);
    if parameters.get("state").is_some() && state.is_none() {
        return Err(OAuthError::invalid_request("state is longer than 2048 bytes"));
    }
    let mode = answering_mode(&client, parameters.get("response_mode"));
    let reply = ReplyTo { redirect_uri: redirect_uri.to_owned(), state: state.map(str::to_owned), mode };
    Ok(BoundClient { client, reply })
}

/// The mode that was asked for. Where the client did not register it, the refusal travels by one that it did.
fn answering_mode(client: &Client, asked: Option<&str>) -> ResponseMode {
    let registered = &client.response_modes.0;
    let asked = asked.map_or(Some(ResponseMode::default()), ResponseMode::parse);
    let asked = asked.filter(|mode| registered.contains(mode));
    asked.or_else(|| registered.first().copied()).unwrap_or_default()
}
