//! The house's own network where addresses are global: with native IPv6 the router, the NAS and Plex have addresses that
//! look like the internet's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::UdpSocket;

/// Bits of an IPv6 address that name the network (RFC 4291 §2.5.4).
const NETWORK_BITS: u32 = 64;

/// Whether an address is this machine's own, or in the same IPv6 network. The kernel's choice of a source address for it
/// tells; connecting a datagram socket sends nothing.
pub(super) async fn contains(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let Ok(socket) = UdpSocket::bind((any, 0)).await else {
        return false;
    };
    if socket.connect(address).await.is_err() {
        return false;
    }
    socket
        .local_addr()
        .is_ok_and(|own| are_neighbors(own.ip(), address.ip()))
}

fn are_neighbors(own: IpAddr, other: IpAddr) -> bool {
    match (own.to_canonical(), other.to_canonical()) {
        (IpAddr::V6(own), IpAddr::V6(other)) => {
            u128::from(own) >> NETWORK_BITS == u128::from(other) >> NETWORK_BITS
        }
        (own, other) => own == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbors(own: &str, other: &str) -> bool {
        are_neighbors(
            own.parse().expect("an address"),
            other.parse().expect("an address"),
        )
    }

    #[test]
    fn an_ipv6_network_is_a_house_and_an_ipv4_address_is_one_machine() {
        assert!(neighbors("2001:db8:1:2::10", "2001:db8:1:2:ffff::1"));
        assert!(!neighbors("2001:db8:1:2::10", "2001:db8:1:3::10"));
        assert!(neighbors("203.0.113.7", "203.0.113.7"));
        assert!(!neighbors("203.0.113.7", "203.0.113.8"));
        assert!(neighbors("203.0.113.7", "::ffff:203.0.113.7"));
    }

    #[tokio::test]
    async fn this_machine_knows_its_own_address() {
        assert!(contains("127.0.0.1:80".parse().expect("an address")).await);
    }
}
