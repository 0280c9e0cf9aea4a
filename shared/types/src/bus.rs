//! The port to the event bus. `shared-bus` implements it in process and over RabbitMQ.

use std::{fmt::Debug, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use crate::event::Event;

/// What a consumer made of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Handled, or known to be handled before.
    Done,
    /// Deliver it again.
    Retry {
        /// Not before this has passed.
        after: Duration,
        /// For the log.
        reason: String,
    },
    /// It can never be handled: put it where an operator sees it.
    Dead {
        /// For the operator.
        reason: String,
    },
}

/// A durable consumer's reaction to events. It records the work in its database and returns; long work is done by a job.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Handles one event. The same event may come more than once.
    async fn handle(&self, event: &Event) -> Outcome;
}

/// Why an event was not published.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The broker is away or did not confirm: publish again with the same id.
    #[error("the event bus is not available: {0}")]
    Unavailable(String),
    /// A consumer will never handle this event (in-process bus only).
    #[error("{consumer} rejected the event: {reason}")]
    Rejected {
        /// The consumer that refused.
        consumer: String,
        /// Its reason.
        reason: String,
    },
}

/// The event bus.
#[async_trait]
pub trait Bus: Send + Sync + Debug {
    /// Publishes durably. `Ok` means that the broker confirmed, or, in process, that every consumer is done.
    async fn publish(&self, event: &Event) -> Result<(), BusError>;

    /// Tells everybody who listens right now; nothing is stored (progress of a download).
    async fn broadcast(&self, event: &Event);

    /// Feeds a durable consumer until `stop`. Replicas with the same `consumer` name share the work.
    /// `topics` are AMQP patterns over routing keys: `download.*.v1`, `webhook.#`.
    async fn consume(
        &self,
        consumer: &str,
        topics: &[&str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError>;

    /// Every event, published or broadcast, from now on; not durable, and a slow reader loses the oldest.
    async fn tap(&self, topics: &[&str]) -> Result<BoxStream<'static, Event>, BusError>;

    /// Whether publishing can work right now.
    fn is_healthy(&self) -> bool;
}
