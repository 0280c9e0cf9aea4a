//! Deliveries as they were received.

use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, insert_into, prelude::*, update};
use shared_db::{AnyConn, Error, Id, Json, Ts, on_db};
use shared_types::ids::{DeliveryId, SourceId};

use super::schema::{deliveries, delivery_attempts};

/// A whole delivery.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub(crate) struct DeliveryRow {
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) id: DeliveryId,
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) source_id: SourceId,
    pub(crate) source_name: String,
    pub(crate) kind: String,
    pub(crate) received_at: Ts,
    pub(crate) state: String,
    pub(crate) event_type: Option<String>,
    pub(crate) verdict: String,
    pub(crate) method: String,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Json,
    /// `None` when the bytes were given up after their time.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) size_bytes: i64,
    pub(crate) address: Option<String>,
    pub(crate) traceparent: Option<String>,
    pub(crate) is_test: bool,
    pub(crate) duplicate_of: Option<Id>,
    pub(crate) replay_of: Option<Id>,
    pub(crate) requested_by: Option<Id>,
    pub(crate) attempts: i32,
    pub(crate) lost_leases: i32,
    pub(crate) next_attempt_at: Ts,
    pub(crate) lease_until: Option<Ts>,
    pub(crate) error: Option<String>,
}

/// What a list shows of a delivery: everything but the bytes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(crate) struct DeliverySummary {
    #[diesel(deserialize_as = Id)]
    pub(crate) id: DeliveryId,
    #[diesel(deserialize_as = Id)]
    pub(crate) source_id: SourceId,
    pub(crate) source_name: String,
    pub(crate) kind: String,
    pub(crate) received_at: Ts,
    pub(crate) state: String,
    pub(crate) event_type: Option<String>,
    pub(crate) verdict: String,
    pub(crate) size_bytes: i64,
    pub(crate) attempts: i32,
    pub(crate) error: Option<String>,
    pub(crate) duplicate_of: Option<Id>,
    pub(crate) replay_of: Option<Id>,
}

/// One try at processing a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delivery_attempts, treat_none_as_default_value = false)]
pub(crate) struct AttemptRow {
    pub(crate) delivery_id: Id,
    pub(crate) number: i32,
    pub(crate) at: Ts,
    pub(crate) outcome: String,
    pub(crate) error: Option<String>,
}

/// Which deliveries are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) source_id: Option<SourceId>,
    pub(crate) state: Option<String>,
    pub(crate) received_after: Option<DateTime<Utc>>,
    pub(crate) received_before: Option<DateTime<Utc>>,
}

/// `false`: it is there already (the spool may bring a delivery twice).
pub(crate) fn insert_delivery(conn: &mut AnyConn, row: DeliveryRow) -> Result<bool, Error> {
    let inserted = on_db!(conn, c => insert_into(deliveries::table)
        .values(row)
        .on_conflict(deliveries::id)
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

pub(crate) fn find_delivery(
    conn: &mut AnyConn,
    id: DeliveryId,
) -> Result<Option<DeliveryRow>, Error> {
    Ok(on_db!(conn, c => deliveries::table
        .find(Id::from(id))
        .select(DeliveryRow::as_select())
        .first(c)
        .optional())?)
}

pub(crate) fn find_summary(
    conn: &mut AnyConn,
    id: DeliveryId,
) -> Result<Option<DeliverySummary>, Error> {
    Ok(on_db!(conn, c => deliveries::table
        .find(Id::from(id))
        .select(DeliverySummary::as_select())
        .first(c)
        .optional())?)
}

/// Newest first: ids are made in the order of time.
pub(crate) fn list_deliveries(
    conn: &mut AnyConn,
    filter: &Filter,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<DeliverySummary>, Error> {
    on_db!(conn, c => {
        let mut query = deliveries::table.select(DeliverySummary::as_select()).into_boxed();
        if let Some(source) = filter.source_id {
            query = query.filter(deliveries::source_id.eq(Id::from(source)));
        }
        if let Some(state) = &filter.state {
            query = query.filter(deliveries::state.eq(state));
        }
        if let Some(after) = filter.received_after {
            query = query.filter(deliveries::received_at.ge(Ts::from(after)));
        }
        if let Some(until) = filter.received_before {
            query = query.filter(deliveries::received_at.lt(Ts::from(until)));
        }
        if let Some(before) = before {
            query = query.filter(deliveries::id.lt(before));
        }
        Ok(query.order(deliveries::id.desc()).limit(limit).load(c)?)
    })
}

pub(crate) fn insert_attempt(conn: &mut AnyConn, row: AttemptRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(delivery_attempts::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Oldest first.
pub(crate) fn list_attempts(
    conn: &mut AnyConn,
    delivery: DeliveryId,
) -> Result<Vec<AttemptRow>, Error> {
    Ok(on_db!(conn, c => delivery_attempts::table
        .filter(delivery_attempts::delivery_id.eq(Id::from(delivery)))
        .order(delivery_attempts::number)
        .select(AttemptRow::as_select())
        .load(c))?)
}

/// How many deliveries are in a state.
pub(crate) fn count_in_state(conn: &mut AnyConn, state: &str) -> Result<i64, Error> {
    Ok(on_db!(conn, c => deliveries::table
        .filter(deliveries::state.eq(state))
        .select(count_star())
        .first(c))?)
}

/// Gives up the bytes of what was received before `cutoff` and needs no more processing.
pub(crate) fn update_forget_bodies(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
    unfinished: &[&str],
) -> Result<usize, Error> {
    let old = deliveries::table
        .filter(deliveries::received_at.lt(Ts::from(cutoff)))
        .filter(deliveries::body.is_not_null())
        .filter(deliveries::state.ne_all(unfinished));
    Ok(on_db!(conn, c => update(old)
        .set(deliveries::body.eq(None::<Vec<u8>>))
        .execute(c))?)
}

/// Forgets what was received before `cutoff` and needs no more attention.
pub(crate) fn delete_before(
    conn: &mut AnyConn,
    cutoff: DateTime<Utc>,
    unfinished: &[&str],
) -> Result<usize, Error> {
    let old = deliveries::table
        .filter(deliveries::received_at.lt(Ts::from(cutoff)))
        .filter(deliveries::state.ne_all(unfinished));
    Ok(on_db!(conn, c => diesel::delete(old).execute(c))?)
}
