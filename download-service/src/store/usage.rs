//! The tables `usage` and `shares`: what people have used up.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, delete, insert_into,
};
use shared_db::{AnyConn, Error as DbError, Id, Ts, on_db};
use shared_types::ids::{EventId, UserId};

use super::schema::{shares, usage};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A submitted link.
    Download,
    /// Transferred bytes.
    Bytes,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Bytes => "bytes",
        }
    }
}

/// Makes the submissions of one person wait for each other until the end of the transaction.
pub(crate) fn lock_person(
    conn: &mut AnyConn,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let at = shares::last_submitted_at.eq(Ts::from(now));
    on_db!(conn, c => insert_into(shares::table)
        .values((shares::user_id.eq(Id::from(user)), at))
        .on_conflict(shares::user_id)
        .do_update()
        .set(at)
        .execute(c))?;
    Ok(())
}

/// Counts something against a person's quota.
pub(crate) fn insert_usage(
    conn: &mut AnyConn,
    id: EventId,
    user: UserId,
    (kind, amount): (Kind, i64),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = (
        usage::id.eq(Id::from(id)),
        usage::user_id.eq(Id::from(user)),
        usage::kind.eq(kind.as_str()),
        usage::amount.eq(amount),
        usage::created_at.eq(Ts::from(now)),
    );
    on_db!(conn, c => insert_into(usage::table).values(row).execute(c))?;
    Ok(())
}

/// What a person has used since `since`: each amount with its time, oldest first.
pub(crate) fn list_usage(
    conn: &mut AnyConn,
    user: UserId,
    kind: Kind,
    since: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, i64)>, DbError> {
    let rows: Vec<(Ts, i64)> = on_db!(conn, c => usage::table
        .filter(
            usage::user_id
                .eq(Id::from(user))
                .and(usage::kind.eq(kind.as_str()))
                .and(usage::created_at.gt(Ts::from(since))),
        )
        .order((usage::created_at, usage::id))
        .select((usage::created_at, usage::amount))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(at, amount)| (at.into(), amount))
        .collect())
}

/// Forgets what no window reaches any more.
pub(crate) fn delete_before(conn: &mut AnyConn, cutoff: DateTime<Utc>) -> Result<(), DbError> {
    let old = usage::table.filter(usage::created_at.lt(Ts::from(cutoff)));
    on_db!(conn, c => delete(old).execute(c))?;
    Ok(())
}

/// Forgets a person.
pub(crate) fn delete_of_user(conn: &mut AnyConn, user: UserId) -> Result<(), DbError> {
    let user = Id::from(user);
    on_db!(conn, c => delete(usage::table.filter(usage::user_id.eq(user))).execute(c))?;
    on_db!(conn, c => delete(shares::table.filter(shares::user_id.eq(user))).execute(c))?;
    Ok(())
}
