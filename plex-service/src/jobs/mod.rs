//! Background loops: checks, syncs, hand-overs, search index, picture cache. Each wakes for work of this process at once
//! and looks for that of other replicas now and then.

mod check;
mod sync;

use std::{sync::Arc, time::Duration};

use shared_runtime::Supervisor;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{Error, app::AppState, handover, search};

/// How soon work of another replica is noticed.
const LOOK: Duration = Duration::from_secs(1);
const SWEEP_PICTURES: Duration = Duration::from_mins(1);

/// Wakes loops of this process.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    pub(crate) sync: Notify,
    pub(crate) handover: Notify,
    pub(crate) index: Notify,
}

/// Starts every loop.
pub(crate) fn start(state: &Arc<AppState>, supervisor: &Supervisor) {
    let stop = supervisor.stop_token();
    supervisor.spawn("check", check::run(Arc::clone(state), stop.clone()));
    let syncs = sync::run(Arc::clone(state), supervisor.clone());
    supervisor.spawn("sync", syncs);
    supervisor.spawn("handover", hand_over(Arc::clone(state), stop.clone()));
    supervisor.spawn("index", keep_index(Arc::clone(state), stop.clone()));
    supervisor.spawn("pictures", sweep_pictures(Arc::clone(state), stop));
}

/// Waits for a wake-up or the time; `false` when the process stops.
pub(super) async fn pause(wake: &Notify, time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = wake.notified() => true,
        () = tokio::time::sleep(time) => true,
    }
}

pub(super) fn report(what: &str, result: Result<(), Error>) {
    if let Err(err) = result {
        warn!("{what} failed and will be tried again: {err}");
    }
}

async fn hand_over(state: Arc<AppState>, stop: CancellationToken) {
    loop {
        // An attempt that is cut off runs again after its lease.
        tokio::select! {
            () = stop.cancelled() => return,
            done = handover::work(&state) => report("A hand-over", done),
        }
        let look = LOOK.min(state.config.handover_pause(0));
        if !pause(&state.wake.handover, look, &stop).await {
            return;
        }
    }
}

async fn keep_index(state: Arc<AppState>, stop: CancellationToken) {
    loop {
        report("Reading the search index", search::reload(&state).await);
        if !pause(&state.wake.index, 2 * LOOK, &stop).await {
            return;
        }
    }
}

async fn sweep_pictures(state: Arc<AppState>, stop: CancellationToken) {
    let never = Notify::new();
    loop {
        state.images.sweep().await;
        if !pause(&never, SWEEP_PICTURES, &stop).await {
            return;
        }
    }
}
