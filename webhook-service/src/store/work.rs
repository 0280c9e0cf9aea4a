//! The work list: who processes which delivery until when. Times of leases and retries are the database's own, the same
//! for all replicas.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{prelude::*, update};
use shared_db::{AnyConn, Error, Id, Ts, dialect, on_db};
use shared_types::ids::DeliveryId;

use super::{
    deliveries::{self as rows, AttemptRow, DeliveryRow},
    schema::deliveries,
};
use crate::deliveries::State;

/// A replica that does not finish within this time is taken for dead.
const LEASE: Duration = Duration::from_secs(20);
/// A delivery that took this many replicas down is poison.
const MAX_LOST_LEASES: i32 = 3;

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) state: State,
    pub(crate) event_type: Option<String>,
    pub(crate) error: Option<String>,
    /// For [`State::RetryWait`].
    pub(crate) wait: Duration,
}

/// Takes up to `limit` deliveries that are due, oldest first. One whose lease was lost too often is set aside as dead.
pub(crate) fn claim_due(conn: &mut AnyConn, limit: i64) -> Result<Vec<DeliveryRow>, Error> {
    let now = dialect::now(conn)?;
    let lease = Ts::from(now + TimeDelta::from_std(LEASE).unwrap_or_default());
    let now = Ts::from(now);
    let mut claimed = Vec::new();
    for (id, state, lost) in due(conn, now, limit)? {
        let lost = lost + i32::from(state == State::Processing.as_str());
        if lost >= MAX_LOST_LEASES {
            bury_poison(conn, id, now)?;
            continue;
        }
        if let Some(row) = take(conn, id, now, lease, lost)? {
            claimed.push(row);
        }
    }
    Ok(claimed)
}

/// Whether anything is due right now.
fn due(conn: &mut AnyConn, now: Ts, limit: i64) -> Result<Vec<(Id, String, i32)>, Error> {
    let waiting = [State::Accepted.as_str(), State::RetryWait.as_str()];
    let is_due = deliveries::state
        .eq_any(waiting)
        .and(deliveries::next_attempt_at.le(now))
        .or(deliveries::state
            .eq(State::Processing.as_str())
            .and(deliveries::lease_until.lt(now).assume_not_null()));
    Ok(on_db!(conn, c => deliveries::table
        .filter(is_due)
        .order(deliveries::id)
        .limit(limit)
        .select((deliveries::id, deliveries::state, deliveries::lost_leases))
        .load(c))?)
}

/// Compare and set: of several replicas that see the same row, one update counts.
fn take(
    conn: &mut AnyConn,
    id: Id,
    now: Ts,
    lease: Ts,
    lost: i32,
) -> Result<Option<DeliveryRow>, Error> {
    let free = deliveries::state
        .ne(State::Processing.as_str())
        .or(deliveries::lease_until.lt(now).assume_not_null());
    let open = [
        State::Accepted.as_str(),
        State::RetryWait.as_str(),
        State::Processing.as_str(),
    ];
    let row = deliveries::table
        .find(id)
        .filter(deliveries::state.eq_any(open))
        .filter(free);
    Ok(on_db!(conn, c => update(row)
        .set((
            deliveries::state.eq(State::Processing.as_str()),
            deliveries::lease_until.eq(Some(lease)),
            deliveries::lost_leases.eq(lost),
            deliveries::attempts.eq(deliveries::attempts + 1),
        ))
        .returning(DeliveryRow::as_returning())
        .get_result(c)
        .optional())?)
}

fn bury_poison(conn: &mut AnyConn, id: Id, now: Ts) -> Result<(), Error> {
    let expired = deliveries::table
        .find(id)
        .filter(deliveries::state.eq(State::Processing.as_str()))
        .filter(deliveries::lease_until.lt(now).assume_not_null());
    on_db!(conn, c => update(expired)
        .set((
            deliveries::state.eq(State::Dead.as_str()),
            deliveries::lease_until.eq(None::<Ts>),
            deliveries::error.eq(Some("poison: the process ended three times while it worked on this")),
        ))
        .execute(c))?;
    Ok(())
}

/// Ends an attempt. `false`: the lease was lost meanwhile and somebody else decides; roll back.
pub(crate) fn finish(conn: &mut AnyConn, row: &DeliveryRow, ended: &Ended) -> Result<bool, Error> {
    let now = dialect::now(conn)?;
    let next = Ts::from(now + TimeDelta::from_std(ended.wait).unwrap_or_default());
    let mine = deliveries::table
        .find(Id::from(row.id))
        .filter(deliveries::state.eq(State::Processing.as_str()))
        .filter(deliveries::lease_until.eq(row.lease_until));
    let finished = on_db!(conn, c => update(mine)
        .set((
            deliveries::state.eq(ended.state.as_str()),
            deliveries::event_type.eq(&ended.event_type),
            deliveries::error.eq(&ended.error),
            deliveries::next_attempt_at.eq(next),
            deliveries::lease_until.eq(None::<Ts>),
        ))
        .execute(c))?;
    let attempt = AttemptRow {
        delivery_id: row.id.into(),
        number: row.attempts,
        at: now.into(),
        outcome: ended.state.as_str().to_owned(),
        error: ended.error.clone(),
    };
    rows::insert_attempt(conn, attempt)?;
    Ok(finished == 1)
}

/// Puts a claimed delivery back, untouched, because the process stops.
pub(crate) fn release(conn: &mut AnyConn, id: DeliveryId, lease: Option<Ts>) -> Result<(), Error> {
    let mine = deliveries::table
        .find(Id::from(id))
        .filter(deliveries::lease_until.eq(lease));
    on_db!(conn, c => update(mine)
        .set((
            deliveries::state.eq(State::Accepted.as_str()),
            deliveries::lease_until.eq(None::<Ts>),
            deliveries::attempts.eq(deliveries::attempts - 1),
        ))
        .execute(c))?;
    Ok(())
}
