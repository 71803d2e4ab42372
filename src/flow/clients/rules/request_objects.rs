//! The requests that a client signs: how, whether it must, and where they are fetched (OpenID Connect Dynamic Registration section 2,
//! RFC 9101 section 10.5).

use super::{Found, MOST_URIS, Rules, keys};
use crate::config::ClientSection;
use crate::domain::redirect_uri::ApplicationType;
use crate::domain::request_objects::{RequestObjects, place};

/// OpenID Connect Core section 6.2.
const LONGEST_REQUEST_URI: usize = 512;

impl Rules {
    pub(super) fn request_objects(&self, metadata: &ClientSection, found: &mut Found) -> RequestObjects {
        let asked = metadata.request_object_signing_alg.as_deref();
        let algorithm = keys::algorithm("request_object_signing_alg", asked, found);
        let required = metadata.require_signed_request_object.unwrap_or(false);
        if metadata.kind == ApplicationType::Service {
            for (key, is_set) in [
                ("request_object_signing_alg", algorithm.is_some()),
                ("require_signed_request_object", required),
                ("request_uris", !metadata.request_uris.is_empty()),
            ] {
                if is_set {
                    found.refuse(key, "a service logs nobody in");
                }
            }
        } else if required && metadata.jwks.is_none() && metadata.jwks_uri.is_none() {
            found.refuse(
                "require_signed_request_object",
                "needs `jwks` or `jwks_uri`, which the requests are signed with",
            );
        }
        RequestObjects { algorithm, required, uris: self.request_uris(&metadata.request_uris, found) }
    }

    /// A fragment is allowed, and no part of the place that is asked.
    fn request_uris(&self, asked: &[String], found: &mut Found) -> Vec<String> {
        if asked.len() > MOST_URIS {
            found.refuse("request_uris", "has more than 50 entries");
        }
        for (index, uri) in asked.iter().take(MOST_URIS).enumerate() {
            let key = format!("request_uris[{index}]");
            if uri.len() > LONGEST_REQUEST_URI || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
                found.refuse(key, "must be at most 512 visible ASCII characters");
            } else if asked[..index].contains(uri) {
                found.refuse(key, "is there twice");
            } else {
                self.judge_target(&key, place(uri), found);
            }
        }
        asked.to_vec()
    }
}
