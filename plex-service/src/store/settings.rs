//! Values that are generated once per installation.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, insert_into};
use shared_db::{AnyConn, Error, on_db};

use super::schema::settings;

/// The stored value of `key`; `fresh` becomes it when there is none yet. Replicas that start together agree on one.
pub(crate) fn find_or_insert(conn: &mut AnyConn, key: &str, fresh: &str) -> Result<String, Error> {
    let row = (settings::key.eq(key), settings::value.eq(fresh));
    on_db!(conn, c => insert_into(settings::table)
        .values(row)
        .on_conflict(settings::key)
        .do_nothing()
        .execute(c))?;
    Ok(on_db!(conn, c => settings::table.find(key).select(settings::value).first(c))?)
}
