//! The relay: carries events from the outbox to the bus, one task per service replica.

use std::{sync::Arc, time::Duration};

use shared_types::{
    Clock,
    bus::{Bus, BusError},
    event::Event,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    housekeeping::Housekeeping,
    queue::{self, Failure, FailureKind, Finished, Policy, Row, Run},
};
use crate::{Db, Error};

/// Subjects that are published at the same time.
const CONCURRENCY: usize = 16;

/// Publishes what is in the outbox until `stop`, then finishes what is in flight.
///
/// It is woken by every unit of work of this process that appended, and looks by itself every second for what other
/// replicas left behind. An event that the bus cannot take now is tried for ever; one that a consumer refuses 8 times
/// is kept as dead. Published events are forgotten after a day.
pub async fn relay(db: Db, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    Relay::new(db, bus, clock, Policy::default())
        .run(stop)
        .await;
}

pub(super) struct Relay {
    db: Db,
    clock: Arc<dyn Clock>,
    publisher: Arc<Publisher>,
    /// When to look for work without being woken.
    look_at: Instant,
    is_bus_down: bool,
}

struct Publisher {
    bus: Arc<dyn Bus>,
    policy: Policy,
    stop: CancellationToken,
}

type Tasks = JoinSet<Finished>;

impl Relay {
    pub(super) fn new(db: Db, bus: Arc<dyn Bus>, clock: Arc<dyn Clock>, policy: Policy) -> Self {
        let stop = CancellationToken::new();
        Self {
            db,
            clock,
            publisher: Arc::new(Publisher { bus, policy, stop }),
            look_at: Instant::now(),
            is_bus_down: false,
        }
    }

    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut tasks = Tasks::new();
        let mut housekeeping = Housekeeping::new(self.db.clone(), Arc::clone(&self.clock));
        while !stop.is_cancelled() {
            let has_room = tasks.len() < CONCURRENCY;
            if has_room && Instant::now() >= self.look_at {
                self.start(&mut tasks).await;
            }
            let has_room = tasks.len() < CONCURRENCY;
            tokio::select! {
                () = stop.cancelled() => {}
                Some(result) = tasks.join_next() => self.finish(result, &mut tasks).await,
                () = self.db.appended(), if has_room => self.look_at = Instant::now(),
                () = sleep_until(self.look_at), if has_room => {}
                () = housekeeping.due() => housekeeping.run().await,
            }
        }
        self.drain(tasks).await;
    }

    /// Claims as many subjects as there is room for and starts publishing them.
    async fn start(&mut self, tasks: &mut Tasks) {
        let room = CONCURRENCY - tasks.len();
        let claimed_at = Instant::now();
        self.look_at = claimed_at + self.publisher.policy.poll;
        let policy = self.publisher.policy.clone();
        let claimed = self.db.tx(move |conn| queue::claim(conn, room, &policy));
        let runs = match claimed.await {
            Ok(runs) => runs,
            Err(error) => return warn("could not read the outbox", &error),
        };
        for run in runs {
            let publisher = Arc::clone(&self.publisher);
            let task = async move { publisher.publish_run(run, claimed_at).await };
            tasks.spawn(task.in_current_span());
        }
    }

    /// Notes the result of a run, and of all others that ended meanwhile: one commit for all of them.
    async fn finish(&mut self, first: Result<Finished, JoinError>, tasks: &mut Tasks) {
        let mut finished = Vec::new();
        let mut next = Some(first);
        while let Some(result) = next {
            match result {
                Ok(run) => finished.push(run),
                // The lease ends by itself, and then the run is tried again.
                Err(error) => tracing::error!("publishing from the outbox panicked: {error}"),
            }
            next = tasks.try_join_next();
        }
        let wait = self.review(&finished);
        let policy = self.publisher.policy.clone();
        let now = self.clock.now();
        let settled = self.db.tx(move |conn| {
            let settle = |run| queue::settle(conn, run, &policy, now);
            finished.iter().try_for_each(settle)
        });
        if let Err(error) = settled.await {
            warn(
                "could not note what was published; it will be published again",
                &error,
            );
        }
        // Counted from here, so that a retry is due when it is looked for; SQLite's clock has milliseconds.
        let next = Instant::now() + wait + Duration::from_millis(2);
        self.look_at = self.look_at.min(next);
    }

    /// Decides how long to wait until looking again, and tells the log what an operator wants to know.
    fn review(&mut self, finished: &[Finished]) -> Duration {
        let policy = &self.publisher.policy;
        let mut wait = policy.poll;
        for run in finished {
            if !run.published.is_empty() {
                // There may be more behind these.
                wait = Duration::ZERO;
                if std::mem::take(&mut self.is_bus_down) {
                    tracing::info!("the event bus takes events again");
                }
            }
            let Some(failure) = &run.failure else {
                continue;
            };
            wait = wait.min(failure.delay(policy));
            failure.log(policy);
            if failure.kind == FailureKind::Unavailable
                && !std::mem::replace(&mut self.is_bus_down, true)
            {
                tracing::warn!(
                    error = failure.error,
                    "the event bus does not take events; they wait in the outbox"
                );
            }
        }
        wait
    }

    /// Lets what is in flight end: no new event is started, and the one that is has a time-out.
    async fn drain(&mut self, mut tasks: Tasks) {
        self.publisher.stop.cancel();
        while let Some(result) = tasks.join_next().await {
            self.finish(result, &mut tasks).await;
        }
    }
}

impl Publisher {
    /// Publishes the events of one subject in order, until one fails or the time is up.
    async fn publish_run(&self, run: Run, claimed_at: Instant) -> Finished {
        let mut finished = Finished {
            head: run.rows.first().map_or(0, |row| row.seq),
            lease: run.lease,
            published: Vec::with_capacity(run.rows.len()),
            failure: None,
        };
        for row in run.rows {
            if self.stop.is_cancelled() || claimed_at.elapsed() >= self.policy.run_time {
                break;
            }
            let seq = row.seq;
            match self.publish(row).await {
                Ok(()) => finished.published.push(seq),
                Err(failure) => {
                    finished.failure = Some(failure);
                    break;
                }
            }
        }
        finished
    }

    async fn publish(&self, row: Row) -> Result<(), Failure> {
        let (kind, error) = match row.payload.parse::<Event>() {
            Ok(event) => match self.send(&event).await {
                Ok(()) => return Ok(()),
                Err(BusError::Unavailable(reason)) => (FailureKind::Unavailable, reason),
                Err(error @ BusError::Rejected { .. }) => {
                    (FailureKind::Rejected, error.to_string())
                }
            },
            Err(error) => (FailureKind::Unreadable, chain(&error)),
        };
        Err(Failure { row, kind, error })
    }

    async fn send(&self, event: &Event) -> Result<(), BusError> {
        let limit = self.policy.publish_timeout;
        let span = tracing::debug_span!("outbox.publish", event.id = %event.id, event.kind);
        timeout(limit, self.bus.publish(event).instrument(span))
            .await
            .unwrap_or_else(|_elapsed| Err(unconfirmed(limit)))
    }
}

fn unconfirmed(limit: Duration) -> BusError {
    BusError::Unavailable(format!("no confirmation within {} s", limit.as_secs()))
}

impl Failure {
    fn log(&self, policy: &Policy) {
        let id = self.row.id;
        let error = &self.error;
        if self.is_final(policy) {
            tracing::error!(event.id = %id, error, "event {id} is dead: no attempt will publish it any more");
        } else {
            tracing::debug!(event.id = %id, error, "event {id} will be published later");
        }
    }
}

fn warn(what: &str, error: &Error) {
    tracing::warn!(error = chain(error), "{what}");
}

/// An error with all its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
