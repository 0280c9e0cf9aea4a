//! Removes what crashes leave behind: directories of items that are over or gone, empty reservations, old usage.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio::time::interval;
use tracing::{info, warn};

use super::staging;
use crate::{
    app::AppState,
    state::DownloadState,
    store::{downloads, items, queue, usage},
};

const EVERY: Duration = Duration::from_mins(10);
/// Longer than the longest window of a quota.
const USAGE_KEPT: TimeDelta = TimeDelta::days(40);

/// Runs at start and every ten minutes until the service stops.
pub(super) async fn run(state: Arc<AppState>) {
    let stop = state.supervisor.stop_token();
    let mut ticks = interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _tick = ticks.tick() => {}
        }
        if let Err(err) = sweep(&state).await {
            warn!("Leftovers could not be removed: {err}");
        }
    }
}

async fn sweep(state: &AppState) -> Result<(), shared_db::Error> {
    let cutoff = state.clock.now() - USAGE_KEPT;
    let (folders, (queued, running)) = state
        .db
        .tx(move |conn| {
            usage::delete_before(conn, cutoff)?;
            Ok::<_, shared_db::Error>((downloads::list_folders(conn)?, queue::count_work(conn)?))
        })
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "a gauge")]
    {
        metrics::gauge!("medianest_download_items_queued").set(queued as f64);
        metrics::gauge!("medianest_download_items_running").set(running as f64);
    }
    let roots: Vec<PathBuf> = match &state.config.staging_dir {
        Some(dir) => vec![dir.clone()],
        None => folders
            .iter()
            .map(|folder| staging::root(None, folder.as_ref()))
            .collect(),
    };
    for root in roots {
        sweep_root(state, root).await?;
    }
    Ok(())
}

async fn sweep_root(state: &AppState, root: PathBuf) -> Result<(), shared_db::Error> {
    for item in staging::items(&root) {
        let found = state
            .db
            .run(move |conn| items::find_item(conn, item))
            .await?;
        let is_over = found.is_none_or(|item| {
            matches!(
                item.state(),
                DownloadState::Finished
                    | DownloadState::InPlex
                    | DownloadState::Failed
                    | DownloadState::Cancelled
            )
        });
        if is_over {
            match staging::remove(&root, item) {
                Ok(()) => info!("The leftover directory of item {item} was removed"),
                Err(err) => warn!("The directory of item {item} could not be removed: {err}"),
            }
        }
    }
    Ok(())
}
