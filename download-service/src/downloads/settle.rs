//! How the states of its items make up a download's own.

use chrono::{DateTime, Utc};
use shared_db::AnyConn;
use shared_types::{
    Clock,
    event::LibraryItemAdded,
    ids::{DownloadId, ItemId},
};
use tracing::info;

use crate::{
    error::Error,
    events,
    state::{DownloadState, Step},
    store::{DownloadRow, downloads as store, items},
};

/// Brings a download in line with its items. Call it after every change to them; it locks the download first.
pub(crate) fn settle(conn: &mut AnyConn, clock: &dyn Clock, id: DownloadId) -> Result<(), Error> {
    let now = clock.now();
    let row = store::lock(conn, id, now)?;
    let counts = Counts::of(&items::count_by_state(conn, id)?);
    store::update_counts(conn, id, counts.columns())?;
    if !row.state().is_open() || counts.running > 0 {
        return Ok(());
    }
    if counts.queued > 0 {
        return requeue(conn, id, &row);
    }
    if counts.done == 0 {
        return fail(conn, clock, &row, now);
    }
    if counts.failed > 0 {
        let message = format!(
            "{} of {} videos could not be downloaded; the list of videos says why.",
            counts.failed,
            counts.all()
        );
        store::update_error(conn, id, Some(("partial", &message)))?;
    } else {
        store::update_error(conn, id, None)?;
    }
    announce(conn, clock, &row, now)
}

fn requeue(conn: &mut AnyConn, id: DownloadId, row: &DownloadRow) -> Result<(), Error> {
    if let Some(after) = row.state().after(Step::Requeue) {
        store::update_state(conn, id, after)?;
    }
    Ok(())
}

fn fail(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let id = row.download_id();
    let Some(after) = row.state().after(Step::Fail) else {
        return Ok(());
    };
    let (class, message) = items::find_first_error(conn, id)?.unwrap_or_default();
    let class = class.unwrap_or_else(|| "unknown".to_owned());
    let message = message.unwrap_or_else(|| "The download failed.".to_owned());
    store::update_state(conn, id, after)?;
    store::update_error(conn, id, Some((&class, &message)))?;
    store::update_finished(conn, id, Some(now))?;
    Ok(events::failed(conn, clock, row, (&class, &message))?)
}

/// All files lie in their folder: Plex is told, or nobody needs to be.
fn announce(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let id = row.download_id();
    let files = items::list_with_file(conn, id)?;
    let (known, new): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|item| item.state() == DownloadState::InPlex);
    let step = if row.library_id.is_some() {
        Step::Import
    } else {
        Step::Finish
    };
    let Some(after) = row.state().after(step) else {
        return Ok(());
    };
    store::update_state(conn, id, after)?;
    store::update_finished(conn, id, Some(now))?;
    if new.is_empty() && !known.is_empty() {
        return reach_plex(conn, clock, row.download_id(), None);
    }
    info!(download.id = %id, "Download {id} lies in its folder");
    Ok(events::finished(conn, clock, row, &new)?)
}

/// Plex has an item for one of our files.
pub(crate) fn found_in_plex(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    fact: &LibraryItemAdded,
) -> Result<(), Error> {
    let Some(item) = fact.download_item_id else {
        return Ok(());
    };
    let Some(known) = items::find_item(conn, item)? else {
        return Ok(());
    };
    let id = known.download_id.into();
    store::lock(conn, id, clock.now())?;
    items::update_in_plex(conn, item, fact.item_id)?;
    reach_plex(conn, clock, id, fact.plex_url.as_deref())
}

/// Ends the import when Plex knows every file.
fn reach_plex(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    id: DownloadId,
    plex_url: Option<&str>,
) -> Result<(), Error> {
    let row = store::lock(conn, id, clock.now())?;
    if let (None, Some(url)) = (&row.plex_url, plex_url) {
        store::update_plex_url(conn, id, url)?;
    }
    let files = items::list_with_file(conn, id)?;
    let item_ids: Vec<ItemId> = files
        .iter()
        .filter_map(|item| item.plex_item_id)
        .map(Into::into)
        .collect();
    let Some(after) = row
        .state()
        .after(Step::ReachPlex)
        .filter(|_| item_ids.len() == files.len())
    else {
        return Ok(());
    };
    store::update_state(conn, id, after)?;
    let row = store::find_any(conn, id)?.unwrap_or(row);
    info!(download.id = %id, "Download {id} is in Plex");
    Ok(events::in_plex(conn, clock, &row, item_ids)?)
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    queued: i32,
    running: i32,
    done: i32,
    failed: i32,
    other: i32,
}

impl Counts {
    fn of(by_state: &[(DownloadState, i64)]) -> Self {
        use DownloadState as S;
        let mut counts = Self::default();
        for (state, count) in by_state {
            let count = i32::try_from(*count).unwrap_or(i32::MAX);
            match state {
                S::Queued => counts.queued += count,
                S::Probing | S::Downloading | S::Processing | S::Importing => {
                    counts.running += count;
                }
                S::Finished | S::InPlex => counts.done += count,
                S::Failed => counts.failed += count,
                S::Paused | S::Cancelled => counts.other += count,
            }
        }
        counts
    }

    const fn all(self) -> i32 {
        self.queued + self.running + self.done + self.failed + self.other
    }

    const fn columns(self) -> (i32, i32, i32) {
        (self.all(), self.done, self.failed)
    }
}
