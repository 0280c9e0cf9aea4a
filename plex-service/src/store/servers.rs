//! Configured servers and the outcome of the last check.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::ServerId;

use super::schema::servers;

/// A configured server.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = servers)]
pub(crate) struct ServerRow {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) machine_identifier: String,
    pub(crate) version: Option<String>,
    pub(crate) token_sealed: Vec<u8>,
    pub(crate) state: String,
    pub(crate) detail: Option<String>,
    pub(crate) last_seen_at: Option<Ts>,
    pub(crate) last_synced_at: Option<Ts>,
    pub(crate) created_at: Ts,
    pub(crate) sync_state: String,
    pub(crate) sync_libraries_done: i32,
    pub(crate) sync_libraries_total: i32,
    pub(crate) sync_items_done: i64,
    pub(crate) sync_items_total: i64,
    pub(crate) sync_started_at: Option<Ts>,
    pub(crate) sync_finished_at: Option<Ts>,
    pub(crate) sync_error: Option<String>,
    pub(crate) sync_requested_at: Option<Ts>,
    pub(crate) sync_lease_until: Option<Ts>,
}

impl ServerRow {
    pub(crate) fn id(&self) -> ServerId {
        self.id.into()
    }

    /// Whether the last check got an answer.
    pub(crate) fn is_up(&self) -> bool {
        self.state == "up"
    }
}

/// What an administrator may change.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = servers)]
pub(crate) struct ServerChanges {
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) token_sealed: Option<Vec<u8>>,
}

/// What a check found.
#[derive(Debug, Clone)]
pub(crate) struct CheckedState {
    pub(crate) state: &'static str,
    pub(crate) detail: Option<String>,
    pub(crate) version: Option<String>,
}

/// All servers, oldest first.
pub(crate) fn list(conn: &mut AnyConn) -> Result<Vec<ServerRow>, Error> {
    Ok(on_db!(conn, c => servers::table
        .order(servers::id)
        .select(ServerRow::as_select())
        .load(c))?)
}

/// One page of servers, oldest first.
pub(crate) fn list_page(
    conn: &mut AnyConn,
    after: Option<ServerId>,
    limit: usize,
) -> Result<Vec<ServerRow>, Error> {
    let after = Id::from(after.map_or(uuid::Uuid::nil(), Into::into));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(on_db!(conn, c => servers::table
        .filter(servers::id.gt(after))
        .order(servers::id)
        .limit(limit)
        .select(ServerRow::as_select())
        .load(c))?)
}

pub(crate) fn find(conn: &mut AnyConn, id: ServerId) -> Result<Option<ServerRow>, Error> {
    Ok(on_db!(conn, c => servers::table
        .find(Id::from(id))
        .select(ServerRow::as_select())
        .first(c)
        .optional())?)
}

pub(crate) fn insert(conn: &mut AnyConn, row: &ServerRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(servers::table).values(row).execute(c))?;
    Ok(())
}

pub(crate) fn update(
    conn: &mut AnyConn,
    id: ServerId,
    changes: &ServerChanges,
) -> Result<(), Error> {
    if changes.name.is_none() && changes.url.is_none() && changes.token_sealed.is_none() {
        return Ok(());
    }
    on_db!(conn, c => diesel::update(servers::table.find(Id::from(id)))
        .set(changes)
        .execute(c))?;
    Ok(())
}

pub(crate) fn delete(conn: &mut AnyConn, id: ServerId) -> Result<bool, Error> {
    let deleted = on_db!(conn, c => diesel::delete(servers::table.find(Id::from(id))).execute(c))?;
    Ok(deleted == 1)
}

/// Stores what a check found and gives the state before, so that exactly one replica tells about a change.
pub(crate) fn store_check(
    conn: &mut AnyConn,
    id: ServerId,
    checked: &CheckedState,
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let target = servers::table.find(Id::from(id));
    let Some(before) = find(conn, id)?.map(|row| row.state) else {
        return Ok(None);
    };
    let same = target.filter(servers::state.eq(before.clone()));
    let values = (
        servers::state.eq(checked.state),
        servers::detail.eq(checked.detail.clone()),
    );
    let changed = on_db!(conn, c => diesel::update(same).set(values).execute(c))?;
    if checked.state == "up" {
        let seen = (
            servers::last_seen_at.eq(Some(Ts::from(now))),
            servers::version.eq(checked.version.clone()),
        );
        on_db!(conn, c => diesel::update(target).set(seen).execute(c))?;
    }
    Ok((changed == 1).then_some(before))
}
