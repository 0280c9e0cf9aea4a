//! Sources and their secrets.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::SourceId;

use super::schema::{source_secrets, sources};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sources, treat_none_as_default_value = false)]
pub(crate) struct SourceRow {
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) id: SourceId,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) is_enabled: bool,
    pub(crate) auth_mode: String,
    pub(crate) header_name: Option<String>,
    pub(crate) created_at: Ts,
    pub(crate) last_seen_at: Option<Ts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = source_secrets, treat_none_as_default_value = false)]
pub(crate) struct SecretRow {
    pub(crate) id: Id,
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) source_id: SourceId,
    pub(crate) token_hash: Option<String>,
    pub(crate) sealed_key: Option<Vec<u8>>,
    pub(crate) created_at: Ts,
    pub(crate) expires_at: Option<Ts>,
}

/// What a change may change: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = sources)]
pub(crate) struct SourceChanges {
    pub(crate) name: Option<String>,
    pub(crate) is_enabled: Option<bool>,
    pub(crate) header_name: Option<String>,
}

pub(crate) fn insert_source(conn: &mut AnyConn, row: SourceRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(sources::table).values(row).execute(c))?;
    Ok(())
}

pub(crate) fn insert_secret(conn: &mut AnyConn, row: SecretRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(source_secrets::table).values(row).execute(c))?;
    Ok(())
}

pub(crate) fn find_source(conn: &mut AnyConn, id: SourceId) -> Result<Option<SourceRow>, Error> {
    Ok(on_db!(conn, c => sources::table
        .find(Id::from(id))
        .select(SourceRow::as_select())
        .first(c)
        .optional())?)
}

/// All of them, with every secret that is still good: there are dozens, not thousands.
pub(crate) fn list_with_secrets(
    conn: &mut AnyConn,
    now: DateTime<Utc>,
) -> Result<(Vec<SourceRow>, Vec<SecretRow>), Error> {
    let rows = on_db!(conn, c => sources::table.select(SourceRow::as_select()).load(c))?;
    let live = source_secrets::expires_at
        .is_null()
        .or(source_secrets::expires_at
            .gt(Ts::from(now))
            .assume_not_null());
    let secrets = on_db!(conn, c => source_secrets::table
        .filter(live)
        .select(SecretRow::as_select())
        .load(c))?;
    Ok((rows, secrets))
}

/// By id: in the order in which they were added.
pub(crate) fn list_sources(
    conn: &mut AnyConn,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<SourceRow>, Error> {
    on_db!(conn, c => {
        let mut query = sources::table.select(SourceRow::as_select()).into_boxed();
        if let Some(after) = after {
            query = query.filter(sources::id.gt(after));
        }
        Ok(query.order(sources::id).limit(limit).load(c)?)
    })
}

/// `None` when it does not exist.
pub(crate) fn update_source(
    conn: &mut AnyConn,
    id: SourceId,
    changes: &SourceChanges,
) -> Result<Option<SourceRow>, Error> {
    Ok(on_db!(conn, c => update(sources::table.find(Id::from(id)))
        .set(changes)
        .returning(SourceRow::as_returning())
        .get_result(c)
        .optional())?)
}

pub(crate) fn delete_source(conn: &mut AnyConn, id: SourceId) -> Result<bool, Error> {
    let deleted = on_db!(conn, c => diesel::delete(sources::table.find(Id::from(id))).execute(c))?;
    Ok(deleted == 1)
}

/// Notes that the source was heard.
pub(crate) fn update_last_seen(
    conn: &mut AnyConn,
    id: SourceId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    on_db!(conn, c => update(sources::table.find(Id::from(id)))
        .set(sources::last_seen_at.eq(Some(Ts::from(now))))
        .execute(c))?;
    Ok(())
}

/// Leaves one previous secret alive until `until` and forgets the older ones.
pub(crate) fn expire_secrets(
    conn: &mut AnyConn,
    id: SourceId,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let older = source_secrets::table
        .filter(source_secrets::source_id.eq(Id::from(id)))
        .filter(source_secrets::expires_at.is_not_null());
    on_db!(conn, c => diesel::delete(older).execute(c))?;
    let current = source_secrets::table.filter(source_secrets::source_id.eq(Id::from(id)));
    on_db!(conn, c => update(current)
        .set(source_secrets::expires_at.eq(Some(Ts::from(until))))
        .execute(c))?;
    Ok(())
}
