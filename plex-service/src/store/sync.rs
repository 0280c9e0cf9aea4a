//! Who syncs a server right now, and how far it is. Times here are the database's own, the same for all replicas.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use shared_db::{AnyConn, Error, Id, Ts, dialect, on_db};
use shared_types::ids::ServerId;

use super::schema::servers;

/// A lease not renewed for this long belongs to a replica that died.
const LEASE: Duration = Duration::from_mins(2);

/// How far a sync is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) libraries_done: i32,
    pub(crate) libraries_total: i32,
    pub(crate) items_done: i64,
    pub(crate) items_total: i64,
}

/// How a sync ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) is_ok: bool,
    pub(crate) error: Option<String>,
    /// The request that was pending when the sync began; a later one stays.
    pub(crate) request: Option<DateTime<Utc>>,
    pub(crate) at: DateTime<Utc>,
}

/// Asks for a full sync of a server.
pub(crate) fn request(conn: &mut AnyConn, id: ServerId) -> Result<bool, Error> {
    let now = Ts::from(dialect::now(conn)?);
    let updated = on_db!(conn, c => diesel::update(servers::table.find(Id::from(id)))
        .set(servers::sync_requested_at.eq(Some(now)))
        .execute(c))?;
    Ok(updated == 1)
}

/// Takes the lease of a server if nobody else has it.
pub(crate) fn claim(conn: &mut AnyConn, id: ServerId) -> Result<bool, Error> {
    let now = dialect::now(conn)?;
    let free = servers::sync_lease_until
        .is_null()
        .or(servers::sync_lease_until
            .lt(Ts::from(now))
            .assume_not_null());
    let target = servers::table.find(Id::from(id)).filter(free);
    let until = Some(Ts::from(now + LEASE));
    let claimed = on_db!(conn, c => diesel::update(target)
        .set(servers::sync_lease_until.eq(until))
        .execute(c))?;
    Ok(claimed == 1)
}

/// Gives the lease back.
pub(crate) fn release(conn: &mut AnyConn, id: ServerId) -> Result<(), Error> {
    on_db!(conn, c => diesel::update(servers::table.find(Id::from(id)))
        .set(servers::sync_lease_until.eq(None::<Ts>))
        .execute(c))?;
    Ok(())
}

/// Ends every lease: for a database that only this process uses, when it starts.
pub(crate) fn clear_leases(conn: &mut AnyConn) -> Result<(), Error> {
    let held = servers::table.filter(servers::sync_lease_until.is_not_null());
    on_db!(conn, c => diesel::update(held)
        .set(servers::sync_lease_until.eq(None::<Ts>))
        .execute(c))?;
    Ok(())
}

/// Notes that a full sync begins.
pub(crate) fn begin(conn: &mut AnyConn, id: ServerId, at: DateTime<Utc>) -> Result<(), Error> {
    let values = (
        servers::sync_state.eq("running"),
        servers::sync_started_at.eq(Some(Ts::from(at))),
        servers::sync_finished_at.eq(None::<Ts>),
        servers::sync_error.eq(None::<String>),
        servers::sync_libraries_done.eq(0),
        servers::sync_libraries_total.eq(0),
        servers::sync_items_done.eq(0_i64),
        servers::sync_items_total.eq(0_i64),
    );
    on_db!(conn, c => diesel::update(servers::table.find(Id::from(id))).set(values).execute(c))?;
    Ok(())
}

/// Notes progress and renews the lease.
pub(crate) fn advance(conn: &mut AnyConn, id: ServerId, progress: Progress) -> Result<(), Error> {
    let until = Ts::from(dialect::now(conn)? + LEASE);
    let values = (
        servers::sync_libraries_done.eq(progress.libraries_done),
        servers::sync_libraries_total.eq(progress.libraries_total),
        servers::sync_items_done.eq(progress.items_done),
        servers::sync_items_total.eq(progress.items_total),
        servers::sync_lease_until.eq(Some(until)),
    );
    on_db!(conn, c => diesel::update(servers::table.find(Id::from(id))).set(values).execute(c))?;
    Ok(())
}

/// Notes the end, gives the lease back and forgets the request that it answered.
pub(crate) fn finish(conn: &mut AnyConn, id: ServerId, ending: &Ending) -> Result<(), Error> {
    let at = Some(Ts::from(ending.at));
    let values = (
        servers::sync_state.eq(if ending.is_ok { "done" } else { "failed" }),
        servers::sync_finished_at.eq(at),
        servers::sync_error.eq(ending.error.clone()),
        servers::sync_lease_until.eq(None::<Ts>),
    );
    let target = servers::table.find(Id::from(id));
    on_db!(conn, c => diesel::update(target).set(values).execute(c))?;
    if ending.is_ok {
        on_db!(conn, c => diesel::update(target)
            .set(servers::last_synced_at.eq(at))
            .execute(c))?;
    }
    let answered = target.filter(
        servers::sync_requested_at
            .eq(ending.request.map(Ts::from))
            .assume_not_null(),
    );
    on_db!(conn, c => diesel::update(answered)
        .set(servers::sync_requested_at.eq(None::<Ts>))
        .execute(c))?;
    Ok(())
}
