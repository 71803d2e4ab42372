//! Redirect URIs: what may be registered and what matches it (RFC 9700 section 2.1, RFC 8252 sections 7 and 8).

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

const LONGEST: usize = 2000;

/// What kind of app a client is (OpenID Connect Dynamic Client Registration section 2, `application_type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// Runs on a server or in a browser page; its redirect URIs are https.
    #[default]
    Web,
    /// Installed on the person's device; loopback and private-use schemes are its to use (RFC 8252).
    Native,
    /// Acts for itself only; it has no redirect URI.
    Service,
}

/// A URI that was registered: absolute, without fragment or user information, of a scheme that cannot run script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRedirectUri {
    #[error("must be an absolute URI, written in its normal form, of at most 2000 characters")]
    Form,
    #[error("must not have a fragment")]
    Fragment,
    #[error("must not have user information")]
    UserInformation,
    #[error("must not have a wildcard")]
    Wildcard,
    #[error("must be https (http only on loopback; a native app may use a private-use scheme with a dot in it)")]
    Scheme,
}

impl RedirectUri {
    /// Checks a URI for registration. The text must be what a URL parser prints, so that nobody can read it another way.
    pub fn register(text: &str, kind: ApplicationType) -> Result<Self, InvalidRedirectUri> {
        if text.len() > LONGEST || text.bytes().any(|b| !b.is_ascii_graphic() || b == b'\\') {
            return Err(InvalidRedirectUri::Form);
        }
        let url = Url::parse(text).map_err(|_| InvalidRedirectUri::Form)?;
        if text.contains('#') {
            return Err(InvalidRedirectUri::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRedirectUri::UserInformation);
        }
        if text.contains('*') {
            return Err(InvalidRedirectUri::Wildcard);
        }
        let fits = match (url.scheme(), kind) {
            (_, ApplicationType::Service) => false,
            ("https", _) => has_plain_host(&url),
            ("http", _) => is_loopback(&url),
            // RFC 8252 section 7.1: a private-use scheme is a reversed domain name, so it has a dot.
            (scheme, ApplicationType::Native) => scheme.contains('.'),
            _ => false,
        };
        if !fits {
            return Err(InvalidRedirectUri::Scheme);
        }
        let bare_origin = url.path() == "/" && url.as_str().strip_suffix('/') == Some(text);
        if url.as_str() != text && !bare_origin {
            return Err(InvalidRedirectUri::Form);
        }
        Ok(Self(text.to_owned()))
    }

    /// Exact comparison of the text. Only for a native app's http loopback IP literal any port will do
    /// (RFC 8252 section 7.3).
    pub fn matches(&self, asked: &str, kind: ApplicationType) -> bool {
        if self.0 == asked {
            return true;
        }
        kind == ApplicationType::Native
            && self.without_loopback_port().is_some_and(|own| {
                let Ok(other) = RedirectUri::register(asked, kind) else { return false };
                other.without_loopback_port() == Some(own)
            })
    }

    /// The parts around the port of an `http` loopback IP literal.
    fn without_loopback_port(&self) -> Option<(&str, &str)> {
        let rest = self.0.strip_prefix("http://")?;
        let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
        let after = &rest[host.len()..];
        let after = match after.strip_prefix(':') {
            Some(port) => port.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => after,
        };
        (after.is_empty() || after.starts_with(['/', '?'])).then_some((host, after))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For a web client the owner of an https host is known; a loopback port or a private scheme can be anybody's
    /// (RFC 8252 section 8.6).
    pub fn proves_its_owner(text: &str) -> bool {
        text.starts_with("https://")
    }
}

/// An address, or a name that needs no quoting wherever it is written: in headers and policies, too.
fn has_plain_host(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        }
        Some(_) => true,
        None => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(text: &str) -> Result<RedirectUri, InvalidRedirectUri> {
        RedirectUri::register(text, ApplicationType::Web)
    }

    #[test]
    fn an_https_uri_can_be_registered_and_matches_itself_alone() {
        let uri = web("https://app.test/cb").unwrap();
        assert!(uri.matches("https://app.test/cb", ApplicationType::Web));
        for near in [
            "https://app.test/cb/",
            "https://app.test/CB",
            "https://app.test/cb/../x",
            "https://app.test/cb%2f..%2fx",
            "https://app.test/cb?a=b",
            "https://app.test/cb#f",
            "https://app.test:444/cb",
            "https://app.test:443/cb",
            "https://app.test@evil.test/cb",
            "https://evil.test\\@app.test/cb",
            "https://app.test./cb",
            "HTTPS://APP.TEST/cb",
            "https://app.test\u{3002}/cb",
            "https://app.test/cb\n",
            "http://app.test/cb",
        ] {
            assert!(!uri.matches(near, ApplicationType::Web), "{near}");
            assert!(!uri.matches(near, ApplicationType::Native), "{near}");
        }
    }

    #[test]
    fn what_could_run_script_or_be_read_twice_is_not_registered() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "http://app.test/cb",
            "https://*.app.test/cb",
            "https://app.test/cb#",
            "https://u@app.test/cb",
            "https://app.test;x/cb",
            "https://app.test,evil.test/cb",
            "https://app'.test/cb",
            "https://app.test/a/../cb",
            "HTTPS://app.test/cb",
            "https://app.test:443/cb",
            "//app.test/cb",
            "/cb",
            "",
            "https://b\u{fc}cher.test/cb",
            "https://app.test/\tcb",
            "com.app:/cb",
            "http://2130706433/cb",
        ] {
            assert!(web(bad).is_err(), "{bad}");
        }
        for bad in ["javascript:x", "data:x", "http://app.test/cb", "myapp:/cb", "file:///x"] {
            assert!(RedirectUri::register(bad, ApplicationType::Native).is_err(), "{bad}");
        }
        assert!(RedirectUri::register("com.example.app:/cb", ApplicationType::Native).is_ok());
        assert!(RedirectUri::register("https://app.test/cb", ApplicationType::Service).is_err());
    }

    #[test]
    fn a_native_apps_loopback_literal_has_any_port() {
        let native = ApplicationType::Native;
        let uri = RedirectUri::register("http://127.0.0.1/cb", native).unwrap();
        assert!(uri.matches("http://127.0.0.1:51004/cb", native));
        assert!(!uri.matches("http://127.0.0.1:51004/cb", ApplicationType::Web));
        for other in [
            "http://localhost:51004/cb",
            "http://127.0.0.2/cb",
            "http://127.1/cb",
            "http://127.0.0.1.evil.test/cb",
            "http://[::1]/cb",
            "https://127.0.0.1/cb",
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:80a/cb",
            "http://127.0.0.1:1@evil.test/cb",
        ] {
            assert!(!uri.matches(other, native), "{other}");
        }
    }
}
