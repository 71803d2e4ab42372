//! By which name the client knows people (OpenID Connect Core section 8): everybody's, or one of its sector's own.

use std::collections::BTreeSet;

use url::Url;

use super::Found;
use crate::config::ClientSection;
use crate::domain::client::SubjectType;
use crate::domain::redirect_uri::{ApplicationType, RedirectUri};

/// The sector is the host of `sector_identifier_uri`, else the one host of all redirect URIs (section 8.1).
pub(super) fn subject(metadata: &ClientSection, redirects: &[RedirectUri], found: &mut Found) -> SubjectType {
    let identifier_uri = metadata.sector_identifier_uri.clone();
    let named = identifier_uri.as_deref().and_then(|uri| {
        let host =
            host(uri).filter(|_| uri.starts_with("https://") && !uri.contains('#') && uri.len() <= super::LONGEST_URL);
        found.note("sector_identifier_uri", host.ok_or("must be an https URL without a fragment"))
    });
    match metadata.subject_type.as_deref() {
        None | Some("public") => SubjectType::Public,
        Some("pairwise") if metadata.kind == ApplicationType::Service => {
            found.refuse("subject_type", "a service acts for nobody");
            SubjectType::Public
        }
        Some("pairwise") => {
            let hosts: BTreeSet<_> = redirects.iter().map(|uri| host(uri.as_str())).collect();
            let only = match hosts.iter().next() {
                Some(Some(host)) if hosts.len() == 1 => Some(host.clone()),
                _ => None,
            };
            match (identifier_uri.is_some(), named.or(only)) {
                (_, Some(sector)) => SubjectType::Pairwise { sector, identifier_uri },
                (true, None) => SubjectType::Public,
                (false, None) => {
                    let message =
                        "is needed: the redirect URIs of a pairwise client are not all https URLs of one host";
                    found.refuse("sector_identifier_uri", message);
                    SubjectType::Public
                }
            }
        }
        Some(_) => {
            found.refuse("subject_type", "must be \"public\" or \"pairwise\"");
            SubjectType::Public
        }
    }
}

/// A loopback address and a scheme of one's own are anybody's: they make no sector.
fn host(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    (url.scheme() == "https").then(|| url.host_str().map(str::to_owned)).flatten()
}
