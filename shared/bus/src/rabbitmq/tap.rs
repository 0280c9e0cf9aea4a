//! Taps: a private queue that shows everything from now on. It lives as long as its connection and
//! is made anew on the next one.

use std::{sync::Arc, time::Duration};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use lapin::{
    Channel, Connection, Consumer,
    message::Delivery as Message,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use shared_types::{bus::BusError, event::Event};
use tokio::time::{sleep, timeout};

use crate::rabbitmq::{
    link::Link,
    message,
    topology::{self, Names},
};

/// What waits in this process; the rest waits, and is dropped when it is too much, in the broker.
const PREFETCH: u16 = 256;

const SET_UP_LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(250);

struct Tap {
    link: Arc<Link>,
    names: Arc<Names>,
    topics: Vec<String>,
    source: Option<Source>,
}

/// The channel is held because it closes when it is dropped.
struct Source {
    _channel: Channel,
    messages: Consumer,
}

/// Opens a tap: events published after this has returned are seen.
pub(crate) async fn open(
    link: Arc<Link>,
    names: Arc<Names>,
    topics: &[&str],
) -> Result<BoxStream<'static, Event>, BusError> {
    let topics = topics.iter().map(|&topic| topic.to_owned()).collect();
    let mut tap = Tap {
        link,
        names,
        topics,
        source: None,
    };
    tap.connect().await.map_err(BusError::Unavailable)?;
    let events = stream::unfold(tap, |mut tap| async move {
        let event = tap.next().await;
        Some((event, tap))
    });
    Ok(events.boxed())
}

impl Tap {
    async fn connect(&mut self) -> Result<(), String> {
        let set_up = async {
            let connection = self.link.connection().await;
            set_up(&connection, &self.names, &self.topics).await
        };
        match timeout(SET_UP_LIMIT, set_up).await {
            Ok(Ok(source)) => {
                self.source = Some(source);
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_elapsed) => Err(self.link.fault()),
        }
    }

    async fn next(&mut self) -> Event {
        loop {
            let Some(source) = &mut self.source else {
                self.reconnect().await;
                continue;
            };
            let Some(Ok(message)) = source.messages.next().await else {
                self.source = None;
                continue;
            };
            if let Some(event) = read(message).await {
                return event;
            }
        }
    }

    async fn reconnect(&mut self) {
        if let Err(fault) = self.connect().await {
            tracing::debug!("a tap is interrupted: {fault}");
            sleep(PAUSE).await;
        }
    }
}

async fn set_up(
    connection: &Connection,
    names: &Names,
    topics: &[String],
) -> lapin::Result<Source> {
    let channel = connection.create_channel().await?;
    topology::declare(&channel, names).await?;
    let queue = topology::declare_tap(&channel, names, topics).await?;
    channel
        .basic_qos(PREFETCH, BasicQosOptions::default())
        .await?;
    let options = BasicConsumeOptions {
        exclusive: true,
        ..BasicConsumeOptions::default()
    };
    let messages = channel
        .basic_consume(queue, "".into(), options, FieldTable::default())
        .await?;
    Ok(Source {
        _channel: channel,
        messages,
    })
}

async fn read(message: Message) -> Option<Event> {
    if let Err(error) = message.ack(BasicAckOptions::default()).await {
        tracing::debug!("a tap could not acknowledge: {error}");
    }
    message::event(&message)
        .inspect_err(|error| tracing::debug!("a tap saw a message that is no event: {error}"))
        .ok()
}
