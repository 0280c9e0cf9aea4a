//! Takes deliveries from the work list and processes them, here and in every other replica.

use std::{sync::Arc, time::Duration};

use shared_db::Db;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    process::Processor,
    store::{deliveries::DeliveryRow, work},
};

/// Taken at once; small enough to be done long before the lease ends.
const BATCH: i64 = 32;
/// Without a wake-up (a retry is due, another replica stored something) the list is looked at this often.
const SCAN: Duration = Duration::from_secs(1);

/// Runs until `stop`.
pub(crate) async fn run(processor: Processor, work: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let claimed = match processor.db.tx(|conn| work::claim_due(conn, BATCH)).await {
            Ok(claimed) => claimed,
            Err(err) => {
                warn!("Deliveries could not be taken up: {err}");
                Vec::new()
            }
        };
        if claimed.is_empty() {
            let woken = timeout(SCAN, work.notified());
            // Woken or not, the list is looked at.
            let _woken = stop.run_until_cancelled(woken).await;
            continue;
        }
        for row in claimed {
            if stop.is_cancelled() {
                put_back(&processor.db, row).await;
            } else {
                processor.process(row).await;
            }
        }
    }
}

/// So that the next process need not wait for the lease to end.
async fn put_back(db: &Db, row: DeliveryRow) {
    let (id, lease) = (row.id, row.lease_until);
    if let Err(err) = db.tx(move |conn| work::release(conn, id, lease)).await {
        warn!("The delivery {id} could not be put back: {err}");
    }
}
