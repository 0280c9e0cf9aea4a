//! Forgets what is past its time, and tells the metrics how full the inbox is.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use shared_db::Db;
use shared_types::Clock;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    config::Config,
    deliveries::State,
    error::Error,
    store::{dedupe, deliveries, notifications, rejects},
};

const EVERY: Duration = Duration::from_mins(10);
const REJECT_DAYS: i64 = 7;
const KEPT_REJECTS: i64 = 10_000;

/// What is kept how long.
#[derive(Debug, Clone, Copy)]
struct Retention {
    bodies: TimeDelta,
    rest: TimeDelta,
}

/// Runs until `stop`.
pub(crate) async fn run(db: Db, clock: Arc<dyn Clock>, config: Config, stop: CancellationToken) {
    let retention = Retention {
        bodies: TimeDelta::days(config.body_retention_days.into()),
        rest: TimeDelta::days(config.retention_days.into()),
    };
    loop {
        if let Err(err) = tidy(&db, clock.now(), retention).await {
            warn!("Old deliveries could not be removed: {err}");
        }
        let pause = tokio::time::sleep(EVERY);
        if stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

async fn tidy(db: &Db, now: DateTime<Utc>, retention: Retention) -> Result<(), Error> {
    let dead = db
        .tx(move |conn| {
            dedupe::delete_expired(conn, now)?;
            deliveries::update_forget_bodies(conn, now - retention.bodies, &State::UNFINISHED)?;
            deliveries::delete_before(conn, now - retention.rest, &State::UNFINISHED)?;
            notifications::delete_before(conn, now - retention.rest)?;
            rejects::prune_rejects(conn, now - TimeDelta::days(REJECT_DAYS), KEPT_REJECTS)?;
            Ok::<_, Error>(deliveries::count_in_state(conn, State::Dead.as_str())?)
        })
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
    metrics::gauge!("medianest_webhook_dead_deliveries").set(dead as f64);
    Ok(())
}
