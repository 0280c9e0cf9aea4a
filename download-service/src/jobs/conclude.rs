//! The end of an attempt: the item is done, fails, or goes back to the queue; its directory is kept for the next attempt or removed.

use chrono::TimeDelta;
use shared_db::dialect;
use shared_types::ids::EventId;
use tracing::{info, warn};

use super::{
    item::{Done, Job, Stop},
    staging,
};
use crate::{
    downloads,
    error::Error,
    state::DownloadState,
    store::{
        attempts::{self, Ending},
        downloads as store,
        items::{self, Requeue},
        usage::{self, Kind},
    },
    ytdlp::Failure,
};

/// Our own trouble is tried again after this.
const AFTER_TROUBLE: TimeDelta = TimeDelta::seconds(5);

/// Ends an attempt.
pub(super) async fn conclude(job: &Job, outcome: Result<Done, Stop>) {
    let (outcome, class) = match &outcome {
        Ok(_) => ("succeeded", None),
        Err(Stop::Failed(failure)) => {
            job.note(&failure.message());
            (on_failure(job, failure).await, Some(failure.class.name))
        }
        Err(Stop::Interrupted) => (give_back(job, TimeDelta::zero()).await, None),
        Err(Stop::Broken(err)) => {
            warn!("An attempt broke and is tried again: {err}");
            (give_back(job, AFTER_TROUBLE).await, None)
        }
        Err(Stop::Fenced) => ("fenced", None),
    };
    metrics::counter!("medianest_download_attempts_total", "outcome" => outcome, "class" => class.unwrap_or("none"))
        .increment(1);
    if let Err(err) = record(job, outcome, class).await {
        warn!("The end of an attempt could not be recorded: {err}");
    }
    clean_up(job).await;
}

/// Fails the item, or lets it wait for the next attempt.
async fn on_failure(job: &Job, failure: &Failure) -> &'static str {
    let wait = failure.retry_after(job.item.retries);
    let counts = matches!(failure.class.retry, crate::ytdlp::Retry::Times(..));
    info!(
        error.class = failure.class.name,
        "An attempt at item {} failed: {}",
        job.item.id,
        failure.message()
    );
    let result = match wait {
        Some(wait) => {
            let wait = TimeDelta::from_std(wait).unwrap_or(AFTER_TROUBLE);
            requeue(job, wait, counts, Some(failure.clone()))
                .await
                .map(|()| "retried")
        }
        None => fail(job, failure.clone()).await.map(|()| "failed"),
    };
    written(result)
}

async fn give_back(job: &Job, wait: TimeDelta) -> &'static str {
    written(
        requeue(job, wait, false, None)
            .await
            .map(|()| "interrupted"),
    )
}

fn written(result: Result<&'static str, Error>) -> &'static str {
    match result {
        Ok(outcome) => outcome,
        Err(Error::Fenced | Error::NotFound) => "fenced",
        Err(err) => {
            warn!(
                "The end of an attempt could not be written; it is taken over when its lease ends: {err}"
            );
            "broken"
        }
    }
}

async fn requeue(
    job: &Job,
    wait: TimeDelta,
    counts: bool,
    failure: Option<Failure>,
) -> Result<(), Error> {
    let (fence, id) = (job.fence, job.item.download_id.into());
    let clock = job.state.clock();
    let requeued = job.state.db.tx(move |conn| {
        let row = store::lock(conn, id, clock.now())?;
        let not_before = dialect::now(conn)? + wait;
        let requeue = Requeue {
            not_before,
            counts,
            failure: failure.as_ref(),
        };
        items::requeue_item(conn, fence, &requeue)?;
        // The owner of a single video sees at the download why it waits.
        if let (Some(failure), true) = (&failure, row.item_count <= 1) {
            store::update_error(conn, id, Some((failure.class.name, &failure.message())))?;
        }
        downloads::settle(conn, &*clock, id)
    });
    requeued.await
}

async fn fail(job: &Job, failure: Failure) -> Result<(), Error> {
    let (fence, id) = (job.fence, job.item.download_id.into());
    let clock = job.state.clock();
    let failed = job.state.db.tx(move |conn| {
        store::lock(conn, id, clock.now())?;
        items::fail_item(conn, fence, &failure, clock.now())?;
        downloads::settle(conn, &*clock, id)
    });
    failed.await
}

/// The attempt's end, its log, and the bytes that came in.
async fn record(
    job: &Job,
    outcome: &'static str,
    class: Option<&'static str>,
) -> Result<(), shared_db::Error> {
    let log = job
        .log
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .clone();
    let ending = Ending {
        outcome,
        error_class: class,
        log,
    };
    let (fence, user) = (job.fence, job.item.user_id.into());
    let (clock, bytes) = (job.state.clock(), job.pass.meter.received_bytes());
    let recorded = job.state.db.tx(move |conn| {
        let now = clock.now();
        attempts::end_attempt(conn, fence, &ending, now)?;
        if bytes > 0 {
            usage::insert_usage(
                conn,
                EventId::generate(&*clock),
                user,
                (Kind::Bytes, bytes),
                now,
            )?;
        }
        Ok(())
    });
    recorded.await
}

/// Part files stay while the item may go on; otherwise its directory goes.
async fn clean_up(job: &Job) {
    let (Some(root), item) = (job.staging.get(), job.fence.item) else {
        return;
    };
    let Ok(found) = job
        .state
        .db
        .run(move |conn| items::find_item(conn, item))
        .await
    else {
        return;
    };
    let goes_on = found.is_some_and(|item| {
        item.state().is_open()
            || matches!(
                item.state(),
                DownloadState::Paused | DownloadState::Importing
            )
    });
    if goes_on {
        return;
    }
    if let Err(err) = staging::remove(root, item) {
        warn!("The directory of item {item} could not be removed: {err}");
    }
}
