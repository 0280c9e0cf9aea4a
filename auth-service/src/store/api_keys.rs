//! API keys. Only the hash of the secret is stored.

use chrono::{DateTime, Utc};
use diesel::{delete, insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::{ApiKeyId, UserId};

use super::{
    schema::{api_keys, users},
    users::UserRow,
};

/// An API key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) name: String,
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) scopes: String,
    pub(crate) created_at: Ts,
    pub(crate) expires_at: Ts,
    pub(crate) last_used_at: Option<Ts>,
}

/// Adds a key.
pub(crate) fn insert_key(conn: &mut AnyConn, key: &ApiKeyRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(api_keys::table).values(key).execute(c))?;
    Ok(())
}

/// The key with its person, whoever asks.
pub(crate) fn find_any_with_user(
    conn: &mut AnyConn,
    id: ApiKeyId,
) -> Result<Option<(ApiKeyRow, UserRow)>, Error> {
    Ok(on_db!(conn, c => api_keys::table
        .inner_join(users::table.on(users::id.eq(api_keys::user_id)))
        .filter(api_keys::id.eq(Id::from(id)))
        .select((ApiKeyRow::as_select(), UserRow::as_select()))
        .first(c)
        .optional())?)
}

/// A person's keys, the newest first.
pub(crate) fn list_for_user(conn: &mut AnyConn, user: UserId) -> Result<Vec<ApiKeyRow>, Error> {
    Ok(on_db!(conn, c => api_keys::table
        .filter(api_keys::user_id.eq(Id::from(user)))
        .order((api_keys::created_at.desc(), api_keys::id.desc()))
        .select(ApiKeyRow::as_select())
        .load(c))?)
}

/// Removes a person's key. `false`: they have no such key.
pub(crate) fn delete_for_user(
    conn: &mut AnyConn,
    user: UserId,
    id: ApiKeyId,
) -> Result<bool, Error> {
    let own = api_keys::table
        .find(Id::from(id))
        .filter(api_keys::user_id.eq(Id::from(user)));
    Ok(on_db!(conn, c => delete(own).execute(c))? == 1)
}

/// Notes that a key was used.
pub(crate) fn update_last_used(
    conn: &mut AnyConn,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = update(api_keys::table.find(Id::from(id)));
    on_db!(conn, c => row.set(api_keys::last_used_at.eq(Some(Ts::from(now)))).execute(c))?;
    Ok(())
}
