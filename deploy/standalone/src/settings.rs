//! The configuration of all services together.

use std::path::Path;

use shared_runtime::{Common, Source, config::Faults};

/// Every section.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) gateway: gateway::Config,
    pub(crate) auth: auth_service::Config,
    pub(crate) plex: plex_service::Config,
    pub(crate) download: download_service::Config,
    pub(crate) webhook: webhook_service::Config,
}

impl Settings {
    /// Reads the file and the environment; all faults at once.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Faults> {
        let mut source = Source::load(file);
        let settings = Self {
            common: source.common(),
            gateway: source.section("gateway"),
            auth: source.section("auth"),
            plex: source.section("plex"),
            download: source.section("download"),
            webhook: source.section("webhook"),
        };
        source.finish()?;
        Ok(settings)
    }
}
