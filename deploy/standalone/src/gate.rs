//! A bus that holds back events until every service is built. In one process the consumers live beside the publishers:
//! an event left over from the last run must not be published before its consumer is there again.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use shared_types::{
    bus::{Bus, BusError, Handler},
    event::Event,
};
use tokio_util::sync::CancellationToken;

/// A bus behind a gate that opens once.
pub(crate) struct GatedBus {
    inner: Arc<dyn Bus>,
    opened: CancellationToken,
}

impl GatedBus {
    pub(crate) fn closed(inner: Arc<dyn Bus>) -> Self {
        Self {
            inner,
            opened: CancellationToken::new(),
        }
    }

    /// All consumers are registered: events may flow.
    pub(crate) fn open(&self) {
        self.opened.cancel();
    }
}

impl fmt::Debug for GatedBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatedBus")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Bus for GatedBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        self.opened.cancelled().await;
        self.inner.publish(event).await
    }

    async fn broadcast(&self, event: &Event) {
        self.inner.broadcast(event).await;
    }

    async fn consume(
        &self,
        consumer: &str,
        topics: &[&str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError> {
        self.inner.consume(consumer, topics, handler, stop).await
    }

    async fn tap(&self, topics: &[&str]) -> Result<BoxStream<'static, Event>, BusError> {
        self.inner.tap(topics).await
    }

    fn is_healthy(&self) -> bool {
        self.inner.is_healthy()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shared_bus::BusOptions;
    use shared_runtime::SystemClock;
    use shared_types::{
        event::SessionRevoked,
        ids::{SessionId, UserId},
    };

    use super::*;

    #[tokio::test]
    async fn events_wait_until_every_service_is_built() {
        let inner = shared_bus::connect("local:", BusOptions::default())
            .await
            .expect("in process");
        let bus = GatedBus::closed(inner);
        let revoked = SessionRevoked {
            session_id: SessionId::generate(&SystemClock),
            user_id: UserId::generate(&SystemClock),
        };
        let event = Event::new(&SystemClock, "test", &revoked);
        let early = tokio::time::timeout(Duration::from_millis(50), bus.publish(&event)).await;
        assert!(early.is_err(), "published before the gate opened");
        bus.open();
        bus.publish(&event).await.expect("published");
    }
}
