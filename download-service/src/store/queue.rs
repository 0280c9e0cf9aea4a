//! Claiming work: fair between people, safe between workers. Leases use the database's clock.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, SelectableHelper, dsl::count_star, insert_into, update,
};
use shared_db::{AnyConn, Error as DbError, Id, Ts, dialect, on_db};

use super::{
    ItemRow, attempts,
    items::Fence,
    schema::{download_items as items, shares},
};
use crate::{
    fairness::{Waiting, next_in_turn},
    state::DownloadState,
};

/// How often a claim is tried again after another worker was faster.
const RACES: usize = 8;

/// Waiting items that are due, and items whose worker has gone silent.
macro_rules! claimable {
    ($now:expr) => {
        items::state
            .eq(DownloadState::Queued.as_str())
            .and(
                items::next_attempt_at
                    .is_null()
                    .or(items::next_attempt_at.assume_not_null().le($now)),
            )
            .or(items::lease_until
                .is_not_null()
                .and(items::lease_until.assume_not_null().lt($now)))
    };
}

/// An item that was claimed, and the state it was found in.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    /// As it is now, with the new attempt.
    pub(crate) item: ItemRow,
    /// Attempts whose worker is gone.
    pub(crate) abandoned: Vec<super::OpenAttempt>,
}

/// Takes the next item in turn, if there is one. Call it in a transaction.
pub(crate) fn claim_item(
    conn: &mut AnyConn,
    worker: &str,
    lease: TimeDelta,
) -> Result<Option<Claimed>, DbError> {
    let now = dialect::now(conn)?;
    for _race in 0..RACES {
        let waiting = waiting_people(conn, now)?;
        let Some(next) = next_in_turn(&waiting) else {
            return Ok(None);
        };
        let person = next.person;
        let Some(found) = oldest_of(conn, person, now)? else {
            continue;
        };
        let Some(item) = take(conn, &found, now + lease)? else {
            continue;
        };
        served(conn, person, now)?;
        let fence = Fence {
            item: item.item_id(),
            attempt: item.attempt,
        };
        let abandoned = attempts::list_open(conn, Some(item.id))?;
        attempts::end_lost(conn, fence, now)?;
        attempts::insert_attempt(conn, fence, worker, now)?;
        return Ok(Some(Claimed { item, abandoned }));
    }
    Ok(None)
}

fn waiting_people(conn: &mut AnyConn, now: DateTime<Utc>) -> Result<Vec<Waiting<Id>>, DbError> {
    let at = Ts::from(now);
    let waiting: Vec<Id> = on_db!(conn, c => items::table
        .filter(claimable!(at))
        .select(items::user_id)
        .distinct()
        .load(c))?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let running: Vec<(Id, i64)> = on_db!(conn, c => items::table
        .filter(items::lease_until.is_not_null().and(items::lease_until.assume_not_null().ge(at)))
        .group_by(items::user_id)
        .select((items::user_id, count_star()))
        .load(c))?;
    let shares: Vec<(Id, Option<Ts>)> = on_db!(conn, c => shares::table
        .filter(shares::user_id.eq_any(&waiting))
        .select((shares::user_id, shares::last_served_at))
        .load(c))?;
    let running: HashMap<_, _> = running.into_iter().collect();
    let shares: HashMap<_, _> = shares.into_iter().collect();
    Ok(waiting
        .into_iter()
        .map(|person| Waiting {
            person,
            running: running.get(&person).copied().unwrap_or_default(),
            last_served_at: shares.get(&person).copied().flatten().map(Into::into),
        })
        .collect())
}

fn oldest_of(
    conn: &mut AnyConn,
    person: Id,
    now: DateTime<Utc>,
) -> Result<Option<ItemRow>, DbError> {
    let at = Ts::from(now);
    Ok(on_db!(conn, c => items::table
        .filter(items::user_id.eq(person).and(claimable!(at)))
        .order((items::priority.desc(), items::created_at, items::position, items::id))
        .select(ItemRow::as_select())
        .first(c)
        .optional())?)
}

/// Compare and set: only one worker sees the attempt number it has read.
fn take(
    conn: &mut AnyConn,
    found: &ItemRow,
    lease_until: DateTime<Utc>,
) -> Result<Option<ItemRow>, DbError> {
    let unchanged = items::table.filter(
        items::id
            .eq(found.id)
            .and(items::attempt.eq(found.attempt))
            .and(items::state.eq(found.state.clone())),
    );
    let state = if found.needs_probe {
        DownloadState::Probing
    } else {
        DownloadState::Downloading
    };
    Ok(on_db!(conn, c => update(unchanged)
        .set((
            items::attempt.eq(found.attempt + 1),
            items::state.eq(state.as_str()),
            items::lease_until.eq(Ts::from(lease_until)),
            items::next_attempt_at.eq(None::<Ts>),
        ))
        .returning(ItemRow::as_returning())
        .get_result(c)
        .optional())?)
}

fn served(conn: &mut AnyConn, person: Id, now: DateTime<Utc>) -> Result<(), DbError> {
    let at = shares::last_served_at.eq(Ts::from(now));
    on_db!(conn, c => insert_into(shares::table)
        .values((shares::user_id.eq(person), at))
        .on_conflict(shares::user_id)
        .do_update()
        .set(at)
        .execute(c))?;
    Ok(())
}

/// Gives an item whose worker is known to be gone back to the queue at once.
pub(crate) fn release_lost(conn: &mut AnyConn, fence: Fence) -> Result<(), DbError> {
    let lost = items::table.filter(
        items::id
            .eq(Id::from(fence.item))
            .and(items::attempt.eq(fence.attempt))
            .and(items::lease_until.is_not_null()),
    );
    on_db!(conn, c => update(lost)
        .set((
            items::state.eq(DownloadState::Queued.as_str()),
            items::lease_until.eq(None::<Ts>),
        ))
        .execute(c))?;
    Ok(())
}

/// How many items wait, and how many run.
pub(crate) fn count_work(conn: &mut AnyConn) -> Result<(i64, i64), DbError> {
    let queued = on_db!(conn, c => items::table
        .filter(items::state.eq(DownloadState::Queued.as_str()))
        .select(count_star())
        .first(c))?;
    let running = on_db!(conn, c => items::table
        .filter(items::lease_until.is_not_null())
        .select(count_star())
        .first(c))?;
    Ok((queued, running))
}
