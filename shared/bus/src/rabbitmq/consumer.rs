//! A durable consumer: declares its queue, works on it, and does so again after every interruption.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{
    StreamExt, future,
    stream::{self, BoxStream},
};
use lapin::{
    Channel, Connection, Consumer,
    message::Delivery as Message,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
    },
    types::{FieldTable, ShortString},
};
use shared_types::{
    bus::{Handler, Outcome},
    event::Event,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    lanes::{self, Delivery, Settled},
    rabbitmq::{
        link::Link,
        message,
        publisher::Publisher,
        redrive,
        topology::{self, Names},
    },
};

/// Events in work at once, per replica.
const PREFETCH: u16 = 16;

/// No handler may keep an event waiting here longer; longer waits belong in its database.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

const SET_UP_LIMIT: Duration = Duration::from_secs(10);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);

/// What to consume.
pub(crate) struct Plan {
    pub(crate) names: Arc<Names>,
    consumer: Arc<str>,
    queue: ShortString,
    topics: Vec<String>,
}

impl Plan {
    pub(crate) fn new(names: &Arc<Names>, consumer: &str, topics: &[&str]) -> Self {
        Self {
            names: Arc::clone(names),
            consumer: consumer.into(),
            queue: names.queue(consumer),
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        }
    }
}

/// Consumes until `stop`.
pub(crate) async fn run(
    plan: &Plan,
    link: &Link,
    publisher: &Publisher,
    handler: Arc<dyn Handler>,
    stop: &CancellationToken,
) {
    let mut is_first = true;
    while let Some(connection) = stop.run_until_cancelled(link.connection()).await {
        match timeout(SET_UP_LIMIT, set_up(plan, &connection)).await {
            Ok(Ok((channel, deliveries))) => {
                let work = work(plan, channel, deliveries, Arc::clone(&handler), stop);
                if std::mem::take(&mut is_first) {
                    future::join(work, redrive::run(plan, &connection, publisher, stop)).await;
                } else {
                    work.await;
                }
            }
            Ok(Err(error)) => warn(plan, &error.to_string()),
            Err(_elapsed) => warn(plan, "RabbitMQ did not answer"),
        }
        drop(connection);
        stop.run_until_cancelled(sleep(PAUSE)).await;
    }
}

fn warn(plan: &Plan, fault: &str) {
    let consumer = &plan.consumer;
    tracing::warn!("{consumer} cannot consume and will try again: {fault}");
}

async fn set_up(plan: &Plan, connection: &Connection) -> lapin::Result<(Channel, Consumer)> {
    let channel = connection.create_channel().await?;
    topology::declare(&channel, &plan.names).await?;
    topology::declare_consumer(&channel, &plan.names, &plan.queue, &plan.topics).await?;
    channel
        .basic_qos(PREFETCH, BasicQosOptions::default())
        .await?;
    let options = BasicConsumeOptions::default();
    let consumer = channel
        .basic_consume(
            plan.queue.clone(),
            "".into(),
            options,
            FieldTable::default(),
        )
        .await?;
    Ok((channel, consumer))
}

async fn work(
    plan: &Plan,
    channel: Channel,
    messages: Consumer,
    handler: Arc<dyn Handler>,
    stop: &CancellationToken,
) {
    lanes::run(&plan.consumer, deliveries(plan, messages), handler, stop).await;
    // Also hands back what was delivered and never looked at.
    let close = channel.close(200, "the consumer stops".into());
    if !matches!(timeout(CLOSE_LIMIT, close).await, Ok(Ok(()))) {
        tracing::debug!("{} left a broken channel", plan.consumer);
    }
}

/// Ends with the first error: the channel is gone then, and with it all that was delivered.
fn deliveries(plan: &Plan, messages: Consumer) -> BoxStream<'_, Received> {
    stream::unfold(messages, move |mut messages| async move {
        loop {
            let message = messages.next().await?.ok()?;
            if let Some(received) = read(plan, message).await {
                return Some((received, messages));
            }
        }
    })
    .boxed()
}

async fn read(plan: &Plan, message: Message) -> Option<Received> {
    match message::event(&message) {
        Ok(event) => Some(Received {
            consumer: Arc::clone(&plan.consumer),
            event,
            message,
        }),
        Err(error) => {
            let (consumer, key) = (&plan.consumer, &message.routing_key);
            tracing::error!("{consumer} got a {key} message that is no event: {error}");
            report(consumer, &message.reject(refused()).await);
            None
        }
    }
}

/// An event from the queue that is not yet acknowledged.
struct Received {
    consumer: Arc<str>,
    event: Event,
    message: Message,
}

#[async_trait]
impl Delivery for Received {
    fn event(&self) -> &Event {
        &self.event
    }

    async fn settle(self, outcome: Outcome, closing: &CancellationToken) -> Settled {
        match outcome {
            Outcome::Done => {
                report(
                    &self.consumer,
                    &self.message.ack(BasicAckOptions::default()).await,
                );
                Settled::Gone
            }
            Outcome::Dead { .. } => {
                report(&self.consumer, &self.message.reject(refused()).await);
                Settled::Gone
            }
            Outcome::Retry { after, .. } => {
                let pause = sleep(after.min(LONGEST_RETRY));
                closing.run_until_cancelled(pause).await;
                self.hand_back().await
            }
        }
    }

    async fn give_back(self) {
        report(&self.consumer, &self.message.nack(requeued()).await);
    }
}

impl Received {
    /// The broker itself moves an event to the dead letters that has come back too often.
    async fn hand_back(self) -> Settled {
        let is_last = message::earlier_deliveries(&self.message) >= topology::DELIVERY_LIMIT.into();
        if is_last {
            let (consumer, id) = (&self.consumer, self.event.id);
            let limit = topology::DELIVERY_LIMIT;
            tracing::error!("{consumer} was given {id} more than {limit} times: now it is dead");
        }
        self.give_back().await;
        if is_last {
            Settled::Gone
        } else {
            Settled::Returns
        }
    }
}

fn refused() -> BasicRejectOptions {
    BasicRejectOptions { requeue: false }
}

fn requeued() -> BasicNackOptions {
    BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    }
}

/// Without the acknowledgement the event comes again, which its handler must expect anyway.
fn report(consumer: &str, answered: &lapin::Result<bool>) {
    if !matches!(answered, Ok(true)) {
        tracing::debug!(
            ?answered,
            "{consumer} could not answer for an event: it comes again"
        );
    }
}
