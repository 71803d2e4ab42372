//! Which network addresses belong to the public internet: the rule behind every request that Karat is asked to send.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};

/// IPv4 networks that are not public: the IANA special-purpose registry (RFC 6890 and successors) without those marked
/// globally reachable, multicast (RFC 5771), and the retired 6to4 relays (RFC 7526).
const NOT_PUBLIC_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),       // "this network"; 0.0.0.0 reaches the own host
    ([10, 0, 0, 0], 8),      // private (RFC 1918)
    ([100, 64, 0, 0], 10),   // shared by carrier NAT (RFC 6598)
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local: cloud metadata services (RFC 3927)
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation (RFC 5737)
    ([192, 88, 99, 0], 24),  // 6to4 relay anycast
    ([192, 168, 0, 0], 16),  // private
    ([198, 18, 0, 0], 15),   // benchmarking (RFC 2544)
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
    ([224, 0, 0, 0], 4),     // multicast
    ([240, 0, 0, 0], 4),     // reserved, and broadcast
];

/// The only IPv6 networks with public hosts (RFC 4291 section 2.4): everything else is loopback, link-local, unique
/// local, multicast, a translation of IPv4 (NAT64, RFC 6052 and RFC 8215) or not assigned.
const GLOBAL_UNICAST_V6: ([u16; 2], u32) = ([0x2000, 0], 3);

/// IPv6 networks within global unicast that are not public.
const NOT_PUBLIC_V6: [([u16; 2], u32); 4] = [
    ([0x2001, 0x0000], 23), // protocol assignments; Teredo carries IPv4 addresses (RFC 4380)
    ([0x2001, 0x0db8], 32), // documentation (RFC 3849)
    ([0x2002, 0x0000], 16), // 6to4 carries IPv4 addresses (RFC 3056)
    ([0x3fff, 0x0000], 20), // documentation (RFC 9637)
];

/// Whether `address` is a host on the public internet, as opposed to this machine, its network, or anything with a
/// special meaning. An IPv4 address mapped into IPv6 is judged as the IPv4 address, for that is where a connection to
/// it goes.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            !NOT_PUBLIC_V4.iter().any(|(network, length)| in_v4(address, Ipv4Addr::from(*network), *length))
        }
        IpAddr::V6(address) => {
            in_v6(address, GLOBAL_UNICAST_V6) && !NOT_PUBLIC_V6.iter().any(|network| in_v6(address, *network))
        }
    }
}

/// What one subscriber holds, and is counted by: an IPv4 address, or the 64 bits that a provider gives at the least to
/// each of its IPv6 customers (RFC 6177 section 2).
pub fn subscriber(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(address) => IpNet::from(IpAddr::V4(address)),
        IpAddr::V6(address) => IpNet::V6(Ipv6Net::new_assert(address, 64).trunc()),
    }
}

fn in_v4(address: Ipv4Addr, network: Ipv4Addr, length: u32) -> bool {
    let mask = u32::MAX << (32 - length);
    address.to_bits() & mask == network.to_bits()
}

/// The networks are told by their first 32 bits, which is as long as any of them is.
fn in_v6(address: Ipv6Addr, (network, length): ([u16; 2], u32)) -> bool {
    let [a, b, ..] = address.segments();
    let (address, network) = (u32::from(a) << 16 | u32::from(b), u32::from(network[0]) << 16 | u32::from(network[1]));
    let mask = u32::MAX << (32 - length);
    address & mask == network
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_public(text.parse().unwrap_or_else(|_| panic!("{text} is not an address")))
    }

    #[test]
    fn hosts_on_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2003::1",
            "2a00:1450::1",
            "3ffe::1",
            "3fff:1000::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn this_machine_its_network_and_special_addresses_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:53aa:64c:0:0:80ff:fffe",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_counted_together() {
        let counted = |text: &str| subscriber(text.parse().unwrap()).to_string();
        assert_eq!(counted("203.0.113.7"), "203.0.113.7/32");
        assert_eq!(counted("::ffff:203.0.113.7"), "203.0.113.7/32");
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(counted("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
        assert_ne!(counted("2001:db8:1:3::1"), counted("2001:db8:1:2::1"));
    }
}
