//! Runs a consumer's handlers: different subjects at the same time, one subject's events one after
//! the other. Everything happens inside the consumer's own future; nothing is left behind.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{BoxStream, FuturesUnordered},
};
use shared_types::{
    bus::{Handler, Outcome},
    event::Event,
    ids::EventId,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::handling;

/// How long handlers may go on after the consumer was asked to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// How long later events of a subject wait for one that was handed back. The broker delivers it
/// at once, unless another replica gets it.
const RETURN_LIMIT: Duration = Duration::from_secs(2);

/// An event in our hands, until its sender is told what became of it.
#[async_trait]
pub(crate) trait Delivery: Sized + Send + Sync + 'static {
    fn event(&self) -> &Event;

    /// Tells the sender. May wait before it asks for a retry, but not once `closing` is set.
    async fn settle(self, outcome: Outcome, closing: &CancellationToken) -> Settled;

    /// Returns it unhandled.
    async fn give_back(self);
}

/// What to expect after an event was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// This event is over.
    Gone,
    /// It will be delivered again soon, before later ones of its subject.
    Returns,
}

enum Step {
    Settled(String, EventId, Settled),
    ReturnOverdue(String, EventId),
}

/// Feeds the handler until the deliveries end or `stop`, then lets running handlers finish.
pub(crate) async fn run<D: Delivery>(
    consumer: &str,
    mut deliveries: BoxStream<'_, D>,
    handler: Arc<dyn Handler>,
    stop: &CancellationToken,
) {
    let mut crew = Crew {
        consumer: consumer.into(),
        handler,
        closing: stop.child_token(),
        lanes: Lanes::default(),
        running: FuturesUnordered::new(),
    };
    crew.work(&mut deliveries, stop).await;
    drop(deliveries);
    crew.finish().await;
}

struct Crew<D> {
    consumer: Arc<str>,
    handler: Arc<dyn Handler>,
    closing: CancellationToken,
    lanes: Lanes<D>,
    running: FuturesUnordered<BoxFuture<'static, Step>>,
}

impl<D: Delivery> Crew<D> {
    async fn work(
        &mut self,
        deliveries: &mut (impl Stream<Item = D> + Unpin),
        stop: &CancellationToken,
    ) {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                Some(step) = self.running.next() => self.after(step),
                delivery = deliveries.next() => match delivery {
                    Some(delivery) => self.lanes.accept(delivery),
                    None => return,
                },
            };
            if let Some(delivery) = next {
                self.start(delivery);
            }
        }
    }

    fn after(&mut self, step: Step) -> Option<D> {
        match step {
            Step::Settled(subject, _, Settled::Gone) => self.lanes.free(&subject),
            Step::Settled(subject, id, Settled::Returns) => {
                self.lanes.expect_back(&subject, id);
                self.running.push(Box::pin(async move {
                    sleep(RETURN_LIMIT).await;
                    Step::ReturnOverdue(subject, id)
                }));
                None
            }
            Step::ReturnOverdue(subject, id) => self.lanes.stop_expecting(&subject, id),
        }
    }

    fn start(&mut self, delivery: D) {
        let consumer = Arc::clone(&self.consumer);
        let handler = Arc::clone(&self.handler);
        let closing = self.closing.clone();
        self.running.push(Box::pin(async move {
            let subject = delivery.event().subject.clone();
            let id = delivery.event().id;
            let outcome = handling::handle(&consumer, &*handler, delivery.event()).await;
            let settled = delivery.settle(outcome, &closing).await;
            Step::Settled(subject, id, settled)
        }));
    }

    async fn finish(mut self) {
        self.closing.cancel();
        for delivery in self.lanes.take_waiting() {
            delivery.give_back().await;
        }
        let drained = timeout(DRAIN_LIMIT, async {
            while self.lanes.is_running() {
                match self.running.next().await {
                    Some(Step::Settled(subject, ..)) => drop(self.lanes.free(&subject)),
                    Some(Step::ReturnOverdue(..)) => {}
                    None => return,
                }
            }
        });
        if drained.await.is_err() {
            let consumer = &self.consumer;
            tracing::warn!("{consumer} left handlers unfinished; their events come again");
        }
    }
}

/// The subjects in work. A lane without work does not exist.
struct Lanes<D>(HashMap<String, Lane<D>>);

struct Lane<D> {
    head: Head,
    waiting: VecDeque<D>,
}

#[derive(PartialEq)]
enum Head {
    Running,
    Expected(EventId),
}

impl<D> Default for Lanes<D> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<D: Delivery> Lanes<D> {
    /// Gives the delivery back if it may start at once.
    fn accept(&mut self, delivery: D) -> Option<D> {
        let event = delivery.event();
        let Some(lane) = self.0.get_mut(&event.subject) else {
            let lane = Lane {
                head: Head::Running,
                waiting: VecDeque::new(),
            };
            self.0.insert(event.subject.clone(), lane);
            return Some(delivery);
        };
        if lane.head == Head::Expected(event.id) {
            lane.head = Head::Running;
            return Some(delivery);
        }
        lane.waiting.push_back(delivery);
        None
    }

    /// The head of the lane is over: the next one, if any, may start.
    fn free(&mut self, subject: &str) -> Option<D> {
        let lane = self.0.get_mut(subject)?;
        let Some(next) = lane.waiting.pop_front() else {
            self.0.remove(subject);
            return None;
        };
        lane.head = Head::Running;
        Some(next)
    }

    fn expect_back(&mut self, subject: &str, id: EventId) {
        if let Some(lane) = self.0.get_mut(subject) {
            lane.head = Head::Expected(id);
        }
    }

    fn stop_expecting(&mut self, subject: &str, id: EventId) -> Option<D> {
        let is_expected = self.0.get(subject)?.head == Head::Expected(id);
        is_expected.then(|| self.free(subject)).flatten()
    }

    fn take_waiting(&mut self) -> Vec<D> {
        let lanes = self.0.values_mut();
        lanes.flat_map(|lane| lane.waiting.drain(..)).collect()
    }

    fn is_running(&self) -> bool {
        self.0.values().any(|lane| lane.head == Head::Running)
    }
}
