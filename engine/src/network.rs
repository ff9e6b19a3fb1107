//! IP addresses and the networks that they belong to.
//!
//! An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`, as servers that listen to both see
//! it) is that IPv4 address. Otherwise IPv4 and IPv6 have no address in common.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// Reads an IPv4 or IPv6 address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

/// Addresses that begin with the same bits: `192.0.2.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network(IpNet);

impl Network {
    /// Reads an address or a block in CIDR notation. Bits beyond the prefix are not looked at.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let network = match text.parse() {
            Ok(network) => network,
            Err(_) => IpNet::from(address(text)?),
        };
        Some(Self(canonical(network)))
    }

    /// The address that it was written with, and how many bits are looked at.
    pub(crate) fn parts(&self) -> (IpAddr, u8) {
        (self.0.addr(), self.0.prefix_len())
    }

    /// Whether an address, in canonical form, is one of this network's.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

/// A block of IPv4 addresses that are written as IPv6 is that block.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(wide) = network else {
        return network;
    };
    let narrow = wide.prefix_len().checked_sub(96).and_then(|length| {
        let address = wide.addr().to_ipv4_mapped()?;
        Ipv4Net::new(address, length).ok()
    });
    narrow.map_or(network, IpNet::V4)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn contains(network: &str, text: &str) -> bool {
        Network::parse(network)
            .unwrap()
            .contains(address(text).unwrap())
    }

    #[test]
    fn addresses_and_blocks_are_networks() {
        for text in [
            "192.0.2.1",
            "192.0.2.0/24",
            "192.0.2.77/24",
            "0.0.0.0/0",
            "2001:DB8::/32",
            "::1",
            "::/0",
            "::ffff:192.0.2.0/120",
        ] {
            assert!(Network::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "192.0.2",
            "192.0.2.256",
            "192.0.02.1",
            "192.0.2.0/33",
            "192.0.2.0/",
            "192.0.2.0/255.255.255.0",
            "192.0.2.*",
            " 192.0.2.1",
            "2001:db8::/129",
            "fe80::1%eth0",
            "example.com",
        ] {
            assert!(Network::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.9"));
        assert!(contains("::ffff:192.0.2.0/120", "192.0.2.9"));
        assert!(contains("::ffff:192.0.2.9", "192.0.2.9"));
        assert!(!contains("::/0", "192.0.2.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
    }

    /// Whether two addresses agree in their first bits, bit by bit.
    fn agree(one: &[u8], other: &[u8], bits: u8) -> bool {
        let bit = |bytes: &[u8], at: u8| bytes[usize::from(at / 8)] >> (7 - at % 8) & 1;
        (0..bits).all(|at| bit(one, at) == bit(other, at))
    }

    proptest! {
        #[test]
        fn an_ipv4_network_has_the_addresses_that_begin_alike(
            network: [u8; 4],
            flipped in 0..33_u8,
            bits in 0..=32_u8,
        ) {
            let near = match u32::from_be_bytes(network) {
                number if flipped < 32 => number ^ (1 << flipped),
                number => number,
            };
            let (from, address) = (Ipv4Addr::from(network), Ipv4Addr::from(near));
            let parsed = Network::parse(&format!("{from}/{bits}")).unwrap();
            let expected = agree(&network, &near.to_be_bytes(), bits);
            prop_assert_eq!(parsed.contains(address.into()), expected);
            let mapped = IpAddr::from(address.to_ipv6_mapped()).to_canonical();
            prop_assert_eq!(parsed.contains(mapped), expected);
        }

        #[test]
        fn an_ipv6_network_has_the_addresses_that_begin_alike(
            network: [u8; 16],
            flipped in 0..129_u8,
            bits in 0..=128_u8,
        ) {
            let near = match u128::from_be_bytes(network) {
                number if flipped < 128 => number ^ (1 << flipped),
                number => number,
            };
            let (from, address) = (Ipv6Addr::from(network), Ipv6Addr::from(near));
            let parsed = Network::parse(&format!("{from}/{bits}")).unwrap();
            let expected = agree(&network, &near.to_be_bytes(), bits);
            prop_assert_eq!(parsed.contains(IpAddr::from(address).to_canonical()), expected);
        }
    }
}
