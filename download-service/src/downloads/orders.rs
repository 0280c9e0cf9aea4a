//! What people do to their downloads.

use std::path::Path;

use shared_db::AnyConn;
use shared_types::{
    Clock,
    ids::{DownloadId, UserId},
};

use super::settle;
use crate::{
    app::AppState,
    error::Error,
    events,
    library::remove_file_and_sidecars,
    state::{DownloadState, Step},
    store::{DownloadRow, ItemRow, downloads as store, items},
};

/// Something that a person does to a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Pause,
    Resume,
    Cancel,
    Retry,
}

impl Order {
    const fn step(self) -> Step {
        match self {
            Self::Pause => Step::Pause,
            Self::Resume => Step::Resume,
            Self::Cancel => Step::Cancel,
            Self::Retry => Step::Retry,
        }
    }

    const fn participle(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::Retry => "retried",
        }
    }

    /// Which items it concerns, and where they go.
    const fn items(self) -> (&'static [DownloadState], DownloadState) {
        use DownloadState as S;
        match self {
            Self::Pause => (
                &[S::Queued, S::Probing, S::Downloading, S::Processing],
                S::Paused,
            ),
            Self::Resume => (&[S::Paused], S::Queued),
            Self::Cancel => (
                &[
                    S::Queued,
                    S::Probing,
                    S::Downloading,
                    S::Processing,
                    S::Importing,
                    S::Paused,
                ],
                S::Cancelled,
            ),
            Self::Retry => (&[S::Failed, S::Cancelled], S::Queued),
        }
    }
}

/// Carries out an order of the owner, or of somebody who manages all downloads (`owner` is then `None`).
pub(crate) async fn order(
    state: &AppState,
    owner: Option<UserId>,
    id: DownloadId,
    order: Order,
) -> Result<DownloadRow, Error> {
    let clock = state.clock();
    let row = state
        .db
        .tx(move |conn| obey(conn, &*clock, owner, id, order))
        .await?;
    if matches!(order, Order::Pause | Order::Cancel) {
        state.running.halt(id);
    }
    state.wake();
    Ok(row)
}

fn obey(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    owner: Option<UserId>,
    id: DownloadId,
    order: Order,
) -> Result<DownloadRow, Error> {
    store::find_visible(conn, owner, id)?;
    let now = clock.now();
    let row = store::lock(conn, id, now)?;
    let wrong = Error::WrongState {
        state: row.state(),
        action: order.participle(),
    };
    let Some(after) = row.state().after(order.step()) else {
        return Err(wrong);
    };
    let (from, to) = order.items();
    let changed = items::update_all(conn, id, from, to)?;
    let reannounces = row.state() == DownloadState::Importing;
    if order == Order::Retry && changed == 0 && !reannounces {
        return Err(wrong);
    }
    store::update_state(conn, id, after)?;
    match order {
        Order::Cancel => {
            store::update_finished(conn, id, Some(now))?;
            events::cancelled(conn, clock, &row)?;
        }
        Order::Retry => {
            items::clear_errors(conn, id)?;
            store::update_error(conn, id, None)?;
            store::update_finished(conn, id, None)?;
        }
        Order::Pause | Order::Resume => {}
    }
    settle(conn, clock, id)?;
    Ok(store::find_any(conn, id)?.unwrap_or(row))
}

/// Forgets a download; with `files`, also removes what it brought.
pub(crate) async fn delete(
    state: &AppState,
    owner: Option<UserId>,
    id: DownloadId,
    files: bool,
) -> Result<(), Error> {
    let row = state
        .db
        .run(move |conn| store::find_visible(conn, owner, id))
        .await?;
    if row.state().after(Step::Cancel).is_some() {
        order(state, owner, id, Order::Cancel).await?;
    }
    if files {
        let found = state
            .db
            .run(move |conn| items::list_with_file(conn, id))
            .await;
        let found = found.map_err(Error::Db)?;
        remove_files(&row, found).await?;
    }
    state
        .db
        .tx(move |conn| store::delete_download(conn, id))
        .await
        .map_err(Error::Db)
}

async fn remove_files(row: &DownloadRow, found: Vec<ItemRow>) -> Result<(), Error> {
    let Some(target) = row.target() else {
        return Ok(());
    };
    let removed = tokio::task::spawn_blocking(move || {
        let paths = found
            .iter()
            .filter_map(|item| item.file_path.as_deref())
            .map(Path::new);
        // Only what lies in the download's own folder is ours to remove.
        let mut ours = paths.filter(|path| path.starts_with(&target.folder));
        ours.try_for_each(remove_file_and_sidecars)
    });
    removed.await.map_err(std::io::Error::other)??;
    Ok(())
}
