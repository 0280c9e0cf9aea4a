//! The one row about the installation: Plex client id and the state of first-run setup.

use chrono::{DateTime, Utc};
use diesel::{insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Ts, on_db};

use super::schema::installation;

const ROW: i32 = 1;

/// What is known about the installation.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = installation)]
pub(crate) struct InstallationRow {
    pub(crate) plex_client_id: String,
    pub(crate) setup_secret_hash: Option<Vec<u8>>,
    pub(crate) setup_secret_expires_at: Option<Ts>,
    pub(crate) setup_completed_at: Option<Ts>,
}

/// Writes the row if this is the first start, and gives what is there.
pub(crate) fn insert_or_find_installation(
    conn: &mut AnyConn,
    plex_client_id: &str,
) -> Result<InstallationRow, Error> {
    let row = (
        installation::id.eq(ROW),
        installation::plex_client_id.eq(plex_client_id),
    );
    on_db!(conn, c => insert_into(installation::table).values(row).on_conflict_do_nothing().execute(c))?;
    find_installation(conn)
}

/// The row.
pub(crate) fn find_installation(conn: &mut AnyConn) -> Result<InstallationRow, Error> {
    Ok(on_db!(conn, c => installation::table
        .find(ROW)
        .select(InstallationRow::as_select())
        .first(c))?)
}

/// Makes transactions that decide about the whole installation (who is the last administrator) take turns.
pub(crate) fn lock_installation(conn: &mut AnyConn) -> Result<(), Error> {
    let row = update(installation::table.find(ROW));
    on_db!(conn, c => row.set(installation::id.eq(ROW)).execute(c))?;
    Ok(())
}

/// Replaces the setup secret, unless setup is done. Says whether it did.
pub(crate) fn update_setup_secret(
    conn: &mut AnyConn,
    hash: &[u8],
    expires_at: DateTime<Utc>,
) -> Result<bool, Error> {
    let open = installation::table
        .find(ROW)
        .filter(installation::setup_completed_at.is_null());
    let changes = (
        installation::setup_secret_hash.eq(Some(hash)),
        installation::setup_secret_expires_at.eq(Some(Ts::from(expires_at))),
        installation::setup_failures.eq(0),
    );
    Ok(on_db!(conn, c => update(open).set(changes).execute(c))? == 1)
}

/// Counts a wrong setup secret and gives the number of wrong ones since the secret was made.
pub(crate) fn update_setup_failures(conn: &mut AnyConn) -> Result<i32, Error> {
    let row = installation::table.find(ROW);
    let change = installation::setup_failures.eq(installation::setup_failures + 1);
    Ok(on_db!(conn, c => update(row)
        .set(change)
        .returning(installation::setup_failures)
        .get_result(c))?)
}

/// Uses the setup secret up and closes setup for good. Of any number of calls at once, one gets `true`.
pub(crate) fn claim_setup(
    conn: &mut AnyConn,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let open = installation::table
        .find(ROW)
        .filter(installation::setup_completed_at.is_null())
        .filter(installation::setup_secret_hash.eq(hash));
    let changes = (
        installation::setup_completed_at.eq(Some(Ts::from(now))),
        installation::setup_secret_hash.eq(None::<Vec<u8>>),
        installation::setup_secret_expires_at.eq(None::<Ts>),
    );
    Ok(on_db!(conn, c => update(open).set(changes).execute(c))? == 1)
}
