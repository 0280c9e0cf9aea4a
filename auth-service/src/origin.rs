//! Where a request comes from, as sessions and the audit log keep it.

use std::net::IpAddr;

/// Longest user agent that is kept, in characters.
const MAX_AGENT_CHARS: usize = 200;

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Client address.
    pub(crate) address: Option<IpAddr>,
    /// What the client calls itself, without anything that could drive a terminal.
    pub(crate) user_agent: Option<String>,
    /// The request's id.
    pub(crate) request_id: Option<String>,
}

impl Origin {
    /// The address as text.
    pub(crate) fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    /// What one household or one attacker has: an IPv4 address, or the /64 of an IPv6 address.
    pub(crate) fn network(&self) -> String {
        match self.address {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(mapped) => mapped.to_string(),
                None => format!("{:x?}", &address.segments()[..4]),
            },
            None => "unknown".to_owned(),
        }
    }
}

/// The agent without control and direction characters, cut to a sensible length.
pub(crate) fn clean_agent(text: &str) -> Option<String> {
    let clean: String = text
        .chars()
        .filter(|c| is_harmless(*c))
        .take(MAX_AGENT_CHARS)
        .collect();
    (!clean.is_empty()).then_some(clean)
}

/// Neither a control character nor one that changes the direction of writing.
pub(crate) fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_cannot_forge_a_line_or_drive_a_terminal() {
        assert_eq!(
            clean_agent("Fire\r\nfox\u{1b}[31m\u{202e}evil").as_deref(),
            Some("Firefox[31mevil")
        );
        assert_eq!(clean_agent("\n"), None);
    }

    #[test]
    fn ipv6_neighbors_count_as_one() {
        let at = |text: &str| Origin {
            address: text.parse().ok(),
            ..Origin::default()
        };
        assert_eq!(
            at("2001:db8:1:2::5").network(),
            at("2001:db8:1:2:9::7").network()
        );
        assert_ne!(
            at("2001:db8:1:2::5").network(),
            at("2001:db8:1:3::5").network()
        );
        assert_eq!(at("::ffff:10.0.0.1").network(), at("10.0.0.1").network());
    }
}
