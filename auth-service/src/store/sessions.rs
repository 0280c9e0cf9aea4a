//! Sessions and their refresh tokens. Only hashes are stored.

use chrono::{DateTime, Utc};
use diesel::{delete, insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::{SessionId, UserId};

use super::{
    schema::{refresh_tokens, sessions, users},
    users::UserRow,
};

/// A sign-in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) cookie_hash: Option<Vec<u8>>,
    pub(crate) client_id: String,
    pub(crate) method: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) created_at: Ts,
    pub(crate) last_seen_at: Ts,
    pub(crate) expires_at: Ts,
    pub(crate) revoked_at: Option<Ts>,
}

/// A refresh token.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens)]
pub(crate) struct RefreshTokenRow {
    pub(crate) hash: Vec<u8>,
    pub(crate) session_id: Id,
    pub(crate) created_at: Ts,
    pub(crate) used_at: Option<Ts>,
    pub(crate) successor_hash: Option<Vec<u8>>,
    pub(crate) is_forgiven: bool,
}

/// Adds a session.
pub(crate) fn insert_session(conn: &mut AnyConn, session: &SessionRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}

/// The session of a cookie, with its person.
pub(crate) fn find_by_cookie(
    conn: &mut AnyConn,
    hash: &[u8],
) -> Result<Option<(SessionRow, UserRow)>, Error> {
    Ok(on_db!(conn, c => sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::cookie_hash.eq(hash))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first(c)
        .optional())?)
}

/// The session with its person, whoever asks.
pub(crate) fn find_any_with_user(
    conn: &mut AnyConn,
    id: SessionId,
) -> Result<Option<(SessionRow, UserRow)>, Error> {
    Ok(on_db!(conn, c => sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(Id::from(id)))
        .select((SessionRow::as_select(), UserRow::as_select()))
        .first(c)
        .optional())?)
}

/// A person's session that can still be used.
pub(crate) fn find_live_for_user(
    conn: &mut AnyConn,
    user: UserId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<Option<SessionRow>, Error> {
    Ok(on_db!(conn, c => sessions::table
        .filter(sessions::id.eq(Id::from(id)))
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(Ts::from(now)))
        .select(SessionRow::as_select())
        .first(c)
        .optional())?)
}

/// A person's live sessions, the newest first.
pub(crate) fn list_live_for_user(
    conn: &mut AnyConn,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<SessionRow>, Error> {
    Ok(on_db!(conn, c => sessions::table
        .filter(sessions::user_id.eq(Id::from(user)))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(Ts::from(now)))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(c))?)
}

/// Notes that a session was used.
pub(crate) fn update_last_seen(
    conn: &mut AnyConn,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = update(sessions::table.find(Id::from(id)));
    on_db!(conn, c => row.set(sessions::last_seen_at.eq(Ts::from(now))).execute(c))?;
    Ok(())
}

/// Ends a session. `false`: it had ended before.
pub(crate) fn update_revoked(
    conn: &mut AnyConn,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let live = sessions::table
        .find(Id::from(id))
        .filter(sessions::revoked_at.is_null());
    let change = sessions::revoked_at.eq(Some(Ts::from(now)));
    Ok(on_db!(conn, c => update(live).set(change).execute(c))? == 1)
}

/// Forgets sessions that ended before `cutoff`.
pub(crate) fn delete_ended_before(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
) -> Result<usize, Error> {
    let old = sessions::table.filter(
        sessions::expires_at
            .lt(Ts::from(cutoff))
            .or(sessions::revoked_at
                .is_not_null()
                .and(sessions::revoked_at.assume_not_null().lt(Ts::from(cutoff)))),
    );
    Ok(on_db!(conn, c => delete(old).execute(c))?)
}

/// Adds a refresh token.
pub(crate) fn insert_refresh_token(
    conn: &mut AnyConn,
    token: &RefreshTokenRow,
) -> Result<(), Error> {
    on_db!(conn, c => insert_into(refresh_tokens::table).values(token).execute(c))?;
    Ok(())
}

/// The refresh token with this hash.
pub(crate) fn find_refresh_token(
    conn: &mut AnyConn,
    hash: &[u8],
) -> Result<Option<RefreshTokenRow>, Error> {
    Ok(on_db!(conn, c => refresh_tokens::table
        .find(hash)
        .select(RefreshTokenRow::as_select())
        .first(c)
        .optional())?)
}

/// Uses a refresh token up in favor of its successor. Of two uses at once, one gets `true`.
pub(crate) fn claim_refresh_token(
    conn: &mut AnyConn,
    hash: &[u8],
    successor: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let unused = refresh_tokens::table
        .find(hash)
        .filter(refresh_tokens::used_at.is_null());
    let changes = (
        refresh_tokens::used_at.eq(Some(Ts::from(now))),
        refresh_tokens::successor_hash.eq(Some(successor)),
    );
    Ok(on_db!(conn, c => update(unused).set(changes).execute(c))? == 1)
}

/// Forgives one repeated use: replaces the successor. `false`: that was done before.
pub(crate) fn claim_forgiveness(
    conn: &mut AnyConn,
    hash: &[u8],
    successor: &[u8],
) -> Result<bool, Error> {
    let unforgiven = refresh_tokens::table
        .find(hash)
        .filter(refresh_tokens::is_forgiven.eq(false));
    let changes = (
        refresh_tokens::is_forgiven.eq(true),
        refresh_tokens::successor_hash.eq(Some(successor)),
    );
    Ok(on_db!(conn, c => update(unforgiven).set(changes).execute(c))? == 1)
}

/// Removes a refresh token that nobody has used. `false`: it was used.
pub(crate) fn delete_unused_refresh_token(conn: &mut AnyConn, hash: &[u8]) -> Result<bool, Error> {
    let unused = refresh_tokens::table
        .find(hash)
        .filter(refresh_tokens::used_at.is_null());
    Ok(on_db!(conn, c => delete(unused).execute(c))? == 1)
}
