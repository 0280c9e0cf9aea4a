//! The exchanges and queues, and their names. Declaring what exists already changes nothing.
//!
//! ```text
//! publish ──► <prefix>events (topic) ──► <prefix><consumer> (quorum) ──dead──► <prefix>dead
//!                  └─ no queue wants it ──► <prefix>unrouted
//! publish, broadcast ──► <prefix>live (topic) ──► one private queue per tap
//! ```

use lapin::{
    Channel, ExchangeKind, Result,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, LongLongInt, ShortString},
};

/// Deliveries of one event to one consumer before it counts as poison.
pub(crate) const DELIVERY_LIMIT: u32 = 20;

/// Events that nobody wants yet are kept for a week.
const UNROUTED_TTL_MS: LongLongInt = 7 * 24 * 3600 * 1000;

/// … and at most this many of them.
pub(crate) const UNROUTED_LENGTH: u32 = 10_000;

/// What a tap may be behind before the broker drops the oldest.
const TAP_LENGTH: LongLongInt = 10_000;

pub(crate) struct Names {
    prefix: String,
    /// Durable events, by routing key.
    pub(crate) events: ShortString,
    /// Everything that taps see, by routing key.
    pub(crate) live: ShortString,
    /// Exchange and queue of events that no consumer wanted when they were published.
    pub(crate) unrouted: ShortString,
    /// Exchange and queue of events that a consumer can never handle.
    pub(crate) dead: ShortString,
}

impl Names {
    pub(crate) fn new(prefix: &str) -> Self {
        let name = |suffix: &str| ShortString::from(format!("{prefix}{suffix}"));
        Self {
            prefix: prefix.to_owned(),
            events: name("events"),
            live: name("live"),
            unrouted: name("unrouted"),
            dead: name("dead"),
        }
    }

    pub(crate) fn queue(&self, consumer: &str) -> ShortString {
        format!("{}{consumer}", self.prefix).into()
    }
}

/// Declares everything that does not belong to one consumer.
pub(crate) async fn declare(channel: &Channel, names: &Names) -> Result<()> {
    exchange(channel, &names.unrouted, ExchangeKind::Fanout, table([])).await?;
    let bounds = [
        ("x-queue-type", text("quorum")),
        ("x-message-ttl", AMQPValue::LongLongInt(UNROUTED_TTL_MS)),
        (
            "x-max-length",
            AMQPValue::LongLongInt(UNROUTED_LENGTH.into()),
        ),
    ];
    queue(channel, &names.unrouted, table(bounds)).await?;
    bind(channel, &names.unrouted, &names.unrouted, "").await?;

    exchange(channel, &names.dead, ExchangeKind::Fanout, table([])).await?;
    queue(
        channel,
        &names.dead,
        table([("x-queue-type", text("quorum"))]),
    )
    .await?;
    bind(channel, &names.dead, &names.dead, "").await?;

    let alternate = [("alternate-exchange", text(names.unrouted.as_str()))];
    exchange(
        channel,
        &names.events,
        ExchangeKind::Topic,
        table(alternate),
    )
    .await?;
    exchange(channel, &names.live, ExchangeKind::Topic, table([])).await
}

/// Declares a consumer's queue and binds it. Nothing is lost on the way to the dead letters: they
/// are confirmed before they leave the queue, which RabbitMQ only does with `reject-publish`.
pub(crate) async fn declare_consumer(
    channel: &Channel,
    names: &Names,
    name: &ShortString,
    topics: &[String],
) -> Result<()> {
    let arguments = [
        ("x-queue-type", text("quorum")),
        (
            "x-delivery-limit",
            AMQPValue::LongLongInt(DELIVERY_LIMIT.into()),
        ),
        ("x-dead-letter-exchange", text(names.dead.as_str())),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ];
    queue(channel, name, table(arguments)).await?;
    for topic in topics {
        bind(channel, name, &names.events, topic).await?;
    }
    Ok(())
}

/// Declares the private queue of a tap; it goes when its connection does.
pub(crate) async fn declare_tap(
    channel: &Channel,
    names: &Names,
    topics: &[String],
) -> Result<ShortString> {
    let options = QueueDeclareOptions {
        exclusive: true,
        auto_delete: true,
        ..QueueDeclareOptions::default()
    };
    let bounds = table([("x-max-length", AMQPValue::LongLongInt(TAP_LENGTH))]);
    let queue = channel.queue_declare("".into(), options, bounds).await?;
    for topic in topics {
        bind(channel, queue.name(), &names.live, topic).await?;
    }
    Ok(queue.name().clone())
}

async fn exchange(
    channel: &Channel,
    name: &ShortString,
    kind: ExchangeKind,
    arguments: FieldTable,
) -> Result<()> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(name.clone(), kind, options, arguments)
        .await
}

async fn queue(channel: &Channel, name: &ShortString, arguments: FieldTable) -> Result<()> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(name.clone(), options, arguments)
        .await
        .map(drop)
}

async fn bind(
    channel: &Channel,
    queue: &ShortString,
    exchange: &ShortString,
    topic: &str,
) -> Result<()> {
    let options = QueueBindOptions::default();
    channel
        .queue_bind(
            queue.clone(),
            exchange.clone(),
            topic.into(),
            options,
            FieldTable::default(),
        )
        .await
}

fn table<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (key, value) in entries {
        table.insert(key.into(), value);
    }
    table
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}
