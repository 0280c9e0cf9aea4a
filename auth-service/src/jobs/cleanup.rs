//! Forgets what is of no use any more: sessions that ended long ago and Plex sign-ins that nobody finished.

use std::{sync::Arc, time::Duration};

use chrono::Duration as Days;
use shared_db::Db;
use shared_types::Clock;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::{
    error::Error,
    store::{plex::delete_pins_before, sessions::delete_ended_before},
};

const EVERY: Duration = Duration::from_hours(1);
/// An ended session can still be asked about (a late refresh token, an audit entry) for this many days.
const KEEP_DAYS: i64 = 30;

/// Runs until `stop`.
pub(crate) async fn run(db: Db, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match clean(&db, &*clock).await {
            Ok((sessions, pins)) => debug!("Forgot {sessions} sessions and {pins} Plex sign-ins"),
            Err(err) => {
                warn!("Old sessions could not be removed, the next try is in an hour: {err}");
            }
        }
    }
}

async fn clean(db: &Db, clock: &dyn Clock) -> Result<(usize, usize), Error> {
    let now = clock.now();
    db.tx(move |conn| {
        let sessions = delete_ended_before(conn, now - Days::days(KEEP_DAYS))?;
        Ok((sessions, delete_pins_before(conn, now)?))
    })
    .await
}
