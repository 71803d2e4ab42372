//! What a client may do with signed requests (RFC 9101, OpenID Connect Core section 6).

use serde::{Deserialize, Serialize};

use super::jose::AssertionAlgorithm;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestObjects {
    /// The only algorithm, when one was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<AssertionAlgorithm>,
    /// No other request counts, and nothing beside the object (RFC 9101 sections 6.3 and 10.5).
    pub required: bool,
    /// Where Karat may be sent to fetch one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
}

impl RequestObjects {
    /// The registered URI that is the one that was asked for. A fragment tells caches that the document is another one (OpenID Connect Core
    /// section 6.2); it is no part of the place.
    pub fn registered(&self, asked: &str) -> Option<&str> {
        self.uris.iter().map(String::as_str).find(|registered| place(registered) == place(asked))
    }
}

/// Without the fragment.
pub fn place(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_the_registered_one_letter_by_letter_up_to_its_fragment() {
        let uris = vec!["https://app.test/r.jwt#a".to_owned(), "https://app.test/r?x=1".to_owned()];
        let objects = RequestObjects { uris, ..RequestObjects::default() };
        for same in ["https://app.test/r.jwt#a", "https://app.test/r.jwt", "https://app.test/r.jwt#b"] {
            assert_eq!(objects.registered(same), Some("https://app.test/r.jwt#a"), "{same}");
        }
        assert!(objects.registered("https://app.test/r?x=1#a").is_some());
        for other in [
            "https://app.test/R.jwt",
            "https://APP.test/r.jwt",
            "https://app.test/./r.jwt",
            "https://app.test:443/r.jwt",
            "https://app.test/r.jwt?",
            "https://app.test/r.jwt/",
            "https://app.test/r",
            "https://app.test/r?x=1&y=2",
            "http://app.test/r.jwt",
            "https://app.test/r.jwt%23a",
            "#a",
            "",
        ] {
            assert_eq!(objects.registered(other), None, "{other}");
        }
    }
}
