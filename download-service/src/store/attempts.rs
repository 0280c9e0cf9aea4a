//! The table `attempts`: who tried what when, with which process, and what it printed.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, insert_into, update,
};
use shared_db::{AnyConn, Error as DbError, Id, Ts, on_db};
use shared_types::ids::DownloadId;

use super::{
    items::Fence,
    schema::{attempts, download_items},
};

/// An attempt that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenAttempt {
    pub(crate) fence: Fence,
    pub(crate) worker: String,
    /// Process id and start time.
    pub(crate) process: Option<(i32, u64)>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) outcome: &'static str,
    pub(crate) error_class: Option<&'static str>,
    pub(crate) log: String,
}

/// Notes the beginning of an attempt.
pub(crate) fn insert_attempt(
    conn: &mut AnyConn,
    fence: Fence,
    worker: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = (
        attempts::item_id.eq(Id::from(fence.item)),
        attempts::attempt.eq(fence.attempt),
        attempts::worker.eq(worker),
        attempts::started_at.eq(Ts::from(now)),
    );
    on_db!(conn, c => insert_into(attempts::table).values(row).execute(c))?;
    Ok(())
}

/// Notes the process of an attempt.
pub(crate) fn update_process(
    conn: &mut AnyConn,
    fence: Fence,
    pid: i32,
    start: Option<u64>,
) -> Result<(), DbError> {
    let start = start.and_then(|start| i64::try_from(start).ok());
    on_db!(conn, c => update(attempts::table.find((Id::from(fence.item), fence.attempt)))
        .set((attempts::pid.eq(i64::from(pid)), attempts::pid_start.eq(start)))
        .execute(c))?;
    Ok(())
}

/// Keeps what was printed so far.
pub(crate) fn update_log(conn: &mut AnyConn, fence: Fence, log: &str) -> Result<(), DbError> {
    on_db!(conn, c => update(attempts::table.find((Id::from(fence.item), fence.attempt)))
        .set(attempts::log.eq(log))
        .execute(c))?;
    Ok(())
}

/// Notes the end of an attempt.
pub(crate) fn end_attempt(
    conn: &mut AnyConn,
    fence: Fence,
    ending: &Ending,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let open = attempts::table
        .find((Id::from(fence.item), fence.attempt))
        .filter(attempts::ended_at.is_null());
    on_db!(conn, c => update(open)
        .set((
            attempts::ended_at.eq(Ts::from(now)),
            attempts::outcome.eq(ending.outcome),
            attempts::error_class.eq(ending.error_class),
            attempts::log.eq(&ending.log),
        ))
        .execute(c))?;
    Ok(())
}

/// The attempts at an item before `fence` are over: their worker is gone.
pub(crate) fn end_lost(
    conn: &mut AnyConn,
    fence: Fence,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let lost = attempts::table.filter(
        attempts::item_id
            .eq(Id::from(fence.item))
            .and(attempts::attempt.lt(fence.attempt))
            .and(attempts::ended_at.is_null()),
    );
    on_db!(conn, c => update(lost)
        .set((attempts::ended_at.eq(Ts::from(now)), attempts::outcome.eq("lost")))
        .execute(c))?;
    Ok(())
}

/// Attempts that have not ended; of one item, or of all.
pub(crate) fn list_open(conn: &mut AnyConn, item: Option<Id>) -> Result<Vec<OpenAttempt>, DbError> {
    type Row = (Id, i32, String, Option<i64>, Option<i64>);
    let rows: Vec<Row> = on_db!(conn, c => {
        let mut query = attempts::table
            .filter(attempts::ended_at.is_null())
            .select((attempts::item_id, attempts::attempt, attempts::worker, attempts::pid, attempts::pid_start))
            .into_boxed();
        if let Some(item) = item {
            query = query.filter(attempts::item_id.eq(item));
        }
        query.load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(item, attempt, worker, pid, start)| OpenAttempt {
            fence: Fence {
                item: item.into(),
                attempt,
            },
            worker,
            process: pid
                .and_then(|pid| i32::try_from(pid).ok())
                .zip(start.and_then(|start| u64::try_from(start).ok())),
        })
        .collect())
}

/// Position of the item, number of the attempt, outcome, and what was printed.
pub(crate) type LogRow = (i32, i32, Option<String>, Option<String>);

/// What was printed for a download, oldest attempt first.
pub(crate) fn list_logs(
    conn: &mut AnyConn,
    download: DownloadId,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    Ok(on_db!(conn, c => attempts::table
        .inner_join(download_items::table)
        .filter(download_items::download_id.eq(Id::from(download)))
        .order((attempts::started_at, attempts::item_id, attempts::attempt))
        .limit(limit)
        .select((download_items::position, attempts::attempt, attempts::outcome, attempts::log))
        .load(c))?)
}
