//! Where the two back ends speak differently. Nothing outside this crate should need to know.

use chrono::{DateTime, Utc};
use diesel::{RunQueryDsl, dsl::sql, select};

use crate::{AnyConn, Error, Ts, TsSql};

diesel::define_sql_function! {
    /// `lower(text)`, for comparisons without regard to case. SQLite lowers ASCII letters only.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// The database's own clock: the same for all replicas, whatever theirs say. For leases and retries; facts take their time
/// from [`shared_types::Clock`].
pub fn now(conn: &mut AnyConn) -> Result<DateTime<Utc>, Error> {
    let now: Ts = match conn {
        AnyConn::Pg(c) => select(sql::<TsSql>("clock_timestamp()")).get_result(c)?,
        AnyConn::Sqlite(c) => select(sql::<TsSql>(
            "CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)",
        ))
        .get_result(c)?,
    };
    Ok(now.0)
}

/// The pattern that finds `text` anywhere, to be used with `.like(..).escape('\\')`: wildcards in it are taken literally.
pub fn like_anywhere(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_literal() {
        assert_eq!(like_anywhere("100%_a\\"), "%100\\%\\_a\\\\%");
    }
}
