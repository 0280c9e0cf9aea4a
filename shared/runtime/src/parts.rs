//! What a service is built from, whether it is its own process or one of five in the embedded shape.

use std::{future::Future, io, net::TcpListener, pin::Pin, sync::Arc};

use shared_types::{Clock, bus::Bus, cache::Cache};

use crate::{Common, Sealer, Secret, Supervisor};

/// A built service: a future that serves until the supervisor's stop token fires.
pub type Serving = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// A service that is being built: it connects, migrates and binds its routes.
pub type Building = Pin<Box<dyn Future<Output = anyhow::Result<Serving>> + Send>>;

/// Where the other services listen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceUrls {
    /// auth-service
    pub auth: String,
    /// plex-service
    pub plex: String,
    /// download-service
    pub download: String,
    /// webhook-service
    pub webhook: String,
}

/// Everything that a service gets from its process.
#[derive(Debug)]
pub struct Parts {
    /// Settings that all services share.
    pub common: Arc<Common>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Events.
    pub bus: Arc<dyn Bus>,
    /// Cache and shared counters.
    pub cache: Arc<dyn Cache>,
    /// Owner of background tasks.
    pub supervisor: Supervisor,
    /// The bound listener of the service.
    pub listener: TcpListener,
    /// HTTP worker threads of the service.
    pub workers: usize,
    /// Where the other services listen.
    pub urls: ServiceUrls,
    /// Proves to auth-service that this is one of us.
    pub internal_secret: Secret,
    /// Encryption at rest.
    pub sealer: Arc<Sealer>,
}
