//! The headers that every request to Plex carries.

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use shared_runtime::Secret;

/// Who we are to Plex: one stable identifier per installation, because a new one fills people's device lists.
#[derive(Debug, Clone)]
pub(crate) struct ClientIdentity {
    headers: HeaderMap,
}

impl ClientIdentity {
    pub(crate) fn new(client_identifier: &str) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let fixed = [
            ("x-plex-client-identifier", client_identifier),
            ("x-plex-product", "MediaNest"),
            ("x-plex-version", version),
            ("x-plex-platform", std::env::consts::OS),
            ("x-plex-platform-version", std::env::consts::ARCH),
            ("x-plex-device", "Server"),
            ("x-plex-device-name", "MediaNest"),
            ("x-plex-model", "plex-service"),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in fixed {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Self { headers }
    }

    /// All headers for a request with a token. It travels as a header only: URLs end up in logs.
    pub(super) fn with_token(&self, token: &Secret) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Ok(mut value) = HeaderValue::from_str(token.expose()) {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static("x-plex-token"), value);
        }
        headers
    }

    pub(super) fn anonymous(&self) -> HeaderMap {
        self.headers.clone()
    }
}
