//! Downloads on their way into Plex. Times of retries and leases are the database's own, the same for all replicas.

use std::time::Duration;

use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Ts, dialect, on_db};

use super::schema::{handover_files, handovers};

/// A replica that gets no file done within this time is taken for dead.
const LEASE: Duration = Duration::from_mins(1);

/// A finished download whose files have yet to become items.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = handovers)]
pub(crate) struct HandoverRow {
    pub(crate) id: Id,
    pub(crate) download_id: Id,
    pub(crate) library_id: Option<Id>,
    pub(crate) collection: Option<String>,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at: Ts,
    pub(crate) lease_until: Option<Ts>,
    pub(crate) scanned_at: Option<Ts>,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: Ts,
}

/// One file of it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = handover_files)]
pub(crate) struct HandoverFileRow {
    pub(crate) handover_id: Id,
    pub(crate) download_item_id: Id,
    pub(crate) path: String,
    pub(crate) item_id: Option<Id>,
}

pub(crate) fn insert(
    conn: &mut AnyConn,
    row: &HandoverRow,
    files: &[HandoverFileRow],
) -> Result<(), Error> {
    on_db!(conn, c => insert_into(handovers::table).values(row).execute(c))?;
    for file in files {
        on_db!(conn, c => insert_into(handover_files::table)
            .values(file)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Takes the next handover that is due, if there is one.
pub(crate) fn claim(conn: &mut AnyConn) -> Result<Option<HandoverRow>, Error> {
    let now = dialect::now(conn)?;
    let free = || {
        handovers::lease_until
            .is_null()
            .or(handovers::lease_until.lt(Ts::from(now)).assume_not_null())
    };
    let due: Vec<Id> = on_db!(conn, c => handovers::table
        .filter(handovers::state.eq("waiting"))
        .filter(handovers::next_attempt_at.le(Ts::from(now)))
        .filter(free())
        .order(handovers::next_attempt_at)
        .limit(10)
        .select(handovers::id)
        .load(c))?;
    for id in due {
        let target = handovers::table.find(id).filter(free());
        let until = Some(Ts::from(now + LEASE));
        let claimed = on_db!(conn, c => diesel::update(target)
            .set(handovers::lease_until.eq(until))
            .execute(c))?;
        if claimed == 1 {
            return Ok(Some(on_db!(conn, c => handovers::table
                .find(id)
                .select(HandoverRow::as_select())
                .first(c))?));
        }
    }
    Ok(None)
}

/// Keeps the lease of a long attempt.
pub(crate) fn renew(conn: &mut AnyConn, id: Id) -> Result<(), Error> {
    let until = Some(Ts::from(dialect::now(conn)? + LEASE));
    on_db!(conn, c => diesel::update(handovers::table.find(id))
        .set(handovers::lease_until.eq(until))
        .execute(c))?;
    Ok(())
}

/// Ends every lease: for a database that only this process uses, when it starts.
pub(crate) fn clear_leases(conn: &mut AnyConn) -> Result<(), Error> {
    let held = handovers::table.filter(handovers::lease_until.is_not_null());
    on_db!(conn, c => diesel::update(held)
        .set(handovers::lease_until.eq(None::<Ts>))
        .execute(c))?;
    Ok(())
}

/// The files that are not items yet.
pub(crate) fn list_waiting_files(
    conn: &mut AnyConn,
    handover: Id,
) -> Result<Vec<HandoverFileRow>, Error> {
    Ok(on_db!(conn, c => handover_files::table
        .filter(handover_files::handover_id.eq(handover))
        .filter(handover_files::item_id.is_null())
        .order(handover_files::download_item_id)
        .select(HandoverFileRow::as_select())
        .load(c))?)
}

/// Notes that a file became an item. `false`: it was noted before.
pub(crate) fn set_file_item(
    conn: &mut AnyConn,
    file: &HandoverFileRow,
    item: Id,
) -> Result<bool, Error> {
    let target = handover_files::table
        .find((file.handover_id, file.download_item_id))
        .filter(handover_files::item_id.is_null());
    let updated = on_db!(conn, c => diesel::update(target)
        .set(handover_files::item_id.eq(Some(item)))
        .execute(c))?;
    Ok(updated == 1)
}

/// Notes that the server accepted a scan.
pub(crate) fn set_scanned(conn: &mut AnyConn, id: Id) -> Result<(), Error> {
    let now = Some(Ts::from(dialect::now(conn)?));
    let target = handovers::table
        .find(id)
        .filter(handovers::scanned_at.is_null());
    on_db!(conn, c => diesel::update(target)
        .set(handovers::scanned_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AttemptEnd {
    Done,
    Failed(String),
    Again { after: Duration, reason: String },
}

/// Notes the end of an attempt and gives the lease back.
pub(crate) fn finish_attempt(conn: &mut AnyConn, id: Id, end: &AttemptEnd) -> Result<(), Error> {
    let now = dialect::now(conn)?;
    let (state, error, next) = match end {
        AttemptEnd::Done => ("done", None, now),
        AttemptEnd::Failed(reason) => ("failed", Some(reason.clone()), now),
        AttemptEnd::Again { after, reason } => ("waiting", Some(reason.clone()), now + *after),
    };
    let values = (
        handovers::state.eq(state),
        handovers::last_error.eq(error),
        handovers::next_attempt_at.eq(Ts::from(next)),
        handovers::attempts.eq(handovers::attempts + 1),
        handovers::lease_until.eq(None::<Ts>),
    );
    on_db!(conn, c => diesel::update(handovers::table.find(id)).set(values).execute(c))?;
    Ok(())
}

/// How long ago the server accepted the first scan.
pub(crate) fn waiting_since_scan(
    conn: &mut AnyConn,
    handover: &HandoverRow,
) -> Result<Option<Duration>, Error> {
    let now = dialect::now(conn)?;
    Ok(handover
        .scanned_at
        .map(|at| (now - at.0).to_std().unwrap_or_default()))
}
