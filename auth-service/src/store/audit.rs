//! The audit log: insert and read, nothing else.

use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Json, Ts, on_db};

use super::schema::audit;

/// An entry to be written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = audit)]
pub(crate) struct NewAuditRow {
    pub(crate) at: Ts,
    pub(crate) event: String,
    pub(crate) outcome: String,
    pub(crate) actor_id: Option<Id>,
    pub(crate) subject_id: Option<Id>,
    pub(crate) session_id: Option<Id>,
    pub(crate) method: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) details: Json,
}

/// A written entry.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit)]
pub(crate) struct AuditRow {
    pub(crate) seq: i64,
    pub(crate) at: Ts,
    pub(crate) event: String,
    pub(crate) outcome: String,
    pub(crate) actor_id: Option<Id>,
    pub(crate) subject_id: Option<Id>,
    pub(crate) session_id: Option<Id>,
    pub(crate) method: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) details: Json,
}

/// Appends an entry.
pub(crate) fn insert_entry(conn: &mut AnyConn, entry: &NewAuditRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(audit::table).values(entry).execute(c))?;
    Ok(())
}

/// Entries before `before`, the newest first.
pub(crate) fn list_entries(
    conn: &mut AnyConn,
    event: Option<&str>,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<AuditRow>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let before = before.unwrap_or(i64::MAX);
    Ok(match event {
        Some(event) => on_db!(conn, c => audit::table
            .filter(audit::seq.lt(before))
            .filter(audit::event.eq(event))
            .order(audit::seq.desc())
            .limit(limit)
            .select(AuditRow::as_select())
            .load(c))?,
        None => on_db!(conn, c => audit::table
            .filter(audit::seq.lt(before))
            .order(audit::seq.desc())
            .limit(limit)
            .select(AuditRow::as_select())
            .load(c))?,
    })
}
