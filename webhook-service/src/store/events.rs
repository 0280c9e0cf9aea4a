//! Normalized events.

use diesel::{insert_into, prelude::*};
use shared_db::{AnyConn, Error, Id, Json, Ts, on_db};
use shared_types::ids::{DeliveryId, EventId, SourceId};

use super::schema::events;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) id: EventId,
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) delivery_id: DeliveryId,
    #[diesel(serialize_as = Id, deserialize_as = Id)]
    pub(crate) source_id: SourceId,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) occurred_at: Ts,
    pub(crate) recorded_at: Ts,
    pub(crate) is_degraded: bool,
    pub(crate) duplicate_of: Option<Id>,
    pub(crate) data: Json,
}

pub(crate) fn insert_event(conn: &mut AnyConn, row: EventRow) -> Result<(), Error> {
    on_db!(conn, c => insert_into(events::table).values(row).execute(c))?;
    Ok(())
}

/// In the order in which the delivery told them.
pub(crate) fn list_of_delivery(
    conn: &mut AnyConn,
    delivery: DeliveryId,
) -> Result<Vec<EventRow>, Error> {
    Ok(on_db!(conn, c => events::table
        .filter(events::delivery_id.eq(Id::from(delivery)))
        .order(events::id)
        .select(EventRow::as_select())
        .load(c))?)
}

/// Newest first.
pub(crate) fn list_events(
    conn: &mut AnyConn,
    source: Option<SourceId>,
    kind: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<EventRow>, Error> {
    on_db!(conn, c => {
        let mut query = events::table.select(EventRow::as_select()).into_boxed();
        if let Some(source) = source {
            query = query.filter(events::source_id.eq(Id::from(source)));
        }
        if let Some(kind) = kind {
            query = query.filter(events::kind.eq(kind));
        }
        if let Some(before) = before {
            query = query.filter(events::id.lt(before));
        }
        Ok(query.order(events::id.desc()).limit(limit).load(c)?)
    })
}
