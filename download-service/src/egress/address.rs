//! Which addresses are out in the world. Everything else is refused: private, loopback, link-local, multicast, reserved,
//! documentation, and every IPv6 form that carries an IPv4 address inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IANA special-purpose registry, IPv4: base and prefix length.
const SPECIAL_V4: [([u8; 4], u8); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Special ranges inside 2000::/3, the only global unicast block of IPv6: protocol assignments with Teredo, documentation,
/// 6to4. Mapped, NAT64, unique-local, link-local and multicast addresses lie outside 2000::/3.
const SPECIAL_V6: [([u16; 2], u8); 4] = [
    ([0x2001, 0x0000], 23),
    ([0x2001, 0x0db8], 32),
    ([0x2002, 0x0000], 16),
    ([0x3fff, 0x0000], 20),
];

/// Cloud metadata: refused even when an operator lists it.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Whether an address is global unicast.
pub(crate) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

/// Whether an address hands out credentials of the machine.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    METADATA.contains(&address.to_canonical())
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !SPECIAL_V4.iter().any(|(base, prefix)| {
        let mask = u32::MAX << (32 - u32::from(*prefix));
        bits & mask == Ipv4Addr::from(*base).to_bits() & mask
    })
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    if segments[0] & 0xe000 != 0x2000 {
        return false;
    }
    let head = (u32::from(segments[0]) << 16) | u32::from(segments[1]);
    !SPECIAL_V6.iter().any(|([high, low], prefix)| {
        let base = (u32::from(*high) << 16) | u32::from(*low);
        let mask = u32::MAX << (32 - u32::from(*prefix));
        head & mask == base & mask
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: bool, addresses: &[&str]) {
        for text in addresses {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(is_global(address), expected, "{text}");
        }
    }

    #[test]
    fn public_addresses_are_global() {
        check(
            true,
            &[
                "8.8.8.8",
                "1.1.1.1",
                "100.128.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "223.255.255.255",
                "2001:4860:4860::8888",
                "2606:4700::1111",
                "2a00:1450:4001::1",
            ],
        );
    }

    #[test]
    fn special_addresses_are_not() {
        check(
            false,
            &[
                "0.0.0.0",
                "10.0.0.1",
                "100.64.0.1",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.19.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:8.8.8.8",
                "::127.0.0.1",
                "64:ff9b::8.8.8.8",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:1ff::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "ff02::1",
            ],
        );
    }
}
