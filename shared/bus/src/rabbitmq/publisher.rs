//! Publishing: durable events with confirmation, live ones without.

use std::{sync::Arc, time::Duration};

use lapin::{
    BasicProperties, Channel, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    types::ShortString,
};
use shared_types::{bus::BusError, event::Event};
use tokio::{sync::Mutex, time::timeout};

use crate::rabbitmq::{
    link::Link,
    message,
    topology::{self, Names},
};

/// A broker under alarm holds publishers back without an error: after this the outcome is unknown
/// and the event must be published again.
const CONFIRM_LIMIT: Duration = Duration::from_secs(5);

/// Nobody waits longer than this to tell what only matters now.
const BROADCAST_LIMIT: Duration = Duration::from_secs(1);

pub(crate) struct Publisher {
    link: Arc<Link>,
    names: Arc<Names>,
    confirmed: Mutex<Option<Channel>>,
    live: Mutex<Option<Channel>>,
}

impl Publisher {
    pub(crate) fn new(link: Arc<Link>, names: Arc<Names>) -> Self {
        Self {
            link,
            names,
            confirmed: Mutex::default(),
            live: Mutex::default(),
        }
    }

    /// Declares the topology, so that a broker that refuses it is an error at start.
    pub(crate) async fn prepare(&self) -> Result<(), BusError> {
        let opened = bounded(CONFIRM_LIMIT, self.confirmed_channel()).await;
        opened.map(drop).map_err(BusError::Unavailable)
    }

    /// Publishes to the consumers' queues and, once it is safe there, to taps. A failure in between
    /// makes the caller publish again, so taps miss nothing either.
    pub(crate) async fn publish(&self, event: &Event) -> Result<(), BusError> {
        let sent = async {
            let properties = message::durable(event);
            self.publish_raw(event.routing_key(), properties, &message::body(event))
                .await?;
            self.publish_live(event).await
        };
        let result = sent.await;
        let outcome = if result.is_ok() { "ok" } else { "error" };
        metrics::counter!("medianest_bus_published_total", "outcome" => outcome).increment(1);
        result.map_err(BusError::Unavailable)
    }

    pub(crate) async fn broadcast(&self, event: &Event) {
        if let Err(error) = self.publish_live(event).await {
            tracing::debug!("{} was not broadcast: {error}", event.routing_key());
        }
    }

    /// Publishes a message to the consumers' queues and waits until the broker has it.
    pub(crate) async fn publish_raw(
        &self,
        routing_key: &str,
        properties: BasicProperties,
        body: &[u8],
    ) -> Result<(), String> {
        let result = bounded(CONFIRM_LIMIT, self.confirm(routing_key, properties, body)).await;
        if result.is_err() {
            self.confirmed.lock().await.take();
        }
        result
    }

    async fn confirm(
        &self,
        routing_key: &str,
        properties: BasicProperties,
        body: &[u8],
    ) -> Result<(), String> {
        let channel = self.confirmed_channel().await?;
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let exchange = self.names.events.clone();
        let confirmation = channel
            .basic_publish(exchange, routing_key.into(), options, body, properties)
            .await
            .map_err(text)?
            .await
            .map_err(text)?;
        match confirmation {
            Confirmation::Ack(None) => Ok(()),
            Confirmation::Ack(Some(_)) => Err("no queue took the event".to_owned()),
            Confirmation::Nack(_) => Err("RabbitMQ refused the event".to_owned()),
            Confirmation::NotRequested => Err("the channel does not confirm".to_owned()),
        }
    }

    async fn publish_live(&self, event: &Event) -> Result<(), String> {
        let result = bounded(BROADCAST_LIMIT, self.send_live(event)).await;
        if result.is_err() {
            self.live.lock().await.take();
        }
        result
    }

    async fn send_live(&self, event: &Event) -> Result<(), String> {
        let channel = self.live_channel().await?;
        let exchange: ShortString = self.names.live.clone();
        let options = BasicPublishOptions::default();
        let properties = message::transient(event);
        let body = message::body(event);
        let confirm = channel
            .basic_publish(
                exchange,
                event.routing_key().into(),
                options,
                &body,
                properties,
            )
            .await
            .map_err(text)?;
        // Resolved at once on a channel without confirms; dropping it would be kept account of.
        confirm.await.map(drop).map_err(text)
    }

    async fn confirmed_channel(&self) -> Result<Channel, String> {
        let mut slot = self.confirmed.lock().await;
        if let Some(channel) = slot.as_ref().filter(|channel| channel.status().connected()) {
            return Ok(channel.clone());
        }
        let channel = self.open().await?;
        topology::declare(&channel, &self.names)
            .await
            .map_err(text)?;
        let options = ConfirmSelectOptions::default();
        channel.confirm_select(options).await.map_err(text)?;
        Ok(slot.insert(channel).clone())
    }

    async fn live_channel(&self) -> Result<Channel, String> {
        let mut slot = self.live.lock().await;
        if let Some(channel) = slot.as_ref().filter(|channel| channel.status().connected()) {
            return Ok(channel.clone());
        }
        let channel = self.open().await?;
        Ok(slot.insert(channel).clone())
    }

    async fn open(&self) -> Result<Channel, String> {
        let connection = self.link.current().ok_or_else(|| self.link.fault())?;
        connection.create_channel().await.map_err(text)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn text(error: lapin::Error) -> String {
    error.to_string()
}

async fn bounded<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(format!("RabbitMQ did not confirm within {seconds} s"))
    })
}
