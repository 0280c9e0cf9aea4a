#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod handling;
mod lanes;
mod memory;
mod rabbitmq;
mod topics;
mod trace;

use std::sync::Arc;

use shared_types::bus::{Bus, BusError};

use crate::{memory::MemoryBus, rabbitmq::RabbitBus};

/// How to use the bus.
#[derive(Debug, Clone, Default)]
pub struct BusOptions {
    /// Goes before the name of every exchange and queue, so that deployments can share a broker.
    pub prefix: String,
}

/// Opens the bus that `url` names: `local:`, or `amqp://…` (`amqps://…` with TLS).
///
/// A broker that is away is tried again for up to 30 seconds.
pub async fn connect(url: &str, options: BusOptions) -> Result<Arc<dyn Bus>, BusError> {
    match url.split_once(':') {
        Some(("local", _)) => Ok(Arc::new(MemoryBus::new())),
        Some(("amqp" | "amqps", _)) => {
            Ok(Arc::new(RabbitBus::connect(url, &options.prefix).await?))
        }
        _ => Err(BusError::Unavailable(unknown_scheme(url))),
    }
}

/// Names the scheme only: the rest of a URL may hold a password.
fn unknown_scheme(url: &str) -> String {
    let what = match url.split_once("://") {
        Some((scheme, _)) => format!("unknown scheme `{scheme}` in the bus URL"),
        None => "the bus URL has no known scheme".to_owned(),
    };
    format!("{what}: use `local:` or `amqp://user:password@host:port/vhost`")
}
