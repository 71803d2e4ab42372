//! The kinds of value that configuration keys hold, each parsed once at start.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error as _};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::domain::time::Seconds;

/// The issuer identifier (OpenID Connect Discovery 1.0 section 3): https, or http on a loopback host; no path, no
/// query, no fragment, and no slash at the end, so that it is compared and joined as text.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Issuer {
    text: String,
    url: Url,
}

/// Text that never shows in `Debug` and is wiped when dropped: a password, or a URL that may hold one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

/// So many within a window, written "10 per 15m".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate {
    /// At least 1.
    pub count: u32,
    /// At least one second.
    pub window: Seconds,
}

/// A number of bytes, written "512B", "64KiB" or "1MiB".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ByteSize(pub usize);

/// A host name (lower case) or address (without brackets) and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct HostPort {
    pub host: String,
    pub port: u16,
}

impl Issuer {
    /// Exactly as configured; the value of `iss`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether cookies can be `Secure` and pages are reached over TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The absolute URL of `path`, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// Scheme, host and port as a browser sends them in `Origin` (RFC 6454 section 6.2).
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl TryFrom<String> for Issuer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = Url::parse(&text).map_err(|error| format!("not a URL: {error}"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("http is for loopback hosts only (localhost, 127.0.0.1, [::1]); use https".to_owned()),
            other => return Err(format!("must be an https URL, not {other}")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must hold no user name and no password".to_owned());
        }
        if text.contains('?') || text.contains('#') {
            return Err("must have no query and no fragment".to_owned());
        }
        if text.ends_with('/') {
            return Err("must not end with a slash".to_owned());
        }
        // Pages and endpoints live at the root of their host, and cookies are kept apart by host.
        if url.path() != "/" {
            return Err(format!(
                "must have no path: use a host of its own, as in {}",
                url.origin().ascii_serialization()
            ));
        }
        // Relying parties compare the issuer as text, and some normalise it first: both must come to the same.
        if url.as_str().trim_end_matches('/') != text {
            return Err(format!("must be written in its normal form, {}", url.as_str().trim_end_matches('/')));
        }
        Ok(Self { text, url })
    }
}

/// Whether the host of `url` is this machine by name or by literal address.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `localhost` and names under it (RFC 6761 section 6.3), and loopback addresses.
pub(super) fn is_loopback_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The usual message for a wrong type quotes the value; this one must not.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer) {
            Ok(serde_json::Value::String(text)) => Ok(Self::from(text)),
            Ok(_) | Err(_) => Err(D::Error::custom("must be text in quotes")),
        }
    }
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a rate such as \"10 per 15m\"");
        let (count, window) = text.split_once(" per ").ok_or_else(wrong)?;
        let count = count.trim().parse().map_err(|_| wrong())?;
        let window = span(window.trim()).map_err(|_| wrong())?;
        if count == 0 || window.0 == 0 {
            return Err("count and window of a rate must be more than nothing".to_owned());
        }
        Ok(Self { count, window })
    }
}

impl TryFrom<String> for ByteSize {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a size such as \"512B\", \"64KiB\" or \"1MiB\"");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = text[..digits].parse().map_err(|_| wrong())?;
        let unit = match text[digits..].trim() {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => return Err(wrong()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(wrong)
    }
}

impl TryFrom<String> for HostPort {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not HOST:PORT");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(literal) if literal.parse::<std::net::Ipv6Addr>().is_ok() => literal.to_ascii_lowercase(),
            Some(_) => return Err(wrong()),
            None => match Host::parse(host) {
                Ok(Host::Domain(name)) => name,
                Ok(Host::Ipv4(address)) => address.to_string(),
                _ => return Err(wrong()),
            },
        };
        if port == 0 { Err(wrong()) } else { Ok(Self { host, port }) }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Reads a span of time such as "90s", "5m", "12h" or "30d".
pub fn span(text: &str) -> Result<Seconds, String> {
    let wrong = || format!("{text:?} is not a span of time such as \"30s\", \"5m\", \"12h\" or \"30d\"");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: i64 = text[..digits].parse().map_err(|_| wrong())?;
    let unit = match &text[digits..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit).map(Seconds).ok_or_else(wrong)
}

/// A span as the configuration writes it, in the largest unit that fits.
pub(super) fn in_words(span: Seconds) -> String {
    match span.0 {
        0 => "0s".to_owned(),
        n if n % 86_400 == 0 => format!("{}d", n / 86_400),
        n if n % 3600 == 0 => format!("{}h", n / 3600),
        n if n % 60 == 0 => format!("{}m", n / 60),
        n => format!("{n}s"),
    }
}

/// For `#[serde(deserialize_with)]` on [`Seconds`].
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Seconds, D::Error> {
    span(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// For `#[serde(deserialize_with)]` on optional [`Seconds`].
pub(super) fn optional_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Seconds>, D::Error> {
    seconds(deserializer).map(Some)
}

/// For `#[serde(deserialize_with)]` on networks; a single address is a network of one.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Network(IpNet);

    impl TryFrom<String> for Network {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map(Self).map_err(|_| format!("{text:?} is not a network such as \"10.0.0.0/8\""))
        }
    }

    Ok(Vec::<Network>::deserialize(deserializer)?.into_iter().map(|network| network.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Result<Issuer, String> {
        Issuer::try_from(text.to_owned())
    }

    #[test]
    fn an_issuer_is_https_or_http_on_this_machine() {
        for good in [
            "https://id.example.com",
            "https://id.example.com:8443",
            "http://localhost:8080",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://karat.localhost",
        ] {
            assert_eq!(issuer(good).map(|issuer| issuer.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "http://id.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://localhost",
            "id.example.com",
            "https://id.example.com/",
            "https://id.example.com/tenant",
            "https://id.example.com/tenant/",
            "https://id.example.com?x=1",
            "https://id.example.com?",
            "https://id.example.com#top",
            "https://user@id.example.com",
            "https://ID.example.com",
            "https://id.example.com:443",
            "https://id.example.com/a/../b",
            "",
        ] {
            assert!(issuer(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_issuer_joins_paths_and_tells_its_origin() {
        let issuer = issuer("https://id.example.com:8443").unwrap();
        assert_eq!(issuer.join("/token"), "https://id.example.com:8443/token");
        assert_eq!(issuer.origin(), "https://id.example.com:8443");
        assert!(issuer.is_https());
    }

    #[test]
    fn spans_rates_and_sizes_are_read_with_their_units() {
        assert_eq!(span("30s"), Ok(Seconds(30)));
        assert_eq!(span("5m"), Ok(Seconds::minutes(5)));
        assert_eq!(span("12h"), Ok(Seconds::hours(12)));
        assert_eq!(span("30d"), Ok(Seconds::days(30)));
        for bad in ["", "5", "m", "-5m", "5 m", "5M", "5min", "1.5h", "9223372036854775807d", "٥m"] {
            assert!(span(bad).is_err(), "{bad}");
        }
        let rate = Rate { count: 10, window: Seconds::minutes(15) };
        assert_eq!(Rate::try_from("10 per 15m".to_owned()), Ok(rate));
        for bad in ["10/15m", "0 per 5m", "5 per 0s", "ten per 5m", "5 per m"] {
            assert!(Rate::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(ByteSize::try_from("64KiB".to_owned()), Ok(ByteSize(65_536)));
        for bad in ["64", "64kb", "KiB", "-1KiB", "99999999999999999999MiB", "99999999999999999MiB"] {
            assert!(ByteSize::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_span_is_written_as_it_is_read() {
        for text in ["0s", "59s", "90s", "5m", "12h", "30d"] {
            assert_eq!(in_words(span(text).unwrap()), text);
        }
    }

    #[test]
    fn a_host_and_port_come_in_one_form() {
        let parsed = |text: &str| HostPort::try_from(text.to_owned()).map(|target| target.to_string());
        assert_eq!(parsed("LocalHost:8081"), Ok("localhost:8081".to_owned()));
        assert_eq!(parsed("127.0.0.1:8081"), Ok("127.0.0.1:8081".to_owned()));
        assert_eq!(parsed("[::1]:8081"), Ok("[::1]:8081".to_owned()));
        for bad in
            ["localhost", "localhost:", "localhost:0", "localhost:65536", "::1:80", ":80", "a b:80", "[localhost]:80"]
        {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_does_not_show() {
        assert_eq!(format!("{:?}", Secret::from("hunter2".to_owned())), "[redacted]");
        let wrong = serde_json::from_str::<Secret>("12345").unwrap_err().to_string();
        assert!(!wrong.contains("12345"), "{wrong}");
    }
}
