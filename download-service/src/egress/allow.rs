//! The operator's list of hosts in private networks that downloads may reach: `host:port`, one by one.

use std::net::SocketAddr;

use super::is_metadata;

/// Hosts that may be reached although they are not global.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllowList(Vec<(String, u16)>);

impl AllowList {
    /// Reads the setting.
    pub(crate) fn parse(entries: &[String]) -> Result<Self, String> {
        entries
            .iter()
            .map(|entry| parse_entry(entry))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether this very host name (or literal address) and port is listed.
    pub(crate) fn has_name(&self, host: &str, port: u16) -> bool {
        let host = bare(host);
        self.0
            .iter()
            .any(|(name, allowed)| *allowed == port && *name == host)
    }

    /// Whether this address and port is listed.
    pub(crate) fn has_address(&self, address: SocketAddr) -> bool {
        !is_metadata(address.ip()) && self.has_name(&address.ip().to_string(), address.port())
    }
}

fn bare(host: &str) -> String {
    host.trim_matches(['[', ']'])
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

fn parse_entry(entry: &str) -> Result<(String, u16), String> {
    let fault = || format!("`{entry}` must be a host and a port, such as `10.0.0.5:8080`");
    let (host, port) = entry.trim().rsplit_once(':').ok_or_else(fault)?;
    let port: u16 = port.parse().map_err(|_number| fault())?;
    let host = bare(host);
    if host.is_empty() || host.contains(['/', '*', '@', ' ']) || port == 0 {
        return Err(fault());
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_must_both_match_and_metadata_is_never_allowed() {
        let list = AllowList::parse(&[
            "10.0.0.5:8080".to_owned(),
            "[fd00::1]:80".to_owned(),
            "Nas.lan:9000".to_owned(),
            "169.254.169.254:80".to_owned(),
        ])
        .expect("valid");
        let address = |text: &str| text.parse().expect("an address");
        assert!(list.has_address(address("10.0.0.5:8080")));
        assert!(list.has_address(address("[fd00::1]:80")));
        assert!(list.has_name("NAS.lan.", 9000));
        assert!(!list.has_address(address("10.0.0.5:8081")));
        assert!(!list.has_address(address("169.254.169.254:80")));
        assert!(AllowList::parse(&["10.0.0.0/8".to_owned()]).is_err());
        assert!(AllowList::parse(&["*:80".to_owned()]).is_err());
    }
}
