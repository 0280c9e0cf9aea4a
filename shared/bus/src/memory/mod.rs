//! The bus of the embedded shape. There is no queue here: an event stays in its publisher's outbox
//! until every consumer is done with it.

mod consumers;

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_util::{
    StreamExt, future,
    stream::{self, BoxStream},
};
use shared_types::{
    bus::{Bus, BusError, Handler},
    event::Event,
    ids::EventId,
};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::{
    lanes,
    memory::consumers::{Answer, Consumers, Replica},
    topics,
};

/// How many events a slow tap may be behind before it loses the oldest.
const TAP_CAPACITY: usize = 1024;

/// How many published ids are remembered, so that taps see an event once however often its
/// publisher tries.
const RECENT_CAPACITY: usize = 1024;

pub(crate) struct MemoryBus {
    consumers: Arc<Consumers>,
    taps: broadcast::Sender<Arc<Event>>,
    recent: Mutex<Recent>,
}

impl MemoryBus {
    pub(crate) fn new() -> Self {
        Self {
            consumers: Arc::default(),
            taps: broadcast::Sender::new(TAP_CAPACITY),
            recent: Mutex::default(),
        }
    }

    /// Nobody listening is no error.
    fn tell_taps(&self, event: &Arc<Event>) {
        drop(self.taps.send(Arc::clone(event)));
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        let event = Arc::new(event.clone());
        if lock(&self.recent).is_new(event.id) {
            self.tell_taps(&event);
        }
        let answers = self.consumers.hand_out(&event);
        let answers = future::join_all(answers.into_iter().map(Answer::wait)).await;
        let result = verdict(answers);
        let outcome = if result.is_ok() { "ok" } else { "error" };
        metrics::counter!("medianest_bus_published_total", "outcome" => outcome).increment(1);
        result
    }

    async fn broadcast(&self, event: &Event) {
        self.tell_taps(&Arc::new(event.clone()));
    }

    async fn consume(
        &self,
        consumer: &str,
        topics: &[&str],
        handler: Arc<dyn Handler>,
        stop: CancellationToken,
    ) -> Result<(), BusError> {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let _replica = Replica::register(&self.consumers, consumer, topics, sender);
        let deliveries = stream::poll_fn(move |cx| receiver.poll_recv(cx)).boxed();
        lanes::run(consumer, deliveries, handler, &stop).await;
        Ok(())
    }

    async fn tap(&self, topics: &[&str]) -> Result<BoxStream<'static, Event>, BusError> {
        let topics: Vec<String> = topics.iter().map(|&topic| topic.to_owned()).collect();
        let events = stream::unfold(self.taps.subscribe(), next_event)
            .filter(move |event| future::ready(topics::any_matches(&topics, event.routing_key())));
        Ok(events.map(Arc::unwrap_or_clone).boxed())
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

impl fmt::Debug for MemoryBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let consumers = self.consumers.names();
        f.debug_struct("MemoryBus")
            .field("consumers", &consumers)
            .finish_non_exhaustive()
    }
}

async fn next_event(
    mut events: broadcast::Receiver<Arc<Event>>,
) -> Option<(Arc<Event>, broadcast::Receiver<Arc<Event>>)> {
    loop {
        match events.recv().await {
            Ok(event) => return Some((event, events)),
            Err(RecvError::Lagged(lost)) => {
                metrics::counter!("medianest_bus_tap_lost_total").increment(lost);
                tracing::debug!("a tap was too slow and lost {lost} events");
            }
            Err(RecvError::Closed) => return None,
        }
    }
}

/// A retry outranks a rejection: the event must come again for the consumer that wants it.
fn verdict(answers: Vec<Result<(), BusError>>) -> Result<(), BusError> {
    let mut rejected = Ok(());
    for answer in answers {
        match answer {
            Ok(()) => {}
            Err(BusError::Unavailable(reason)) => return Err(BusError::Unavailable(reason)),
            Err(error) => rejected = Err(error),
        }
    }
    rejected
}

/// The last ids that went to the taps.
#[derive(Default)]
struct Recent {
    ids: HashSet<EventId>,
    order: VecDeque<EventId>,
}

impl Recent {
    fn is_new(&mut self, id: EventId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > RECENT_CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
