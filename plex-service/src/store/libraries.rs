//! Libraries of the servers. What a person may see of them is decided in `visibility`.

use std::time::Duration;

use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Json, Ts, dialect, on_db};
use shared_types::ids::{LibraryId, ServerId};

use super::schema::libraries;

/// A library.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = libraries)]
pub(crate) struct LibraryRow {
    pub(crate) id: Id,
    pub(crate) server_id: Id,
    pub(crate) plex_key: String,
    pub(crate) uuid: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) agent: String,
    pub(crate) locations: Json,
    pub(crate) item_count: i64,
    pub(crate) generation: i64,
    pub(crate) revision: i64,
    pub(crate) missing_sweeps: i32,
    pub(crate) hint_due_at: Option<Ts>,
    pub(crate) synced_at: Option<Ts>,
}

impl LibraryRow {
    pub(crate) fn id(&self) -> LibraryId {
        self.id.into()
    }

    pub(crate) fn server_id(&self) -> ServerId {
        self.server_id.into()
    }

    /// The library's folders, as the server sees them.
    pub(crate) fn locations(&self) -> Vec<String> {
        self.locations.parse().unwrap_or_default()
    }
}

/// Every library of every server, in a stable order.
pub(crate) fn list_all(conn: &mut AnyConn) -> Result<Vec<LibraryRow>, Error> {
    Ok(on_db!(conn, c => libraries::table
        .order((libraries::server_id, libraries::title, libraries::id))
        .select(LibraryRow::as_select())
        .load(c))?)
}

pub(crate) fn list_of_server(
    conn: &mut AnyConn,
    server: ServerId,
) -> Result<Vec<LibraryRow>, Error> {
    Ok(on_db!(conn, c => libraries::table
        .filter(libraries::server_id.eq(Id::from(server)))
        .order(libraries::id)
        .select(LibraryRow::as_select())
        .load(c))?)
}

/// A library whoever asks: for jobs and administrators.
pub(crate) fn find_any(conn: &mut AnyConn, id: LibraryId) -> Result<Option<LibraryRow>, Error> {
    Ok(on_db!(conn, c => libraries::table
        .find(Id::from(id))
        .select(LibraryRow::as_select())
        .first(c)
        .optional())?)
}

pub(crate) fn insert(conn: &mut AnyConn, row: &LibraryRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(libraries::table).values(row).execute(c))?;
    Ok(())
}

pub(crate) fn delete(conn: &mut AnyConn, id: Id) -> Result<(), Error> {
    on_db!(conn, c => diesel::delete(libraries::table.find(id)).execute(c))?;
    Ok(())
}

/// Takes over what the server says about a known library.
pub(crate) fn update_described(conn: &mut AnyConn, row: &LibraryRow) -> Result<(), Error> {
    let values = (
        libraries::uuid.eq(row.uuid.clone()),
        libraries::kind.eq(row.kind.clone()),
        libraries::title.eq(row.title.clone()),
        libraries::agent.eq(row.agent.clone()),
        libraries::locations.eq(row.locations.clone()),
        libraries::missing_sweeps.eq(0),
    );
    on_db!(conn, c => diesel::update(libraries::table.find(row.id)).set(values).execute(c))?;
    Ok(())
}

/// Notes that the server did not list the library.
pub(crate) fn set_missing(conn: &mut AnyConn, id: Id, sweeps: i32) -> Result<(), Error> {
    on_db!(conn, c => diesel::update(libraries::table.find(id))
        .set(libraries::missing_sweeps.eq(sweeps))
        .execute(c))?;
    Ok(())
}

/// Begins a sweep: gives its number.
pub(crate) fn next_generation(conn: &mut AnyConn, id: Id) -> Result<i64, Error> {
    let target = libraries::table.find(id);
    on_db!(conn, c => diesel::update(target)
        .set(libraries::generation.eq(libraries::generation + 1))
        .execute(c))?;
    Ok(on_db!(conn, c => target.select(libraries::generation).first(c))?)
}

/// Tells search indexes to reload the library.
pub(crate) fn bump_revision(conn: &mut AnyConn, id: Id) -> Result<(), Error> {
    on_db!(conn, c => diesel::update(libraries::table.find(id))
        .set(libraries::revision.eq(libraries::revision + 1))
        .execute(c))?;
    Ok(())
}

/// Notes that the library was mirrored, with the number of its items.
pub(crate) fn set_synced(conn: &mut AnyConn, id: Id, item_count: i64, at: Ts) -> Result<(), Error> {
    let values = (
        libraries::item_count.eq(item_count),
        libraries::synced_at.eq(Some(at)),
    );
    on_db!(conn, c => diesel::update(libraries::table.find(id)).set(values).execute(c))?;
    Ok(())
}

pub(crate) fn set_item_count(conn: &mut AnyConn, id: Id, count: i64) -> Result<(), Error> {
    on_db!(conn, c => diesel::update(libraries::table.find(id))
        .set(libraries::item_count.eq(count))
        .execute(c))?;
    Ok(())
}

/// Asks for a look at the newest items after a short while; further hints until then change nothing.
pub(crate) fn hint(conn: &mut AnyConn, ids: &[Id], after: Duration) -> Result<(), Error> {
    let due = Some(Ts::from(dialect::now(conn)? + after));
    let target = libraries::table
        .filter(libraries::id.eq_any(ids.to_vec()))
        .filter(libraries::hint_due_at.is_null());
    on_db!(conn, c => diesel::update(target).set(libraries::hint_due_at.eq(due)).execute(c))?;
    Ok(())
}

/// Libraries whose hint has become due.
pub(crate) fn list_hinted(conn: &mut AnyConn) -> Result<Vec<LibraryRow>, Error> {
    let now = Some(Ts::from(dialect::now(conn)?));
    Ok(on_db!(conn, c => libraries::table
        .filter(libraries::hint_due_at.le(now).assume_not_null())
        .order(libraries::id)
        .select(LibraryRow::as_select())
        .load(c))?)
}

pub(crate) fn clear_hint(conn: &mut AnyConn, id: Id) -> Result<(), Error> {
    on_db!(conn, c => diesel::update(libraries::table.find(id))
        .set(libraries::hint_due_at.eq(None::<Ts>))
        .execute(c))?;
    Ok(())
}

/// Every library with its revision, for search indexes.
pub(crate) fn list_revisions(conn: &mut AnyConn) -> Result<Vec<(Id, i64)>, Error> {
    Ok(on_db!(conn, c => libraries::table
        .select((libraries::id, libraries::revision))
        .load(c))?)
}
