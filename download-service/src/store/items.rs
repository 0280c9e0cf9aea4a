//! The table `download_items`. Every write of a worker names its attempt and fails when that is no longer the current one.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, Selectable, SelectableHelper, delete, dsl::count_star, insert_into, update,
};
use shared_db::{AnyConn, Error as DbError, Id, Json, Ts, on_db};
use shared_types::{
    event::Progress,
    ids::{DownloadId, DownloadItemId, ItemId, UserId},
};

use super::schema::download_items as items;
use crate::{error::Error, state::DownloadState, ytdlp::Failure};

/// Rows of one insert: SQLite takes 32,766 values in a statement.
const INSERT_BATCH: usize = 500;

/// One video as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = items)]
pub(crate) struct ItemRow {
    pub(crate) id: Id,
    pub(crate) download_id: Id,
    pub(crate) user_id: Id,
    pub(crate) position: i32,
    pub(crate) priority: i32,
    pub(crate) url: String,
    pub(crate) needs_probe: bool,
    pub(crate) title: Option<String>,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) state: String,
    pub(crate) attempt: i32,
    pub(crate) retries: i32,
    pub(crate) next_attempt_at: Option<Ts>,
    pub(crate) lease_until: Option<Ts>,
    pub(crate) progress: Option<Json>,
    pub(crate) error_class: Option<String>,
    pub(crate) error_message: Option<String>,
    pub(crate) file_path: Option<String>,
    pub(crate) size_bytes: Option<i64>,
    pub(crate) plex_item_id: Option<Id>,
    pub(crate) created_at: Ts,
    pub(crate) started_at: Option<Ts>,
    pub(crate) finished_at: Option<Ts>,
}

impl ItemRow {
    /// Its id.
    pub(crate) fn item_id(&self) -> DownloadItemId {
        self.id.into()
    }

    /// The state; a row of a newer version counts as failed.
    pub(crate) fn state(&self) -> DownloadState {
        self.state.parse().unwrap_or(DownloadState::Failed)
    }

    /// A fresh item that waits for a worker.
    pub(crate) fn queued(
        id: DownloadItemId,
        download: &super::DownloadRow,
        position: i32,
        url: String,
    ) -> Self {
        Self {
            id: id.into(),
            download_id: download.id,
            user_id: download.user_id,
            position,
            priority: download.priority,
            url,
            needs_probe: true,
            title: None,
            duration_seconds: None,
            state: DownloadState::Queued.as_str().to_owned(),
            attempt: 0,
            retries: 0,
            next_attempt_at: None,
            lease_until: None,
            progress: None,
            error_class: None,
            error_message: None,
            file_path: None,
            size_bytes: None,
            plex_item_id: None,
            created_at: download.created_at,
            started_at: None,
            finished_at: None,
        }
    }
}

/// Names a worker's hold on an item: void as soon as somebody else claims it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fence {
    pub(crate) item: DownloadItemId,
    pub(crate) attempt: i32,
}

/// The rows that a fence still covers.
macro_rules! fenced {
    ($fence:expr) => {
        items::table.filter(
            items::id
                .eq(Id::from($fence.item))
                .and(items::attempt.eq($fence.attempt))
                .and(items::lease_until.is_not_null()),
        )
    };
}

fn held(changed: usize) -> Result<(), Error> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::Fenced)
    }
}

/// Stores new items.
pub(crate) fn insert_items(conn: &mut AnyConn, rows: &[ItemRow]) -> Result<(), DbError> {
    for batch in rows.chunks(INSERT_BATCH) {
        on_db!(conn, c => insert_into(items::table).values(batch).execute(c))?;
    }
    Ok(())
}

/// One item.
pub(crate) fn find_item(
    conn: &mut AnyConn,
    id: DownloadItemId,
) -> Result<Option<ItemRow>, DbError> {
    Ok(on_db!(conn, c => items::table
        .find(Id::from(id))
        .select(ItemRow::as_select())
        .first(c)
        .optional())?)
}

/// Items of a download in their order, after `after`; one row more than `limit`.
pub(crate) fn list_items(
    conn: &mut AnyConn,
    download: DownloadId,
    after: Option<(i32, Id)>,
    limit: usize,
) -> Result<Vec<ItemRow>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    Ok(on_db!(conn, c => {
        let mut query = items::table
            .filter(items::download_id.eq(Id::from(download)))
            .select(ItemRow::as_select())
            .into_boxed();
        if let Some((position, id)) = after {
            query = query.filter(
                items::position.gt(position).or(items::position.eq(position).and(items::id.gt(id))),
            );
        }
        query.order((items::position, items::id)).limit(limit).load(c)
    })?)
}

/// All items of a download that lie in the folder, in their order.
pub(crate) fn list_with_file(
    conn: &mut AnyConn,
    download: DownloadId,
) -> Result<Vec<ItemRow>, DbError> {
    Ok(on_db!(conn, c => items::table
        .filter(items::download_id.eq(Id::from(download)).and(items::file_path.is_not_null()))
        .select(ItemRow::as_select())
        .order((items::position, items::id))
        .load(c))?)
}

/// How many items of a download are in each state.
pub(crate) fn count_by_state(
    conn: &mut AnyConn,
    download: DownloadId,
) -> Result<Vec<(DownloadState, i64)>, DbError> {
    let counts: Vec<(String, i64)> = on_db!(conn, c => items::table
        .filter(items::download_id.eq(Id::from(download)))
        .group_by(items::state)
        .select((items::state, count_star()))
        .load(c))?;
    Ok(counts
        .into_iter()
        .map(|(state, count)| (state.parse().unwrap_or(DownloadState::Failed), count))
        .collect())
}

/// An error as it is stored.
pub(crate) type ClassAndMessage = (Option<String>, Option<String>);

/// The error of the first failed item.
pub(crate) fn find_first_error(
    conn: &mut AnyConn,
    download: DownloadId,
) -> Result<Option<ClassAndMessage>, DbError> {
    Ok(on_db!(conn, c => items::table
        .filter(items::download_id.eq(Id::from(download)).and(items::state.eq(DownloadState::Failed.as_str())))
        .order((items::position, items::id))
        .select((items::error_class, items::error_message))
        .first(c)
        .optional())?)
}

/// Bytes of a person's files in the libraries.
pub(crate) fn sum_stored_bytes(conn: &mut AnyConn, user: UserId) -> Result<i64, DbError> {
    let rows: Vec<Option<i64>> = on_db!(conn, c => items::table
        .filter(items::user_id.eq(Id::from(user)).and(items::file_path.is_not_null()))
        .select(items::size_bytes)
        .load(c))?;
    Ok(rows.into_iter().flatten().sum())
}

/// Extends the lease.
pub(crate) fn update_lease(
    conn: &mut AnyConn,
    fence: Fence,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set(items::lease_until.eq(Ts::from(until)))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// Moves an item that is being worked on to another state.
pub(crate) fn update_stage(
    conn: &mut AnyConn,
    fence: Fence,
    state: DownloadState,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set(items::state.eq(state.as_str()))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// Notes how far an item is.
pub(crate) fn update_progress(
    conn: &mut AnyConn,
    fence: Fence,
    progress: &Progress,
) -> Result<(), Error> {
    let progress = Json::of(progress)?;
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set(items::progress.eq(progress))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// Notes that the item is one video and what it is called.
pub(crate) fn update_identified(
    conn: &mut AnyConn,
    fence: Fence,
    title: Option<&str>,
    duration_seconds: Option<f64>,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set((
            items::needs_probe.eq(false),
            items::title.eq(title),
            items::duration_seconds.eq(duration_seconds),
        ))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// Notes where the file is about to be.
pub(crate) fn update_place(
    conn: &mut AnyConn,
    fence: Fence,
    path: &str,
    size_bytes: i64,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set((
            items::state.eq(DownloadState::Importing.as_str()),
            items::file_path.eq(path),
            items::size_bytes.eq(size_bytes),
        ))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// The file is in its folder: the worker lets go.
pub(crate) fn finish_item(
    conn: &mut AnyConn,
    fence: Fence,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set((
            items::state.eq(DownloadState::Finished.as_str()),
            items::finished_at.eq(Ts::from(now)),
            items::lease_until.eq(None::<Ts>),
            items::progress.eq(None::<Json>),
            items::error_class.eq(None::<String>),
            items::error_message.eq(None::<String>),
        ))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// The item cannot succeed: the worker lets go.
pub(crate) fn fail_item(
    conn: &mut AnyConn,
    fence: Fence,
    failure: &Failure,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set((
            items::state.eq(DownloadState::Failed.as_str()),
            items::finished_at.eq(Ts::from(now)),
            items::lease_until.eq(None::<Ts>),
            items::file_path.eq(None::<String>),
            items::progress.eq(None::<Json>),
            items::error_class.eq(failure.class.name),
            items::error_message.eq(failure.message()),
        ))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// When and why an item is tried again.
#[derive(Debug, Clone)]
pub(crate) struct Requeue<'a> {
    /// Not before.
    pub(crate) not_before: DateTime<Utc>,
    /// Whether it counts as a retry.
    pub(crate) counts: bool,
    /// Why, when there is a reason to show.
    pub(crate) failure: Option<&'a Failure>,
}

/// The item goes back to the queue: the worker lets go.
pub(crate) fn requeue_item(
    conn: &mut AnyConn,
    fence: Fence,
    requeue: &Requeue<'_>,
) -> Result<(), Error> {
    let failure = requeue.failure;
    let changed = on_db!(conn, c => update(fenced!(fence))
        .set((
            items::state.eq(DownloadState::Queued.as_str()),
            items::retries.eq(items::retries + i32::from(requeue.counts)),
            items::next_attempt_at.eq(Ts::from(requeue.not_before)),
            items::lease_until.eq(None::<Ts>),
            items::progress.eq(None::<Json>),
            items::error_class.eq(failure.map(|failure| failure.class.name)),
            items::error_message.eq(failure.map(Failure::message)),
        ))
        .execute(c))
    .map_err(DbError::from)?;
    held(changed)
}

/// A person's decision about a whole download: its items in one of `from` go to `to`, and whoever works on them is fenced off.
pub(crate) fn update_all(
    conn: &mut AnyConn,
    download: DownloadId,
    from: &[DownloadState],
    to: DownloadState,
) -> Result<usize, DbError> {
    let from: Vec<_> = from.iter().map(|state| state.as_str()).collect();
    let affected = items::table.filter(
        items::download_id
            .eq(Id::from(download))
            .and(items::state.eq_any(from)),
    );
    Ok(on_db!(conn, c => update(affected)
        .set((
            items::state.eq(to.as_str()),
            items::attempt.eq(items::attempt + 1),
            items::retries.eq(0),
            items::next_attempt_at.eq(None::<Ts>),
            items::lease_until.eq(None::<Ts>),
            items::progress.eq(None::<Json>),
        ))
        .execute(c))?)
}

/// Takes the errors of items away that are tried again.
pub(crate) fn clear_errors(conn: &mut AnyConn, download: DownloadId) -> Result<(), DbError> {
    let queued = items::table.filter(
        items::download_id
            .eq(Id::from(download))
            .and(items::state.eq(DownloadState::Queued.as_str())),
    );
    on_db!(conn, c => update(queued)
        .set((items::error_class.eq(None::<String>), items::error_message.eq(None::<String>)))
        .execute(c))?;
    Ok(())
}

/// Plex knows the file of an item.
pub(crate) fn update_in_plex(
    conn: &mut AnyConn,
    id: DownloadItemId,
    plex_item: ItemId,
) -> Result<usize, DbError> {
    let finished = items::table.filter(
        items::id
            .eq(Id::from(id))
            .and(items::state.eq(DownloadState::Finished.as_str())),
    );
    Ok(on_db!(conn, c => update(finished)
        .set((
            items::state.eq(DownloadState::InPlex.as_str()),
            items::plex_item_id.eq(Id::from(plex_item)),
        ))
        .execute(c))?)
}

/// Forgets one item: a playlist takes its place.
pub(crate) fn delete_fenced(conn: &mut AnyConn, fence: Fence) -> Result<(), Error> {
    let changed = on_db!(conn, c => delete(fenced!(fence)).execute(c)).map_err(DbError::from)?;
    held(changed)
}
