//! The four services behind the gateway: where they are and whether they answer.

use std::sync::Arc;

use shared_http::Breaker;
use shared_runtime::ServiceUrls;
use shared_types::access::service;

/// A service behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Upstream {
    Auth,
    Plex,
    Download,
    Webhook,
}

impl Upstream {
    pub(crate) const ALL: [Self; 4] = [Self::Auth, Self::Plex, Self::Download, Self::Webhook];

    /// The service's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auth => service::AUTH,
            Self::Plex => service::PLEX,
            Self::Download => service::DOWNLOAD,
            Self::Webhook => service::WEBHOOK,
        }
    }
}

/// One service's address and breaker.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) base_url: String,
    pub(crate) breaker: Breaker,
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Upstreams(Arc<[Target; 4]>);

impl Upstreams {
    pub(crate) fn new(urls: &ServiceUrls) -> Self {
        let target = |upstream: Upstream, url: &str| Target {
            base_url: url.trim_end_matches('/').to_owned(),
            breaker: Breaker::new(upstream.name()),
        };
        Self(Arc::new([
            target(Upstream::Auth, &urls.auth),
            target(Upstream::Plex, &urls.plex),
            target(Upstream::Download, &urls.download),
            target(Upstream::Webhook, &urls.webhook),
        ]))
    }

    pub(crate) fn get(&self, upstream: Upstream) -> &Target {
        &self.0[upstream as usize]
    }
}
