//! The dispatcher: while a worker is free and the disk has room, it takes the next item in turn. Items whose worker has
//! gone silent count as waiting, so a crash anywhere is repaired here.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::{sync::Semaphore, time::timeout};
use tracing::{error, info, warn};

use super::item;
use crate::{
    app::AppState,
    library::free_bytes,
    store::{OpenAttempt, attempts, queue},
    ytdlp::{orphan, tools::Tools},
};

/// Other replicas' submissions, due retries and expired leases are found by looking.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// Runs until the service stops, then waits for its workers.
pub(super) async fn run(state: Arc<AppState>) {
    let stop = state.supervisor.stop_token();
    repair(&state).await;
    let slots = Arc::new(Semaphore::new(state.config.workers));
    loop {
        let slot = tokio::select! {
            () = stop.cancelled() => return,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        let Ok(slot) = slot else { return };
        let claimed = tokio::select! {
            () = stop.cancelled() => return,
            claimed = next(&state) => claimed,
        };
        let job = Arc::clone(&state);
        state.supervisor.spawn("download", async move {
            item::run(Arc::clone(&job), claimed).await;
            drop(slot);
            job.wake();
        });
    }
}

/// Waits for the next item.
async fn next(state: &AppState) -> queue::Claimed {
    loop {
        state.set_hold(hold_reason(state).await);
        let mut wait = LOOK_EVERY;
        if state.hold().is_none() {
            match claim(state).await {
                Ok(Some(claimed)) => return claimed,
                Ok(None) => {}
                Err(err) => {
                    error!("The download queue could not be read: {err}");
                    wait = AFTER_ERROR;
                }
            }
        }
        // Nobody called in time: look all the same.
        let _called = timeout(wait, state.woken()).await;
    }
}

async fn claim(state: &AppState) -> Result<Option<queue::Claimed>, shared_db::Error> {
    let worker = state.worker.clone();
    let lease = TimeDelta::seconds(i64::try_from(state.config.lease_seconds).unwrap_or(20));
    state
        .db
        .tx(move |conn| queue::claim_item(conn, &worker, lease))
        .await
}

/// Why nothing may be started: a program is missing, or the usual disk is nearly full.
async fn hold_reason(state: &AppState) -> Option<String> {
    if let Err(missing) = Tools::find(&state.config) {
        return Some(missing.join("; "));
    }
    let folder = match &state.config.staging_dir {
        Some(dir) => dir.clone(),
        None => state.catalog.usual_folder().await,
    };
    match free_bytes(&folder) {
        Ok(free) if free < state.config.min_free_bytes => Some(format!(
            "The disk is nearly full: {} MiB are free and {} MiB are kept free. Downloads go on by themselves when there is space again.",
            free / (1024 * 1024),
            state.config.min_free_bytes / (1024 * 1024),
        )),
        Ok(_) => None,
        Err(err) => {
            warn!(
                "The free space of `{}` is not known: {err}",
                folder.display()
            );
            None
        }
    }
}

/// What an earlier process of this machine left behind: its yt-dlp processes are ended, its items are free at once.
async fn repair(state: &AppState) {
    let open = state.db.run(|conn| attempts::list_open(conn, None)).await;
    let open = match open {
        Ok(open) => open,
        Err(err) => {
            error!(
                "Interrupted downloads could not be looked for; they are taken over when their lease ends: {err}"
            );
            return;
        }
    };
    let lost: Vec<_> = open
        .into_iter()
        .filter(|attempt| !orphan::may_be_alive(&attempt.worker))
        .collect();
    if lost.is_empty() {
        return;
    }
    info!("{} interrupted videos go on", lost.len());
    lost.iter().for_each(end_process);
    let released = state.db.tx(move |conn| {
        lost.iter()
            .try_for_each(|one| queue::release_lost(conn, one.fence))
    });
    if let Err(err) = released.await {
        error!(
            "Interrupted downloads could not be freed; they are taken over when their lease ends: {err}"
        );
    }
}

/// Ends the process of an attempt whose worker is gone, so that two never write the same files.
pub(super) fn end_process(attempt: &OpenAttempt) {
    let Some((pid, start)) = attempt
        .process
        .filter(|_| orphan::is_local(&attempt.worker))
    else {
        return;
    };
    match orphan::end_group(pid, start) {
        Ok(true) => info!("An orphaned process was ended: {pid}"),
        Ok(false) => {}
        Err(err) => warn!("The orphaned process {pid} could not be ended: {err}"),
    }
}
