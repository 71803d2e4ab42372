//! How a client proves who it is, and the secrets that it proves it with.

use super::{Found, keys};
use crate::config::ClientSection;
use crate::domain::client::{ClientAuthentication, SecretHash};
use crate::domain::redirect_uri::ApplicationType;
use crate::flow::clients::secret;

pub(super) fn method(metadata: &ClientSection) -> &str {
    let default = if metadata.kind == ApplicationType::Native { "none" } else { "client_secret_basic" };
    metadata.token_endpoint_auth_method.as_deref().unwrap_or(default)
}

/// RFC 8252 section 8.5: a secret in an installed app is no secret.
pub(super) fn authentication(
    metadata: &ClientSection,
    kept: &[SecretHash],
    found: &mut Found,
) -> Option<ClientAuthentication> {
    let key = "token_endpoint_auth_method";
    match (method(metadata), metadata.kind) {
        ("none", ApplicationType::Service) => {
            found.refuse(key, "a service acts for itself, so it must prove who it is");
            None
        }
        ("none", _) => {
            if metadata.client_secret.is_some() || metadata.client_secret_hash.is_some() {
                found.refuse("client_secret", "a client that authenticates by \"none\" has no secret");
            }
            Some(ClientAuthentication::None)
        }
        ("client_secret_basic" | "client_secret_post" | "private_key_jwt", ApplicationType::Native) => {
            found.refuse(
                key,
                "must be \"none\" for a native client: what is installed at people's cannot keep a secret",
            );
            None
        }
        ("client_secret_basic", _) => {
            Some(ClientAuthentication::ClientSecretBasic { secret: secrets(metadata, kept, found)? })
        }
        ("client_secret_post", _) => {
            Some(ClientAuthentication::ClientSecretPost { secret: secrets(metadata, kept, found)? })
        }
        ("private_key_jwt", _) => keys::private_key_jwt(metadata, found),
        (other, _) => {
            let message = format!(
                "{other:?} is none of \"client_secret_basic\", \"client_secret_post\", \"private_key_jwt\", \"none\""
            );
            found.refuse(key, message);
            None
        }
    }
}

fn secrets(metadata: &ClientSection, kept: &[SecretHash], found: &mut Found) -> Option<Vec<SecretHash>> {
    if let Some(given) = &metadata.client_secret {
        found.note("client_secret", secret::judge(given.expose()).map_err(|weak| weak.to_string()))?;
        return Some(vec![secret::hashed(given.expose())]);
    }
    if let Some(hash) = &metadata.client_secret_hash {
        let message = "must be a SHA-256 digest in lower-case hex, as `karat client show` prints it";
        return found.note("client_secret_hash", secret::read_hash(hash).ok_or(message)).map(|hash| vec![hash]);
    }
    if kept.is_empty() {
        found.refuse("client_secret", "is missing: set client_secret, client_secret_env or client_secret_hash");
        return None;
    }
    Some(kept.to_vec())
}
