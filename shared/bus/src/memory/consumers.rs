//! The consumers of the in-process bus, and how they are handed events.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use shared_types::{
    bus::{BusError, Outcome},
    event::Event,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    lanes::{Delivery, Settled},
    memory::lock,
    topics,
};

/// The durable consumers by name. A consumer that has stopped stays known, as its queue would at a
/// broker: until it is back, its events are not published.
#[derive(Default)]
pub(super) struct Consumers {
    groups: Mutex<BTreeMap<String, Group>>,
    next_replica: AtomicU64,
}

#[derive(Default)]
struct Group {
    topics: BTreeSet<String>,
    replicas: Vec<(u64, mpsc::UnboundedSender<Handed>)>,
}

impl Consumers {
    pub(super) fn names(&self) -> Vec<String> {
        lock(&self.groups).keys().cloned().collect()
    }

    pub(super) fn hand_out(&self, event: &Arc<Event>) -> Vec<Answer> {
        lock(&self.groups)
            .iter()
            .filter(|(_, group)| topics::any_matches(&group.topics, event.routing_key()))
            .map(|(consumer, group)| group.hand_out(consumer, event))
            .collect()
    }
}

impl Group {
    /// One subject stays with one replica, so that its events keep their order.
    fn hand_out(&self, consumer: &str, event: &Arc<Event>) -> Answer {
        let (done, outcome) = oneshot::channel();
        let handed = Handed {
            event: Arc::clone(event),
            done,
        };
        if !self.replicas.is_empty() {
            let mut hasher = DefaultHasher::new();
            event.subject.hash(&mut hasher);
            let replicas = u64::try_from(self.replicas.len()).unwrap_or(u64::MAX);
            let index = usize::try_from(hasher.finish() % replicas).unwrap_or_default();
            // A replica that is gone drops what it is given, and with it the sender of the answer.
            drop(self.replicas[index].1.send(handed));
        }
        Answer {
            consumer: consumer.to_owned(),
            outcome,
        }
    }
}

/// Keeps one call of `consume` registered while it runs.
pub(super) struct Replica {
    consumers: Arc<Consumers>,
    consumer: String,
    id: u64,
}

impl Replica {
    pub(super) fn register(
        consumers: &Arc<Consumers>,
        consumer: &str,
        topics: &[&str],
        sender: mpsc::UnboundedSender<Handed>,
    ) -> Self {
        let id = consumers.next_replica.fetch_add(1, Ordering::Relaxed);
        let mut groups = lock(&consumers.groups);
        let group = groups.entry(consumer.to_owned()).or_default();
        group
            .topics
            .extend(topics.iter().map(|&topic| topic.to_owned()));
        group.replicas.push((id, sender));
        drop(groups);
        Self {
            consumers: Arc::clone(consumers),
            consumer: consumer.to_owned(),
            id,
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Some(group) = lock(&self.consumers.groups).get_mut(&self.consumer) {
            group.replicas.retain(|(id, _)| *id != self.id);
        }
    }
}

/// An event on its way to a consumer.
pub(super) struct Handed {
    event: Arc<Event>,
    done: oneshot::Sender<Outcome>,
}

#[async_trait]
impl Delivery for Handed {
    fn event(&self) -> &Event {
        &self.event
    }

    /// A publisher that no longer waits will publish again.
    async fn settle(self, outcome: Outcome, _closing: &CancellationToken) -> Settled {
        drop(self.done.send(outcome));
        Settled::Gone
    }

    async fn give_back(self) {
        let outcome = Outcome::Retry {
            after: Duration::ZERO,
            reason: "it is stopping".to_owned(),
        };
        drop(self.done.send(outcome));
    }
}

/// What a publisher waits for, per consumer.
pub(super) struct Answer {
    consumer: String,
    outcome: oneshot::Receiver<Outcome>,
}

impl Answer {
    pub(super) async fn wait(self) -> Result<(), BusError> {
        let consumer = self.consumer;
        match self.outcome.await {
            Ok(Outcome::Done) => Ok(()),
            Ok(Outcome::Retry { reason, .. }) => Err(BusError::Unavailable(format!(
                "{consumer} asks again: {reason}"
            ))),
            Ok(Outcome::Dead { reason }) => Err(BusError::Rejected { consumer, reason }),
            Err(_stopped) => Err(BusError::Unavailable(format!("{consumer} is not running"))),
        }
    }
}
