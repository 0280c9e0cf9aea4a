//! Group commit: deliveries that arrive while one transaction is being written share the next one, and its fsync.
//! When the database does not answer, the spool on disk takes over until it does.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use shared_db::Db;
use shared_types::Clock;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::Spool;
use crate::{
    deliveries::{self, NewDelivery, Stored},
    error::Error,
    store::sources,
};

/// Deliveries that may wait for the writer; more wait at the door.
const QUEUE: usize = 1024;
/// Most deliveries in one transaction.
const BATCH: usize = 256;
/// Deliveries that go from the spool to the database in one transaction.
const DRAIN_BATCH: usize = 64;
/// Pause between two tries to drain.
const DRAIN_PAUSE: Duration = Duration::from_millis(500);
/// A drain may wait for a slow database longer than a sender may.
const DRAIN_PATIENCE: Duration = Duration::from_secs(15);
/// Requests in flight may still be stored for this long after the stop.
const LAST_CALL: Duration = Duration::from_secs(28);

/// Where deliveries are handed in to become durable.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    delivery: NewDelivery,
    done: oneshot::Sender<Result<Stored, Error>>,
}

/// What writer and drain share.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spool: Spool,
    /// Wakes the processing.
    pub(crate) work: Arc<Notify>,
    /// After this, the spool takes over.
    pub(crate) patience: Duration,
}

impl Writer {
    /// The writer, and the task that writes. It ends when nobody can hand in any more.
    pub(crate) fn new(
        storage: Storage,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        (Self { queue }, write(storage, jobs, stop))
    }

    /// Returns when the delivery is durable.
    pub(super) async fn store(&self, delivery: NewDelivery) -> Result<Stored, Error> {
        let (done, outcome) = oneshot::channel();
        let job = Job { delivery, done };
        self.queue
            .send(job)
            .await
            .map_err(|_stopped| Error::NotStored)?;
        outcome.await.map_err(|_stopped| Error::NotStored)?
    }
}

async fn write(storage: Storage, mut queue: mpsc::Receiver<Job>, stop: CancellationToken) {
    let last_call = async {
        stop.cancelled().await;
        sleep(LAST_CALL).await;
    };
    tokio::pin!(last_call);
    let mut jobs = Vec::new();
    loop {
        let count = tokio::select! {
            count = queue.recv_many(&mut jobs, BATCH) => count,
            () = &mut last_call => 0,
        };
        if count == 0 {
            return;
        }
        storage.store(std::mem::take(&mut jobs)).await;
    }
}

impl Storage {
    async fn store(&self, jobs: Vec<Job>) {
        let (batch, answers): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| (job.delivery, job.done)).unzip();
        let batch: Arc<[NewDelivery]> = batch.into();
        let outcomes = match self.insert_in_time(&batch).await {
            Some(outcomes) => outcomes.into_iter().map(Ok).collect(),
            None => self.spool(&batch).await,
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // A sender that has gone away meanwhile needs no answer.
            let _gone = answer.send(outcome);
        }
    }

    /// `None`: the spool has to take it, because the database does not, or because older deliveries wait in the spool.
    async fn insert_in_time(&self, batch: &Arc<[NewDelivery]>) -> Option<Vec<Stored>> {
        if !self.spool.is_empty() {
            return None;
        }
        // Should the transaction succeed after all when this has given up, the drain finds its deliveries there.
        match timeout(self.patience, self.insert(Arc::clone(batch))).await {
            Ok(Ok(outcomes)) => {
                self.work.notify_one();
                return Some(outcomes);
            }
            Ok(Err(err)) => {
                warn!(
                    "The database does not take deliveries, they go to disk: {err}: {}",
                    cause(&err)
                );
            }
            Err(_elapsed) => warn!("The database takes too long, deliveries go to disk"),
        }
        None
    }

    async fn spool(&self, batch: &Arc<[NewDelivery]>) -> Vec<Result<Stored, Error>> {
        let spooled = self.spool.append(Arc::clone(batch)).await;
        if let Err(err) = &spooled {
            error!("Deliveries could not be stored on disk either and are refused: {err}");
        }
        let outcome = || match &spooled {
            Ok(()) => Ok(Stored::Accepted),
            Err(_io) => Err(Error::NotStored),
        };
        batch.iter().map(|_delivery| outcome()).collect()
    }

    async fn insert(&self, batch: Arc<[NewDelivery]>) -> Result<Vec<Stored>, Error> {
        let clock = Arc::clone(&self.clock);
        self.db
            .tx(move |conn| {
                let mut outcomes = Vec::with_capacity(batch.len());
                for delivery in &*batch {
                    outcomes.push(deliveries::record(conn, &*clock, delivery)?);
                }
                // In the same order everywhere, so that two replicas cannot wait for each other.
                let seen: BTreeSet<_> = batch.iter().map(|delivery| delivery.source_id).collect();
                for source in seen {
                    sources::update_last_seen(conn, source, clock.now())?;
                }
                Ok(outcomes)
            })
            .await
    }

    /// Moves what is in the spool to the database, in order, whenever that answers.
    pub(crate) async fn drain(self, stop: CancellationToken) {
        loop {
            let waited = stop
                .run_until_cancelled(async {
                    self.spool.filled().await;
                    sleep(DRAIN_PAUSE).await;
                })
                .await;
            if waited.is_none() {
                return;
            }
            while !self.spool.is_empty() && !stop.is_cancelled() {
                if !self.drain_some().await {
                    break;
                }
            }
        }
    }

    /// `false`: not now.
    async fn drain_some(&self) -> bool {
        let (batch, end) = match self.spool.peek(DRAIN_BATCH).await {
            Ok(peeked) => peeked,
            Err(err) => {
                error!("The spool of deliveries cannot be read: {err}");
                return false;
            }
        };
        let count = batch.len();
        let batch: Arc<[NewDelivery]> = batch.into();
        match timeout(DRAIN_PATIENCE, self.insert(Arc::clone(&batch))).await {
            Ok(Ok(_outcomes)) => {}
            Ok(Err(Error::Db(err))) if err.is_unavailable() || err.is_disk_full() => return false,
            Ok(Err(_cause)) => {
                if !self.drain_singly(&batch).await {
                    return false;
                }
            }
            Err(_elapsed) => return false,
        }
        if let Err(err) = self.spool.advance(end).await {
            error!("The spool of deliveries cannot be shortened: {err}");
            return false;
        }
        self.work.notify_one();
        info!("{count} deliveries went from disk to the database");
        true
    }

    /// One that the database will never take must not hold up the others.
    async fn drain_singly(&self, batch: &[NewDelivery]) -> bool {
        for delivery in batch {
            match self.insert(Arc::new([delivery.clone()])).await {
                Ok(_outcome) => {}
                Err(Error::Db(err)) if err.is_unavailable() || err.is_disk_full() => return false,
                Err(err) => {
                    error!(
                        "The delivery {} cannot be stored: {err}: {}",
                        delivery.id,
                        cause(&err)
                    );
                    if let Err(err) = self.spool.set_aside(delivery.clone()).await {
                        error!("The delivery {} cannot be set aside: {err}", delivery.id);
                        return false;
                    }
                }
            }
        }
        true
    }
}

fn cause(err: &Error) -> String {
    let mut text = String::new();
    let mut next = std::error::Error::source(err);
    while let Some(cause) = next {
        text.push_str(&cause.to_string());
        text.push_str("; ");
        next = cause.source();
    }
    text
}
