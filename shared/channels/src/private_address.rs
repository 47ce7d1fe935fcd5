//! Addresses that a webhook must not reach: everything that is not the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address that is not called, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The webhook's address leads to {kind}, which Hansho does not call; use a public address, or allow private addresses in the settings."
)]
pub(crate) struct PrivateAddress {
    pub(crate) kind: &'static str,
}

/// Blocks of IPv4 that are no hosts of the public internet (IANA IPv4 Special-Purpose Address Registry, RFC 6890;
/// multicast RFC 5771). The metadata services of the clouds are in 169.254.0.0/16 and 100.64.0.0/10.
const IPV4: [([u8; 4], u32, &str); 15] = [
    ([0, 0, 0, 0], 8, "this host"),
    ([10, 0, 0, 0], 8, "a private network"),
    ([100, 64, 0, 0], 10, "a carrier's private network"),
    ([127, 0, 0, 0], 8, "this host"),
    ([169, 254, 0, 0], 16, "a link-local address"),
    ([172, 16, 0, 0], 12, "a private network"),
    ([192, 0, 0, 0], 24, "a reserved address"),
    ([192, 0, 2, 0], 24, "a documentation address"),
    ([192, 88, 99, 0], 24, "a reserved address"),
    ([192, 168, 0, 0], 16, "a private network"),
    ([198, 18, 0, 0], 15, "a benchmarking network"),
    ([198, 51, 100, 0], 24, "a documentation address"),
    ([203, 0, 113, 0], 24, "a documentation address"),
    ([224, 0, 0, 0], 4, "a multicast address"),
    ([240, 0, 0, 0], 4, "a reserved address"),
];

/// Blocks of IPv6 (IANA IPv6 Special-Purpose Address Registry). What is not in 2000::/3, the global unicast block
/// (RFC 4291), is refused anyway; these say why, or are inside of it.
const IPV6: [(u16, u16, u32, &str); 9] = [
    (0x2001, 0x0000, 23, "a reserved address"),
    (0x2001, 0x0db8, 32, "a documentation address"),
    (0x3fff, 0x0000, 20, "a documentation address"),
    (0x5f00, 0x0000, 16, "a reserved address"),
    (0xfc00, 0x0000, 7, "a private network"),
    (0xfe80, 0x0000, 10, "a link-local address"),
    (0xfec0, 0x0000, 10, "a private network"),
    (0xff00, 0x0000, 8, "a multicast address"),
    (0x2000, 0x0000, 3, ""),
];

/// Whether a webhook may reach `address`.
///
/// # Errors
/// It is not on the public internet, or it is an IPv6 address that stands for an IPv4 address which is not.
pub(crate) fn refuse(address: IpAddr) -> Result<(), PrivateAddress> {
    let kind = match address {
        IpAddr::V4(address) => ipv4(address),
        IpAddr::V6(address) => embedded(address).map_or_else(|| ipv6(address), ipv4),
    };
    kind.map_or(Ok(()), |kind| Err(PrivateAddress { kind }))
}

fn ipv4(address: Ipv4Addr) -> Option<&'static str> {
    IPV4.iter()
        .find(|(block, length, _)| u32::from(address) >> (32 - length) == u32::from_be_bytes(*block) >> (32 - length))
        .map(|(_, _, kind)| *kind)
}

fn ipv6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_loopback() || address.is_unspecified() {
        return Some("this host");
    }
    let [first, second, ..] = address.segments();
    let head = (u32::from(first) << 16) | u32::from(second);
    let block = IPV6
        .iter()
        .find(|(first, second, length, _)| head >> (32 - length) == ((u32::from(*first) << 16) | u32::from(*second)) >> (32 - length));
    match block {
        Some((_, _, _, "")) => None,
        Some((_, _, _, kind)) => Some(kind),
        None => Some("a reserved address"),
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), translated (RFC 7915), NAT64 (RFC 6052), 6to4
/// (RFC 3056). A VPC with only IPv6 reaches the public internet by NAT64, so such addresses are judged by what they lead to.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, high, low] = address.segments();
    let last = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0, 0, 0, 0, 0xffff, 0) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(last),
        (0x2002, ..) => Some(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    fn only_the_public_internet_is_reached() {
        for (address, kind) in [
            // IPv4: first and last of each block, and their neighbours.
            ("0.0.0.0", Some("this host")),
            ("1.0.0.0", None),
            ("9.255.255.255", None),
            ("10.0.0.0", Some("a private network")),
            ("10.255.255.255", Some("a private network")),
            ("11.0.0.0", None),
            ("100.63.255.255", None),
            ("100.64.0.0", Some("a carrier's private network")),
            ("100.100.100.200", Some("a carrier's private network")),
            ("100.127.255.255", Some("a carrier's private network")),
            ("100.128.0.0", None),
            ("127.0.0.1", Some("this host")),
            ("127.255.255.255", Some("this host")),
            ("169.253.255.255", None),
            ("169.254.169.254", Some("a link-local address")),
            ("169.254.170.2", Some("a link-local address")),
            ("172.15.255.255", None),
            ("172.16.0.1", Some("a private network")),
            ("172.31.255.255", Some("a private network")),
            ("172.32.0.0", None),
            ("192.0.0.8", Some("a reserved address")),
            ("192.0.1.0", None),
            ("192.0.2.1", Some("a documentation address")),
            ("192.88.99.1", Some("a reserved address")),
            ("192.167.255.255", None),
            ("192.168.1.1", Some("a private network")),
            ("192.169.0.0", None),
            ("198.17.255.255", None),
            ("198.18.0.1", Some("a benchmarking network")),
            ("198.19.255.255", Some("a benchmarking network")),
            ("198.51.100.1", Some("a documentation address")),
            ("203.0.113.1", Some("a documentation address")),
            ("223.255.255.255", None),
            ("224.0.0.1", Some("a multicast address")),
            ("239.255.255.255", Some("a multicast address")),
            ("240.0.0.1", Some("a reserved address")),
            ("255.255.255.255", Some("a reserved address")),
            ("8.8.8.8", None),
            // IPv6.
            ("::", Some("this host")),
            ("::1", Some("this host")),
            ("::7f00:1", Some("a reserved address")),
            ("64:ff9b:1::1", Some("a reserved address")),
            ("100::1", Some("a reserved address")),
            ("2001::1", Some("a reserved address")),
            ("2001:1ff:ffff::1", Some("a reserved address")),
            ("2001:200::1", None),
            ("2001:db8::1", Some("a documentation address")),
            ("2606:4700:4700::1111", None),
            ("2a00:1450:4001::1", None),
            ("3fff::1", Some("a documentation address")),
            ("3fff:1000::1", None),
            ("4000::1", Some("a reserved address")),
            ("5f00::1", Some("a reserved address")),
            ("fc00::1", Some("a private network")),
            ("fd00:ec2::254", Some("a private network")),
            ("fe80::1", Some("a link-local address")),
            ("fec0::1", Some("a private network")),
            ("ff02::1", Some("a multicast address")),
            // IPv6 that stands for IPv4: mapped, translated, NAT64, 6to4.
            ("::ffff:127.0.0.1", Some("this host")),
            ("::ffff:169.254.169.254", Some("a link-local address")),
            ("::ffff:8.8.8.8", None),
            ("::ffff:0:10.0.0.1", Some("a private network")),
            ("64:ff9b::10.0.0.1", Some("a private network")),
            ("64:ff9b::169.254.169.254", Some("a link-local address")),
            ("64:ff9b::8.8.8.8", None),
            ("2002:7f00:1::", Some("this host")),
            ("2002:a9fe:a9fe::1", Some("a link-local address")),
            ("2002:808:808::1", None),
        ] {
            assert_eq!(refuse(address.parse().unwrap()).err().map(|e| e.kind), kind, "{address}");
        }
    }
}
