//! Plex sign-ins that have begun, and linked Plex accounts.

use chrono::{DateTime, Utc};
use diesel::{delete, insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, on_db};
use shared_types::ids::{PinId, UserId};

use super::schema::{plex_accounts, plex_pins};

/// plex.tv accepts the token, as far as we know.
pub(crate) const VALID: &str = "valid";
/// plex.tv refused it.
pub(crate) const REVOKED: &str = "revoked";

/// A Plex sign-in that has begun.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = plex_pins)]
pub(crate) struct PinRow {
    pub(crate) id: Id,
    pub(crate) plex_pin_id: i64,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) created_at: Ts,
    pub(crate) expires_at: Ts,
}

/// A linked Plex account.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = plex_accounts)]
pub(crate) struct PlexAccountRow {
    pub(crate) user_id: Id,
    pub(crate) plex_user_id: i64,
    pub(crate) plex_username: String,
    pub(crate) token_sealed: Vec<u8>,
    pub(crate) token_state: String,
    pub(crate) servers_sealed: Option<Vec<u8>>,
    pub(crate) servers_at: Option<Ts>,
    pub(crate) linked_at: Ts,
}

/// Remembers a sign-in.
pub(crate) fn insert_pin(conn: &mut AnyConn, pin: &PinRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(plex_pins::table).values(pin).execute(c))?;
    Ok(())
}

/// The sign-in with this id.
pub(crate) fn find_pin(conn: &mut AnyConn, id: PinId) -> Result<Option<PinRow>, Error> {
    Ok(on_db!(conn, c => plex_pins::table
        .find(Id::from(id))
        .select(PinRow::as_select())
        .first(c)
        .optional())?)
}

/// Ends a sign-in. Of two ends at once, one gets `true`.
pub(crate) fn delete_pin(conn: &mut AnyConn, id: PinId) -> Result<bool, Error> {
    Ok(on_db!(conn, c => delete(plex_pins::table.find(Id::from(id))).execute(c))? == 1)
}

/// Forgets sign-ins that nobody finished.
pub(crate) fn delete_pins_before(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
) -> Result<usize, Error> {
    let old = plex_pins::table.filter(plex_pins::expires_at.lt(Ts::from(cutoff)));
    Ok(on_db!(conn, c => delete(old).execute(c))?)
}

/// The Plex account of a person.
pub(crate) fn find_account(
    conn: &mut AnyConn,
    user: UserId,
) -> Result<Option<PlexAccountRow>, Error> {
    Ok(on_db!(conn, c => plex_accounts::table
        .find(Id::from(user))
        .select(PlexAccountRow::as_select())
        .first(c)
        .optional())?)
}

/// The person of a Plex account.
pub(crate) fn find_account_by_plex_id(
    conn: &mut AnyConn,
    plex_user_id: i64,
) -> Result<Option<PlexAccountRow>, Error> {
    Ok(on_db!(conn, c => plex_accounts::table
        .filter(plex_accounts::plex_user_id.eq(plex_user_id))
        .select(PlexAccountRow::as_select())
        .first(c)
        .optional())?)
}

/// Links a Plex account, or renews what is stored about it.
pub(crate) fn upsert_account(conn: &mut AnyConn, account: &PlexAccountRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(plex_accounts::table)
        .values(account)
        .on_conflict(plex_accounts::user_id)
        .do_update()
        .set(account)
        .execute(c))?;
    Ok(())
}

/// Stores the servers that plex.tv named.
pub(crate) fn update_servers(
    conn: &mut AnyConn,
    user: UserId,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = update(plex_accounts::table.find(Id::from(user)));
    let changes = (
        plex_accounts::servers_sealed.eq(Some(sealed)),
        plex_accounts::servers_at.eq(Some(Ts::from(now))),
        plex_accounts::token_state.eq(VALID),
    );
    on_db!(conn, c => row.set(changes).execute(c))?;
    Ok(())
}

/// Notes that plex.tv refuses the token. `false`: that was known.
pub(crate) fn update_token_revoked(conn: &mut AnyConn, user: UserId) -> Result<bool, Error> {
    let valid = plex_accounts::table
        .find(Id::from(user))
        .filter(plex_accounts::token_state.eq(VALID));
    let change = plex_accounts::token_state.eq(REVOKED);
    Ok(on_db!(conn, c => update(valid).set(change).execute(c))? == 1)
}
