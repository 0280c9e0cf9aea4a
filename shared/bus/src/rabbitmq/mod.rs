//! The bus of the scaled shape, over RabbitMQ.

mod consumer;
mod link;
mod message;
mod publisher;
mod redrive;
mod tap;
mod topology;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use lapin::uri::AMQPUri;
use shared_types::{
    bus::{Bus, BusError, Handler},
    event::Event,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::rabbitmq::{link::Link, publisher::Publisher, topology::Names};

/// How long a broker may take to come up when we start.
const START_LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct RabbitBus {
    names: Arc<Names>,
    publisher: Publisher,
    publishing: Arc<Link>,
    consuming: Arc<Link>,
}

impl RabbitBus {
    /// Connects twice, so that a broker that holds publishers back does not hold consumers back.
    pub(crate) async fn connect(url: &str, prefix: &str) -> Result<Self, BusError> {
        let uri = parse(url)?;
        let names = Arc::new(Names::new(prefix));
        let publishing = Arc::new(Link::start("publish", uri.clone()));
        let consuming = Arc::new(Link::start("consume", uri));
        wait_for(&publishing, &consuming).await?;
        let bus = Self {
            publisher: Publisher::new(Arc::clone(&publishing), Arc::clone(&names)),
            names,
            publishing,
            consuming,
        };
        bus.publisher.prepare().await?;
        Ok(bus)
    }
}

#[async_trait]
impl Bus for RabbitBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        self.publisher.publish(event).await
    }

    async fn broadcast(&self, event: &Event) {
        self.publisher.broadcast(event).await;
    }

    async fn consume(
        &self,
        consumer: &str,
        topics: &[&str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError> {
        let plan = consumer::Plan::new(&self.names, consumer, topics);
        consumer::run(&plan, &self.consuming, &self.publisher, handler, &stop).await;
        Ok(())
    }

    async fn tap(&self, topics: &[&str]) -> Result<BoxStream<'static, Event>, BusError> {
        tap::open(Arc::clone(&self.consuming), Arc::clone(&self.names), topics).await
    }

    fn is_healthy(&self) -> bool {
        self.publishing.current().is_some() && self.consuming.current().is_some()
    }
}

impl fmt::Debug for RabbitBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitBus")
            .field("address", &self.publishing.address())
            .field("events", &self.names.events)
            .finish_non_exhaustive()
    }
}

/// The parser's own message may repeat the URL, and with it the password.
fn parse(url: &str) -> Result<AMQPUri, BusError> {
    let mut uri: AMQPUri = url.parse().map_err(|_text: String| {
        BusError::Unavailable(
            "the bus URL is not valid: use `amqp://user:password@host:port/vhost`".to_owned(),
        )
    })?;
    uri.query.heartbeat.get_or_insert(10);
    uri.query.connection_timeout.get_or_insert(5_000);
    Ok(uri)
}

async fn wait_for(publishing: &Link, consuming: &Link) -> Result<(), BusError> {
    let limit = Instant::now() + START_LIMIT;
    loop {
        let both = async { tokio::join!(publishing.connection(), consuming.connection()) };
        tokio::select! {
            _ = both => return Ok(()),
            () = sleep(Duration::from_secs(1)) => {}
        }
        let (address, fault) = (publishing.address(), publishing.fault());
        if Instant::now() >= limit {
            return Err(BusError::Unavailable(format!(
                "RabbitMQ at {address} could not be reached for {} s: {fault}",
                START_LIMIT.as_secs()
            )));
        }
        tracing::warn!("waiting for RabbitMQ at {address}: {fault}");
    }
}
