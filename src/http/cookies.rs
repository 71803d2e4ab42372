//! The cookies of the hosted pages: `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax` (RFC 6265bis).
//!
//! On a plain http loopback issuer, which only serves trying things out, browsers would drop such cookies; there the
//! prefix and `Secure` fall away.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::domain::time::Seconds;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The token of the session.
    Session,
    /// Which browser this is: interactions and form tokens are bound to it. Ends with the browser.
    Browser,
    /// By which accounts know a device they were logged in on.
    Device,
    /// The registration that waits for its code.
    Registration,
    /// The language chosen on a page.
    Locale,
    /// What the page after a form says once.
    Notice,
    /// Where one of the operator's people was when the log-in came in between.
    Errand,
    /// The token of the set-up link.
    Setup,
}

impl Cookie {
    fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-karat_session",
            (Self::Session, false) => "karat_session",
            (Self::Browser, true) => "__Host-karat_browser",
            (Self::Browser, false) => "karat_browser",
            (Self::Device, true) => "__Host-karat_device",
            (Self::Device, false) => "karat_device",
            (Self::Registration, true) => "__Host-karat_registration",
            (Self::Registration, false) => "karat_registration",
            (Self::Locale, true) => "__Host-karat_locale",
            (Self::Locale, false) => "karat_locale",
            (Self::Notice, true) => "__Host-karat_notice",
            (Self::Notice, false) => "karat_notice",
            (Self::Errand, true) => "__Host-karat_errand",
            (Self::Errand, false) => "karat_errand",
            (Self::Setup, true) => "__Host-karat_setup",
            (Self::Setup, false) => "karat_setup",
        }
    }

    /// The value, when the cookie was sent exactly once: of two, one has been planted.
    pub fn read(self, headers: &HeaderMap, https: bool) -> Option<String> {
        let name = self.name(https);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(given, _)| *given == name)
            .map(|(_, value)| value.to_owned());
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// `None` for the lifetime: until the browser is closed.
    pub fn set(self, value: &str, lifetime: Option<Seconds>, https: bool) -> Option<(HeaderName, HeaderValue)> {
        let age = lifetime.map(|span| format!("; Max-Age={}", span.0)).unwrap_or_default();
        let secure = if https { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(https));
        HeaderValue::from_str(&text).ok().map(|value| (header::SET_COOKIE, value))
    }

    pub fn clear(self, https: bool) -> Option<(HeaderName, HeaderValue)> {
        self.set("", Some(Seconds(0)), https)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_sent_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; karat_session=one"));
        assert_eq!(Cookie::Session.read(&headers, false).as_deref(), Some("one"));
        headers.append(header::COOKIE, HeaderValue::from_static("karat_session=two"));
        assert_eq!(Cookie::Session.read(&headers, false), None);
        assert_eq!(Cookie::Session.read(&headers, true), None);
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_the_host() {
        let (_, value) = Cookie::Session.set("x", None, true).unwrap();
        assert_eq!(value, "__Host-karat_session=x; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
