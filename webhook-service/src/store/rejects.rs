//! Requests that were refused.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Ts, on_db};

use super::schema::rejects;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rejects, treat_none_as_default_value = false)]
pub(crate) struct RejectRow {
    pub(crate) id: Id,
    pub(crate) source_id: Option<Id>,
    pub(crate) at: Ts,
    pub(crate) reason: String,
    pub(crate) status: i32,
    pub(crate) address: Option<String>,
}

pub(crate) fn insert_rejects(conn: &mut AnyConn, rows: Vec<RejectRow>) -> Result<(), Error> {
    on_db!(conn, c => insert_into(rejects::table).values(rows).execute(c))?;
    Ok(())
}

/// Newest first.
pub(crate) fn list_rejects(
    conn: &mut AnyConn,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<RejectRow>, Error> {
    on_db!(conn, c => {
        let mut query = rejects::table.select(RejectRow::as_select()).into_boxed();
        if let Some(before) = before {
            query = query.filter(rejects::id.lt(before));
        }
        Ok(query.order(rejects::id.desc()).limit(limit).load(c)?)
    })
}

/// Forgets those before `cutoff`, and all but the newest `keep`.
pub(crate) fn prune_rejects(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
    keep: i64,
) -> Result<(), Error> {
    let old = rejects::table.filter(rejects::at.lt(Ts::from(cutoff)));
    on_db!(conn, c => diesel::delete(old).execute(c))?;
    let oldest_kept: Option<Id> = on_db!(conn, c => rejects::table
        .order(rejects::id.desc())
        .offset(keep)
        .select(rejects::id)
        .first(c)
        .optional())?;
    if let Some(id) = oldest_kept {
        let surplus = rejects::table.filter(rejects::id.le(id));
        on_db!(conn, c => diesel::delete(surplus).execute(c))?;
    }
    Ok(())
}
