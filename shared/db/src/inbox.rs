//! The inbox: an effect happens once however often its event is delivered.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, insert_into};
use shared_types::ids::EventId;

use crate::{AnyConn, Error, Id, Ts, on_db, schema::inbox};

/// Records that `consumer` handles `event`. `false`: it has done so before, and there is nothing left to do.
///
/// Call it in the transaction of the effect: if that rolls back, so does the claim. Two replicas that handle the same
/// event at once wait for each other here.
pub fn claim(
    conn: &mut AnyConn,
    consumer: &str,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let row = (
        inbox::consumer.eq(consumer),
        inbox::event_id.eq(Id::from(event)),
        inbox::handled_at.eq(Ts::from(now)),
    );
    let inserted = on_db!(conn, c => insert_into(inbox::table)
        .values(row)
        .on_conflict((inbox::consumer, inbox::event_id))
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// Forgets what was handled before `cutoff`.
pub(crate) fn delete_before(conn: &mut AnyConn, cutoff: DateTime<Utc>) -> Result<usize, Error> {
    let old = inbox::table.filter(inbox::handled_at.lt(Ts::from(cutoff)));
    Ok(on_db!(conn, c => diesel::delete(old).execute(c))?)
}
