//! Who is really asking when reverse proxies stand in front: their headers are believed from declared proxies only, and
//! only as far as declared proxies wrote them.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Which header the proxies in front write. The other one is not read: a proxy passes on what it does not write, and
/// that is what the client pleases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedHeader {
    /// `X-Forwarded-For` with `X-Forwarded-Proto`.
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// What is declared about the proxies in front.
#[derive(Clone, Copy, Debug)]
pub struct Proxies<'a> {
    pub trusted: &'a [IpNet],
    pub header: ForwardedHeader,
}

/// The values of the headers of one request, a line of each an entry, in the order in which they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForwardedLines<'a> {
    pub forwarded: &'a [&'a str],
    pub x_forwarded_for: &'a [&'a str],
    pub x_forwarded_proto: &'a [&'a str],
}

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requester {
    /// Never an IPv4 address in IPv6 clothes.
    pub address: IpAddr,
    /// How the client reached the outermost proxy that said so; `None` when no declared proxy did.
    pub scheme: Option<Scheme>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// What one proxy says of the request that it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hop {
    /// `None` when it is hidden, unknown or not an address.
    from: Option<IpAddr>,
    scheme: Option<Scheme>,
}

impl Proxies<'_> {
    /// Walks from the peer outwards: each hop that is a declared proxy is asked whom it got the request from. The first
    /// that is not one is the client. Whatever stands further out is the client's own invention.
    pub fn requester(&self, peer: IpAddr, lines: ForwardedLines<'_>) -> Requester {
        let mut requester = Requester { address: peer.to_canonical(), scheme: None };
        if !self.trusts(requester.address) {
            return requester;
        }
        if self.header == ForwardedHeader::XForwardedFor {
            requester.scheme = nearest_scheme(lines.x_forwarded_proto);
        }
        for hop in self.hops(lines) {
            requester.scheme = hop.scheme.or(requester.scheme);
            // A hop that hides its client stands for it.
            let Some(from) = hop.from else { break };
            requester.address = from;
            if !self.trusts(from) {
                break;
            }
        }
        requester
    }

    /// Whether it is a declared proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// What the proxies say, the nearest first.
    fn hops(&self, lines: ForwardedLines<'_>) -> Vec<Hop> {
        let mut hops = Vec::new();
        match self.header {
            ForwardedHeader::XForwardedFor => {
                for entry in lines.x_forwarded_for.iter().rev().flat_map(|line| line.rsplit(',')) {
                    hops.push(Hop { from: node(entry.trim()), scheme: None });
                }
            }
            ForwardedHeader::Forwarded => {
                for line in lines.forwarded.iter().rev() {
                    match elements(line) {
                        Some(elements) => hops.extend(elements.into_iter().rev()),
                        None => {
                            // A quote left open by the client swallows what proxies appended: nothing from here on is
                            // known.
                            hops.push(Hop { from: None, scheme: None });
                            break;
                        }
                    }
                }
            }
        }
        hops
    }
}

/// The last word is that of the nearest proxy, whether it replaced the header or added to it.
fn nearest_scheme(lines: &[&str]) -> Option<Scheme> {
    scheme(lines.last()?.rsplit(',').next()?.trim())
}

fn scheme(text: &str) -> Option<Scheme> {
    match text.to_ascii_lowercase().as_str() {
        "http" => Some(Scheme::Http),
        "https" => Some(Scheme::Https),
        _ => None,
    }
}

/// An address with or without port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

/// The elements of one `Forwarded` line (RFC 7239 section 4); `None` when it is not well formed.
fn elements(line: &str) -> Option<Vec<Hop>> {
    let mut elements = Vec::new();
    let mut hop = Hop { from: None, scheme: None };
    let mut rest = line.trim();
    loop {
        let (name, after) = rest.split_once('=')?;
        if name.is_empty() || !name.chars().all(is_token_char) {
            return None;
        }
        let (value, after) = value(after)?;
        match name.to_ascii_lowercase().as_str() {
            "for" => hop.from = node(&value),
            "proto" => hop.scheme = scheme(&value),
            _ => {}
        }
        rest = after.trim_start();
        match rest.chars().next() {
            None => {
                elements.push(hop);
                return Some(elements);
            }
            Some(';') => {}
            Some(',') => elements.push(std::mem::replace(&mut hop, Hop { from: None, scheme: None })),
            Some(_) => return None,
        }
        rest = rest[1..].trim_start();
    }
}

/// A token or a quoted string (RFC 9110 section 5.6), and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',', ' ', '\t']).unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        // Colons and brackets ask for quotes, but proxies leave them out.
        let tolerable = |c: char| is_token_char(c) || matches!(c, ':' | '[' | ']');
        return token.chars().all(tolerable).then(|| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[position + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";
    const CLIENT: &str = "203.0.113.7";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn trusted() -> Vec<IpNet> {
        ["10.0.0.0/8", "fd00::/8"].map(|text| text.parse().unwrap()).to_vec()
    }

    fn by_x_forwarded_for(peer: &str, lines: &[&str]) -> String {
        let trusted = trusted();
        let proxies = Proxies { trusted: &trusted, header: ForwardedHeader::XForwardedFor };
        let lines = ForwardedLines { x_forwarded_for: lines, forwarded: &["for=6.6.6.6"], ..Default::default() };
        proxies.requester(ip(peer), lines).address.to_string()
    }

    fn by_forwarded(peer: &str, lines: &[&str]) -> Requester {
        let trusted = trusted();
        let proxies = Proxies { trusted: &trusted, header: ForwardedHeader::Forwarded };
        let lines = ForwardedLines { forwarded: lines, x_forwarded_for: &["6.6.6.6"], x_forwarded_proto: &["https"] };
        proxies.requester(ip(peer), lines)
    }

    #[test]
    fn a_declared_proxy_says_who_the_client_is() {
        assert_eq!(by_x_forwarded_for(PROXY, &[CLIENT]), CLIENT);
        assert_eq!(by_x_forwarded_for("::ffff:10.0.0.1", &[CLIENT]), CLIENT);
        assert_eq!(by_x_forwarded_for("fd00::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(by_x_forwarded_for(PROXY, &["203.0.113.7, 10.0.0.9,10.0.0.8"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["203.0.113.7", "10.0.0.9"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["203.0.113.7:4711"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["[2001:db8::7]:4711"]), "2001:db8::7");
        assert_eq!(by_x_forwarded_for(PROXY, &["[2001:db8::7]"]), "2001:db8::7");
        assert_eq!(by_x_forwarded_for(PROXY, &["::ffff:203.0.113.7"]), CLIENT);
    }

    #[test]
    fn anybody_else_is_who_connects_whatever_he_says() {
        for lines in [&["10.0.0.1"][..], &["127.0.0.1"], &["6.6.6.6, 10.0.0.1"], &["nonsense"], &[""], &[]] {
            assert_eq!(by_x_forwarded_for("198.51.100.9", lines), "198.51.100.9", "{lines:?}");
        }
        for lines in [&["for=10.0.0.1;proto=https"][..], &["for=\"[::1]\""], &["for="], &[]] {
            let requester = by_forwarded("198.51.100.9", lines);
            assert_eq!(requester, Requester { address: ip("198.51.100.9"), scheme: None }, "{lines:?}");
        }
    }

    #[test]
    fn what_the_client_put_in_front_is_not_believed() {
        assert_eq!(by_x_forwarded_for(PROXY, &["6.6.6.6, 203.0.113.7"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["10.0.0.5, 6.6.6.6, 203.0.113.7, 10.0.0.2"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["6.6.6.6", "10.0.0.3", "203.0.113.7"]), CLIENT);
        assert_eq!(by_x_forwarded_for(PROXY, &["\" , 203.0.113.7"]), CLIENT);
        assert_eq!(by_forwarded(PROXY, &["for=6.6.6.6, for=203.0.113.7"]).address, ip(CLIENT));
        assert_eq!(by_forwarded(PROXY, &["for=6.6.6.6;proto=https", "for=203.0.113.7"]).address, ip(CLIENT));
    }

    #[test]
    fn the_header_that_the_proxies_do_not_write_is_not_read() {
        assert_eq!(by_x_forwarded_for(PROXY, &[]), PROXY);
        assert_eq!(by_forwarded(PROXY, &[]), Requester { address: ip(PROXY), scheme: None });
    }

    #[test]
    fn a_hop_without_an_address_stands_for_its_client() {
        for hidden in ["unknown", "_hidden", "", "203.0.113", "203.0.113.7.8", "localhost", "1.2.3.4:x", "[1.2.3.4"] {
            assert_eq!(by_x_forwarded_for(PROXY, &[&format!("6.6.6.6, {hidden}")]), PROXY, "{hidden:?}");
            assert_eq!(by_x_forwarded_for(PROXY, &[&format!("6.6.6.6, {hidden}, 10.0.0.2")]), "10.0.0.2", "{hidden:?}");
        }
        assert_eq!(by_forwarded(PROXY, &["for=6.6.6.6, for=unknown"]).address, ip(PROXY));
        assert_eq!(by_forwarded(PROXY, &["for=6.6.6.6, for=\"_gazonk\""]).address, ip(PROXY));
        assert_eq!(by_forwarded(PROXY, &["for=6.6.6.6, by=10.0.0.3"]).address, ip(PROXY));
    }

    #[test]
    fn when_every_hop_is_declared_the_outermost_is_the_client() {
        assert_eq!(by_x_forwarded_for(PROXY, &["10.0.0.4, 10.0.0.3"]), "10.0.0.4");
    }

    #[test]
    fn forwarded_is_read_with_its_quotes_and_parameters() {
        let requester = |address: &str, scheme| Requester { address: ip(address), scheme };
        for (line, expected) in [
            ("for=203.0.113.7", requester(CLIENT, None)),
            ("For=203.0.113.7;Proto=HTTPS;by=10.0.0.1", requester(CLIENT, Some(Scheme::Https))),
            ("proto=http; for=\"203.0.113.7:80\" ;host=\"a,b;c\"", requester(CLIENT, Some(Scheme::Http))),
            ("for=\"[2001:db8::7]:4711\"", requester("2001:db8::7", None)),
            ("for=[2001:db8::7]", requester("2001:db8::7", None)),
            ("for=\"2\\03.0.113.7\"", requester(CLIENT, None)),
            ("for=203.0.113.7;proto=https, for=10.0.0.2;proto=http", requester(CLIENT, Some(Scheme::Https))),
        ] {
            assert_eq!(by_forwarded(PROXY, &[line]), expected, "{line}");
        }
    }

    #[test]
    fn a_quote_left_open_by_the_client_does_not_hide_what_a_proxy_appended() {
        for line in [
            "for=\"6.6.6.6, for=203.0.113.7",
            "for=6.6.6.6;a=\", for=\"[2001:db8::7]\"",
            "for=6.6.6.6;a=\"\\, for=203.0.113.7",
            "for=6.6.6.6 for=203.0.113.7",
            "for=6.6.6.6, ",
            ", for=6.6.6.6",
            "=6.6.6.6",
            "for 6.6.6.6",
        ] {
            assert_eq!(by_forwarded(PROXY, &[line]).address, ip(PROXY), "{line}");
            assert_eq!(by_forwarded(PROXY, &[line, "for=203.0.113.7"]).address, ip(CLIENT), "{line}");
        }
    }

    #[test]
    fn the_scheme_is_the_word_of_the_nearest_proxy() {
        let trusted = trusted();
        let proxies = Proxies { trusted: &trusted, header: ForwardedHeader::XForwardedFor };
        let scheme = |peer: &str, proto: &[&str]| {
            let lines = ForwardedLines { x_forwarded_proto: proto, x_forwarded_for: &[CLIENT], ..Default::default() };
            proxies.requester(ip(peer), lines).scheme
        };
        assert_eq!(scheme(PROXY, &["https"]), Some(Scheme::Https));
        assert_eq!(scheme(PROXY, &["https, http"]), Some(Scheme::Http));
        assert_eq!(scheme(PROXY, &["https", "http"]), Some(Scheme::Http));
        assert_eq!(scheme(PROXY, &["javascript"]), None);
        assert_eq!(scheme(PROXY, &[]), None);
        assert_eq!(scheme("198.51.100.9", &["https"]), None);
    }

    proptest! {
        #[test]
        fn an_undeclared_peer_is_itself(header in "\\PC{0,80}", octets in any::<[u8; 4]>()) {
            let peer = IpAddr::from(octets);
            prop_assume!(octets[0] != 10);
            prop_assert_eq!(by_x_forwarded_for(&peer.to_string(), &[&header]), peer.to_string());
            prop_assert_eq!(by_forwarded(&peer.to_string(), &[&header]).address, peer);
        }

        #[test]
        fn nothing_that_the_client_sends_changes_what_the_proxy_appends(header in "\\PC{0,80}") {
            let appended = format!("{header}, {CLIENT}");
            prop_assert_eq!(by_x_forwarded_for(PROXY, &[&appended]), CLIENT);
            prop_assert_eq!(by_x_forwarded_for(PROXY, &[&header, CLIENT]), CLIENT);
            // On the same line of `Forwarded` the worst that it can do is to be taken for the proxy.
            let appended = format!("{header}, for={CLIENT}");
            let requester = by_forwarded(PROXY, &[&appended]).address;
            prop_assert!(requester == ip(CLIENT) || requester == ip(PROXY), "{}", requester);
        }
    }
}
