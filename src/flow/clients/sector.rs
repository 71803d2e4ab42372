//! The document that names the redirect URIs of a sector (OpenID Connect Dynamic Registration section 5): by it a client may be known under
//! another host's name.

use std::collections::BTreeSet;

use crate::domain::client::Client;
use crate::domain::time::Timestamp;
use crate::gateway::documents::Documents;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSector {
    #[error(
        "could not be read: it must be an https URL of a public host (or one that `[outgoing] allow` lists) that answers"
    )]
    Unread,
    #[error("is not a JSON list of redirect URIs")]
    NoList,
    #[error("does not name every redirect URI of the client")]
    NotNamed,
}

/// Asks for the document anew, whatever is kept of it.
pub async fn names_every_redirect(
    documents: &Documents,
    (client, uri): (&Client, &str),
    now: Timestamp,
) -> Result<(), NoSector> {
    let document = documents.get_anew(uri, now).await.map_err(|_| NoSector::Unread)?;
    let listed: BTreeSet<String> = serde_json::from_slice(&document).map_err(|_| NoSector::NoList)?;
    match client.redirect_uris.iter().all(|uri| listed.contains(uri.as_str())) {
        true => Ok(()),
        false => Err(NoSector::NotNamed),
    }
}
