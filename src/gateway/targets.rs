//! Where Karat may send requests that others ask it to send: public hosts by https on port 443, and what the operator
//! lists. Asked when a URL is registered, and again before each request; addresses behind names are judged as they are
//! connected to, in `fetch`.

use url::{Host, Url};

use crate::config::{HostPort, OutgoingSection};
use crate::domain::address::is_public;

/// The only port of public targets: a request must not be made to speak to a mail server or a database.
const HTTPS_PORT: u16 = 443;

/// The rule for targets, as the operator configured it.
#[derive(Debug, Clone)]
pub struct Targets {
    allowed: Vec<HostPort>,
}

/// A URL that passed the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) url: Url,
    /// Listed by the operator: its address may be private.
    pub(super) listed: bool,
}

/// Why a URL is not requested. For the log and for whoever registers a client; not for strangers, to whom it would
/// describe the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    #[error("not a URL with a host")]
    NotAUrl,
    #[error("must be an https URL")]
    Scheme,
    #[error("must hold no user name and no password")]
    UserInformation,
    #[error("must be on port 443")]
    Port,
    #[error("must be a public host")]
    NotPublic,
}

impl Targets {
    pub fn new(section: &OutgoingSection) -> Self {
        Self { allowed: section.allow.clone() }
    }

    /// Judges `url` by its text alone. Addresses written in decimal, octal, hexadecimal or shortened form, with
    /// full-width digits or percent signs are the addresses that the URL Standard (section 3.5) makes of them.
    pub fn judge(&self, url: &str) -> Result<Target, TargetRefused> {
        let url = Url::parse(url).map_err(|_| TargetRefused::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(TargetRefused::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetRefused::UserInformation);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(TargetRefused::NotAUrl);
        };
        if self.lists(&host, port) {
            return Ok(Target { url, listed: true });
        }
        if url.scheme() != "https" {
            return Err(TargetRefused::Scheme);
        }
        if port != HTTPS_PORT {
            return Err(TargetRefused::Port);
        }
        let public = match host {
            Host::Domain(name) => !is_local_name(name),
            Host::Ipv4(address) => is_public(address.into()),
            Host::Ipv6(address) => is_public(address.into()),
        };
        if public { Ok(Target { url, listed: false }) } else { Err(TargetRefused::NotPublic) }
    }

    /// As [`Targets::judge`], for URLs of strangers: what the operator lists is for the apps that the operator knows.
    pub fn judge_public(&self, url: &str) -> Result<Target, TargetRefused> {
        match self.judge(url)? {
            Target { listed: true, .. } => Err(TargetRefused::NotPublic),
            target => Ok(target),
        }
    }

    fn lists(&self, host: &Host<&str>, port: u16) -> bool {
        let host = match host {
            Host::Domain(name) => (*name).to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        self.allowed.iter().any(|allowed| allowed.port == port && allowed.host == host)
    }
}

/// Names that never lead to the public internet (RFC 6761 section 6.3, RFC 6762 section 3, RFC 8375, ICANN's
/// `internal`), and names without a dot, which a resolver would complete with the search domain of the own network.
fn is_local_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some((_, last)) = name.rsplit_once('.') else { return true };
    matches!(last, "localhost" | "local" | "internal") || name.ends_with(".home.arpa") || name == "home.arpa"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(url: &str) -> Result<bool, TargetRefused> {
        let allowed = ["localhost:8081", "10.1.2.3:8443", "[fd00::5]:443", "app.internal:443"];
        let allowed = allowed.map(|text| HostPort::try_from(text.to_owned()).unwrap()).to_vec();
        Targets { allowed }.judge(url).map(|target| target.listed)
    }

    #[test]
    fn public_hosts_are_reached_by_https_on_443() {
        for url in [
            "https://app.example.com/logout",
            "https://app.example.com:443/logout?x=1",
            "https://APP.example.com./",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://xn--bcher-kva.example/",
        ] {
            assert_eq!(judge(url), Ok(false), "{url}");
        }
    }

    #[test]
    fn listed_targets_may_be_private_and_plain_on_their_port_only() {
        for url in [
            "http://localhost:8081/logout",
            "https://localhost:8081/",
            "http://LOCALHOST:8081/",
            "http://10.1.2.3:8443/",
            "http://0x0a.1.2.3:8443/",
            "https://[fd00::5]/",
            "https://[FD00:0::5]/",
            "https://app.internal/",
        ] {
            assert_eq!(judge(url), Ok(true), "{url}");
        }
        for url in [
            "http://localhost:8082/",
            "https://localhost/",
            "http://127.0.0.1:8081/",
            "http://10.1.2.3:8444/",
            "http://app.internal/",
            "http://evil.localhost:8081/",
            "http://localhost:8081@evil.example/",
        ] {
            assert!(judge(url).is_err(), "{url}");
        }
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.0.1.",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0x7F.0x0.0x0.0x1",
            "017700000001",
            "0177.0.0.1",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "127。0。0。1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "0xa.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "2852039166",
            "0xA9FEA9FE",
            "198.18.0.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001:0:53aa:64c::1]",
            "[fe80::1]",
            "[fd00::1]",
            "[fc00::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "app.localhost",
            "printer.local",
            "metadata.google.internal",
            "router.home.arpa",
            "intranet",
        ] {
            assert_eq!(judge(&format!("https://{host}/")), Err(TargetRefused::NotPublic), "{host}");
        }
    }

    #[test]
    fn other_schemes_ports_and_user_information_are_refused() {
        for url in
            ["http://app.example.com/", "file:///etc/passwd", "gopher://app.example.com/", "ftp://8.8.8.8/", "data:,x"]
        {
            assert_eq!(judge(url), Err(TargetRefused::Scheme), "{url}");
        }
        for url in ["https://app.example.com:6379/", "https://app.example.com:80/", "https://8.8.8.8:22/"] {
            assert_eq!(judge(url), Err(TargetRefused::Port), "{url}");
        }
        for url in ["https://user@app.example.com/", "https://:pass@app.example.com/", "https://a:b@app.example.com/"] {
            assert_eq!(judge(url), Err(TargetRefused::UserInformation), "{url}");
        }
        for url in [
            "",
            "//app.example.com/",
            "/logout",
            "app.example.com",
            "https://",
            "https://[::1",
            "https://fe80::1%25eth0/",
        ] {
            assert_eq!(judge(url), Err(TargetRefused::NotAUrl), "{url}");
        }
    }
}
