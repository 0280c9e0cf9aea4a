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

/// Tells one wait for a returning event from the next one for the same event.
type Ticket = u64;

enum Step {
    Settled(String, EventId, Settled),
    ReturnOverdue(String, Ticket),
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
                let ticket = self.lanes.expect_back(&subject, id);
                self.running.push(Box::pin(async move {
                    sleep(RETURN_LIMIT).await;
                    Step::ReturnOverdue(subject, ticket)
                }));
                None
            }
            Step::ReturnOverdue(subject, ticket) => self.lanes.stop_expecting(&subject, ticket),
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
struct Lanes<D> {
    by_subject: HashMap<String, Lane<D>>,
    last_ticket: Ticket,
}

struct Lane<D> {
    head: Head,
    waiting: VecDeque<D>,
}

#[derive(PartialEq)]
enum Head {
    Running,
    Expected(EventId, Ticket),
}

impl<D> Default for Lanes<D> {
    fn default() -> Self {
        Self {
            by_subject: HashMap::new(),
            last_ticket: 0,
        }
    }
}

impl<D: Delivery> Lanes<D> {
    /// Gives the delivery back if it may start at once.
    fn accept(&mut self, delivery: D) -> Option<D> {
        let event = delivery.event();
        let Some(lane) = self.by_subject.get_mut(&event.subject) else {
            let lane = Lane {
                head: Head::Running,
                waiting: VecDeque::new(),
            };
            self.by_subject.insert(event.subject.clone(), lane);
            return Some(delivery);
        };
        if matches!(lane.head, Head::Expected(id, _) if id == event.id) {
            lane.head = Head::Running;
            return Some(delivery);
        }
        lane.waiting.push_back(delivery);
        None
    }

    /// The head of the lane is over: the next one, if any, may start.
    fn free(&mut self, subject: &str) -> Option<D> {
        let lane = self.by_subject.get_mut(subject)?;
        let Some(next) = lane.waiting.pop_front() else {
            self.by_subject.remove(subject);
            return None;
        };
        lane.head = Head::Running;
        Some(next)
    }

    fn expect_back(&mut self, subject: &str, id: EventId) -> Ticket {
        self.last_ticket += 1;
        if let Some(lane) = self.by_subject.get_mut(subject) {
            lane.head = Head::Expected(id, self.last_ticket);
        }
        self.last_ticket
    }

    /// Gives the next one that may start, unless the wait is over anyway.
    fn stop_expecting(&mut self, subject: &str, ticket: Ticket) -> Option<D> {
        let lane = self.by_subject.get(subject)?;
        let is_expected = matches!(lane.head, Head::Expected(_, waiting) if waiting == ticket);
        is_expected.then(|| self.free(subject)).flatten()
    }

    fn take_waiting(&mut self) -> Vec<D> {
        let lanes = self.by_subject.values_mut();
        lanes.flat_map(|lane| lane.waiting.drain(..)).collect()
    }

    fn is_running(&self) -> bool {
        self.by_subject
            .values()
            .any(|lane| lane.head == Head::Running)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde_json::json;
    use shared_types::Clock;

    use super::*;

    #[derive(Debug)]
    struct Epoch;

    impl Clock for Epoch {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Plain(Event);

    #[async_trait]
    impl Delivery for Plain {
        fn event(&self) -> &Event {
            &self.0
        }

        async fn settle(self, _: Outcome, _: &CancellationToken) -> Settled {
            Settled::Gone
        }

        async fn give_back(self) {}
    }

    fn delivery(subject: &str) -> Plain {
        let kind = "medianest.step.done.v1";
        Plain(Event::of_kind(
            &Epoch,
            "test",
            kind,
            subject.to_owned(),
            &json!({}),
        ))
    }

    #[test]
    fn a_subject_waits_for_its_returning_event_and_not_for_others() {
        let mut lanes = Lanes::default();
        let (first, second, other) = (delivery("a"), delivery("a"), delivery("b"));
        assert_eq!(lanes.accept(first.clone()), Some(first.clone()));
        assert_eq!(lanes.accept(second.clone()), None);
        assert_eq!(lanes.accept(other.clone()), Some(other));

        lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.accept(first.clone()), Some(first));
        assert_eq!(lanes.free("a"), Some(second));
        assert_eq!(lanes.free("a"), None);
        assert_eq!(lanes.free("b"), None);
        assert!(lanes.by_subject.is_empty());
    }

    #[test]
    fn an_event_that_does_not_return_frees_its_subject() {
        let mut lanes = Lanes::default();
        let (first, second) = (delivery("a"), delivery("a"));
        lanes.accept(first.clone());
        lanes.accept(second.clone());

        let ticket = lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.stop_expecting("a", ticket), Some(second));
        assert_eq!(lanes.free("a"), None);
    }

    #[test]
    fn the_end_of_an_earlier_wait_does_not_end_the_current_one() {
        let mut lanes = Lanes::default();
        let (first, second) = (delivery("a"), delivery("a"));
        lanes.accept(first.clone());
        lanes.accept(second.clone());
        let earlier = lanes.expect_back("a", first.0.id);
        lanes.accept(first.clone());
        let current = lanes.expect_back("a", first.0.id);

        assert_eq!(lanes.stop_expecting("a", earlier), None);
        assert_eq!(lanes.stop_expecting("a", current), Some(second));
    }
}
