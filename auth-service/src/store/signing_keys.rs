//! Keys that sign tokens; the private half is sealed.

use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Json, Ts, on_db};

use super::schema::signing_keys;

/// The state of the one key that signs.
pub(crate) const ACTIVE: &str = "active";

/// A signing key.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub(crate) struct SigningKeyRow {
    pub(crate) kid: String,
    pub(crate) private_sealed: Vec<u8>,
    pub(crate) public_jwk: Json,
    pub(crate) state: String,
    pub(crate) created_at: Ts,
}

/// Every key, the newest first.
pub(crate) fn list_keys(conn: &mut AnyConn) -> Result<Vec<SigningKeyRow>, Error> {
    Ok(on_db!(conn, c => signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select(SigningKeyRow::as_select())
        .load(c))?)
}

/// Adds the key unless another replica was faster.
pub(crate) fn insert_key(conn: &mut AnyConn, key: &SigningKeyRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(signing_keys::table).values(key).on_conflict_do_nothing().execute(c))?;
    Ok(())
}
