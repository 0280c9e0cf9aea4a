//! What the relay does besides: forget what is old, and measure.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use metrics::gauge;
use shared_types::Clock;
use tokio::time::{Instant, sleep_until};

use super::{OutboxDepth, depth_at, queue, relay::chain};
use crate::{AnyConn, Db, Error, idempotency, inbox};

const MEASURE_EVERY: Duration = Duration::from_secs(10);
const NEXT_BATCH: Duration = Duration::from_millis(200);
/// Rows in one transaction: small enough not to be felt by others.
const BATCH: i64 = 1_000;
const KEEP_PUBLISHED: TimeDelta = TimeDelta::days(1);
/// Longer than any broker keeps an event.
const KEEP_INBOX: TimeDelta = TimeDelta::days(30);
const KEEP_IDEMPOTENCY: TimeDelta = TimeDelta::days(1);

pub(super) struct Housekeeping {
    db: Db,
    clock: Arc<dyn Clock>,
    next: Instant,
}

impl Housekeeping {
    pub(super) fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        let next = Instant::now();
        Self { db, clock, next }
    }

    /// Waits until there is something to do.
    pub(super) async fn due(&self) {
        sleep_until(self.next).await;
    }

    pub(super) async fn run(&mut self) {
        self.next = Instant::now() + MEASURE_EVERY;
        let now = self.clock.now();
        let result = self.db.tx(move |conn| {
            let is_full_batch = forget(conn, now)?;
            Ok::<_, Error>((depth_at(conn, now)?, is_full_batch))
        });
        match result.await {
            Ok((depth, is_full_batch)) => {
                self.show(depth);
                if is_full_batch {
                    self.next = Instant::now() + NEXT_BATCH;
                }
            }
            Err(error) => tracing::warn!(error = chain(&error), "could not tidy the outbox"),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "gauges are floats; nobody counts 2^52 events"
    )]
    fn show(&self, depth: OutboxDepth) {
        let service = self.db.schema().to_owned();
        gauge!("medianest_outbox_pending", "service" => service.clone()).set(depth.pending as f64);
        gauge!("medianest_outbox_dead", "service" => service.clone()).set(depth.dead as f64);
        gauge!("medianest_outbox_oldest_seconds", "service" => service)
            .set(depth.oldest_age.unwrap_or_default().as_secs_f64());
    }
}

/// Tells whether there is more to forget.
fn forget(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<bool, Error> {
    let deleted = queue::delete_published(conn, now - KEEP_PUBLISHED, BATCH)?;
    inbox::delete_before(conn, now - KEEP_INBOX)?;
    idempotency::delete_before(conn, now - KEEP_IDEMPOTENCY)?;
    Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted == BATCH))
}
