//! Runs a consumer's handlers: different subjects at the same time, one subject's events one after
//! the other. Everything happens inside the consumer's own future; nothing is left behind.

mod order;

use std::{sync::Arc, time::Duration};

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

use crate::{
    handling,
    lanes::order::{Lanes, Ticket},
};

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
                let already_back = self.lanes.take_back(&subject, id);
                if already_back.is_none() {
                    self.wait_for_return(subject, id);
                }
                already_back
            }
            Step::ReturnOverdue(subject, ticket) => self.lanes.stop_expecting(&subject, ticket),
        }
    }

    fn wait_for_return(&mut self, subject: String, id: EventId) {
        let ticket = self.lanes.expect_back(&subject, id);
        self.running.push(Box::pin(async move {
            sleep(RETURN_LIMIT).await;
            Step::ReturnOverdue(subject, ticket)
        }));
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
