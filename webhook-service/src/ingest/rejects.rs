//! Refused requests are noted for the operator, without letting whoever sends them fill the database or wait for it.

use std::{sync::Arc, time::Duration};

use shared_db::{Db, Id};
use shared_types::{
    Clock,
    ids::{EventId, SourceId},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::store::rejects::{self, RejectRow};

/// What waits to be written; more at once is only counted.
const QUEUE: usize = 256;
/// Gathers what comes within this time into one write.
const GATHER: Duration = Duration::from_millis(100);

/// Where refused requests are noted.
#[derive(Debug, Clone)]
pub(crate) struct Rejects {
    clock: Arc<dyn Clock>,
    queue: mpsc::Sender<RejectRow>,
}

impl Rejects {
    /// The notebook, and the task that writes it.
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, rows) = mpsc::channel(QUEUE);
        (Self { clock, queue }, write(db, rows, stop))
    }

    pub(super) fn note(
        &self,
        source: Option<SourceId>,
        reason: String,
        status: u16,
        address: Option<String>,
    ) {
        metrics::counter!("medianest_webhook_rejects_total", "status" => status.to_string())
            .increment(1);
        let row = RejectRow {
            // Any ordered unique id will do.
            id: Id::from(EventId::generate(&*self.clock)),
            source_id: source.map(Id::from),
            at: self.clock.now().into(),
            reason,
            status: status.into(),
            address,
        };
        // A full queue means a flood: the counter above tells of it.
        let _dropped = self.queue.try_send(row);
    }
}

async fn write(db: Db, mut queue: mpsc::Receiver<RejectRow>, stop: CancellationToken) {
    let mut rows = Vec::new();
    loop {
        let is_stopping = stop
            .run_until_cancelled(queue.recv_many(&mut rows, QUEUE))
            .await
            .is_none_or(|count| count == 0);
        if !is_stopping {
            let _stopped = stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
        }
        while let Ok(row) = queue.try_recv() {
            rows.push(row);
        }
        let batch = std::mem::take(&mut rows);
        if !batch.is_empty()
            && let Err(err) = db.tx(|conn| rejects::insert_rejects(conn, batch)).await
        {
            warn!("Refused requests could not be noted: {err}");
        }
        if is_stopping {
            return;
        }
    }
}
