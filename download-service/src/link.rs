//! Links as people paste them: checked once, at the edge, before yt-dlp sees anything.

use std::fmt;

use url::{Host, Url};

use crate::egress::{AllowList, is_global};

const MAX_BYTES: usize = 2048;
/// Extractor-internal data that yt-dlp reads from a fragment; a person must not be able to forge it.
const SMUGGLE: &str = "__youtubedl_smuggle";

/// A link that may be handed to yt-dlp: `http` or `https`, a host, nothing that yt-dlp reads as an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VideoUrl(Url);

/// Why a text is not a link that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

impl VideoUrl {
    /// Checks a text that a person gave.
    pub(crate) fn parse(text: &str, allow: &AllowList) -> Result<Self, Refused> {
        let refused = |reason: &str| Err(Refused(reason.to_owned()));
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return refused("The link is longer than 2048 bytes; use the short form of it.");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return refused("The link has spaces or control characters in it; copy it again.");
        }
        let Ok(url) = Url::parse(text) else {
            return refused("This is not a link; it should look like `https://example.org/video`.");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return refused("Only links that start with `http://` or `https://` are taken.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("The link carries a user name or a password; remove it.");
        }
        if smuggles(&url) {
            return refused("The part of the link after `#` is not allowed; remove it.");
        }
        refuse_private(&url, allow)?;
        Ok(Self(url))
    }

    /// The normalized link.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for VideoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Percent-encoding does not hide it: yt-dlp decodes before it looks.
fn smuggles(url: &Url) -> bool {
    let Some(fragment) = url.fragment() else {
        return false;
    };
    url::form_urlencoded::parse(fragment.as_bytes())
        .any(|(name, value)| name.contains(SMUGGLE) || value.contains(SMUGGLE))
        || fragment.contains(SMUGGLE)
}

/// Literal addresses only; names are checked by the egress guard when they are resolved, which is the only time that counts.
fn refuse_private(url: &Url, allow: &AllowList) -> Result<(), Refused> {
    let port = url.port_or_known_default().unwrap_or(0);
    let is_public = match url.host() {
        None => return Err(Refused("The link has no host.".to_owned())),
        Some(Host::Ipv4(address)) => is_global(address.into()),
        Some(Host::Ipv6(address)) => is_global(address.into()),
        Some(Host::Domain(name)) => !is_local_name(name),
    };
    let host = url.host_str().unwrap_or_default();
    if is_public || allow.has_name(host, port) {
        return Ok(());
    }
    Err(Refused(format!(
        "`{host}` is an address inside a private network, and those are not downloaded from. \
         The operator can allow it with `download.egress_allow`."
    )))
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<VideoUrl, Refused> {
        let allow = AllowList::parse(&["127.0.0.1:8080".to_owned()]).expect("valid");
        VideoUrl::parse(text, &allow)
    }

    #[test]
    fn ordinary_links_are_taken() {
        for link in [
            "https://www.youtube.com/watch?v=rigOK000001",
            "http://example.org:8080/a/b.mp4?x=1#t=10",
            " https://8.8.8.8/clip.webm ",
            "https://[2001:4860:4860::8888]/",
            "http://127.0.0.1:8080/video/alpha.mp4",
        ] {
            assert!(parse(link).is_ok(), "{link}");
        }
    }

    #[test]
    fn links_that_are_dangerous_or_no_links_are_refused() {
        for link in [
            "",
            "rigOK000001",
            "ytsearch1:cats",
            "peertube:HOST:UUID",
            "--exec=before_dl:id",
            "-a/etc/passwd",
            "file:///etc/passwd",
            "ftp://example.org/a.mp4",
            "javascript:alert(1)",
            "https://",
            "https://user@example.org/",
            "https://user:pw@example.org/",
            "https://example.org/a b",
            "https://example.org/\u{0}",
            "https://example.org/#__youtubedl_smuggle=%7B%7D",
            "https://example.org/#a=1&__youtubedl%5Fsmuggle=x",
            "http://localhost/",
            "http://LOCALHOST.:80/",
            "http://a.localhost/",
            "http://127.0.0.1:8081/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fe80::1]/",
            "http://[64:ff9b::7f00:1]/",
        ] {
            assert!(parse(link).is_err(), "{link}");
        }
        assert!(parse(&format!("https://example.org/{}", "a".repeat(2048))).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_an_http_link_without_user_info(text in "\\PC{0,80}") {
            if let Ok(url) = parse(&text) {
                prop_assert!(url.as_str().starts_with("http://") || url.as_str().starts_with("https://"));
                prop_assert!(!url.as_str().starts_with('-'));
                prop_assert!(url.0.username().is_empty() && url.0.password().is_none());
            }
        }
    }
}
