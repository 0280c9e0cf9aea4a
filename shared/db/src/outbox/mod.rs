//! The outbox: an event becomes durable in the transaction of the change it tells about, and reaches the bus afterwards.
//!
//! [`append`] writes it, [`relay`] publishes it. Events of one subject keep their order. Delivery is at least once: when a
//! relay dies between publishing and noting it, the event is published again with the same id.

mod backoff;
mod housekeeping;
mod queue;
mod relay;
#[cfg(test)]
mod tests;
mod trace;
pub(crate) mod wake;

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::count_star, insert_into};
use shared_types::event::Event;

use crate::{AnyConn, Error, Id, Json, Ts, dialect, on_db, schema::outbox};

pub use relay::relay;

const PENDING: &str = "pending";
const PUBLISHED: &str = "published";
const DEAD: &str = "dead";

/// How full the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Events that wait for the bus.
    pub pending: u64,
    /// How long the oldest of them has been waiting.
    pub oldest_age: Option<Duration>,
    /// Events that no attempt will publish any more.
    pub dead: u64,
}

/// Adds an event. Call it in the transaction of the change; the relay of this process is woken when the unit of work ends.
pub fn append(conn: &mut AnyConn, event: &Event) -> Result<(), Error> {
    let row = (
        outbox::id.eq(Id::from(event.id)),
        outbox::kind.eq(&event.kind),
        outbox::subject.eq(&event.subject),
        outbox::payload.eq(Json::of(&trace::with_current(event))?),
        outbox::created_at.eq(Ts::from(event.time)),
    );
    on_db!(conn, c => insert_into(outbox::table).values(row).execute(c))?;
    wake::set();
    Ok(())
}

/// How many events wait, how long, and how many are dead.
pub fn depth(conn: &mut AnyConn) -> Result<OutboxDepth, Error> {
    let now = dialect::now(conn)?;
    depth_at(conn, now)
}

fn depth_at(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<OutboxDepth, Error> {
    // The oldest is the first in line; its index also answers both counts.
    let oldest: Vec<Ts> = on_db!(conn, c => outbox::table
        .filter(outbox::state.eq(PENDING))
        .order(outbox::seq)
        .limit(1)
        .select(outbox::created_at)
        .load(c))?;
    Ok(OutboxDepth {
        pending: count(conn, PENDING)?,
        oldest_age: oldest
            .first()
            .map(|created| (now - created.0).to_std().unwrap_or_default()),
        dead: count(conn, DEAD)?,
    })
}

fn count(conn: &mut AnyConn, state: &str) -> Result<u64, Error> {
    let count: i64 = on_db!(conn, c => outbox::table
        .filter(outbox::state.eq(state))
        .select(count_star())
        .first(c))?;
    Ok(count.unsigned_abs())
}
