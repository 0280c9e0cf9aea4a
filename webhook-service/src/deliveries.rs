//! Deliveries: their states, how one becomes durable, and how one is replayed.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared_db::{AnyConn, Db, Id, Json, Ts, outbox};
use shared_types::{
    Clock,
    event::{Event, WebhookReceived},
    ids::{DeliveryId, SourceId, UserId},
};
use utoipa::ToSchema;

use crate::{
    app::NAME,
    error::Error,
    kind::Kind,
    store::{
        dedupe::{self, Claim},
        deliveries::{self as store, DeliveryRow, DeliverySummary, Filter},
        sources::{self, SourceRow},
    },
};

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Stored, and waiting for its turn.
    Accepted,
    /// Somebody works on it.
    Processing,
    /// Understood and told.
    Done,
    /// Understood, and nothing that anybody needs to know.
    Ignored,
    /// The same request as an earlier one.
    Duplicate,
    /// It failed and is tried again.
    RetryWait,
    /// It can never be processed, or was tried often enough.
    Dead,
}

impl State {
    /// The states in which somebody or something still has to look at it.
    pub(crate) const UNFINISHED: [&'static str; 4] = [
        Self::Accepted.as_str(),
        Self::Processing.as_str(),
        Self::RetryWait.as_str(),
        Self::Dead.as_str(),
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Duplicate => "duplicate",
            Self::RetryWait => "retry_wait",
            Self::Dead => "dead",
        }
    }
}

/// Makes a repetition recognizable for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DedupeKey {
    pub(crate) key: String,
    pub(crate) window: Duration,
}

/// A verified delivery that is about to become durable, in the database or in the spool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) source_id: SourceId,
    pub(crate) source_name: String,
    pub(crate) kind: Kind,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) event_type: Option<String>,
    pub(crate) verdict: String,
    pub(crate) method: String,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Map<String, Value>,
    pub(crate) address: Option<String>,
    pub(crate) traceparent: Option<String>,
    pub(crate) is_test: bool,
    pub(crate) dedupe: Option<DedupeKey>,
    pub(crate) replay_of: Option<DeliveryId>,
    pub(crate) requested_by: Option<UserId>,
    /// Kept beside the rest in the spool: as bytes, not as JSON.
    #[serde(skip)]
    pub(crate) body: Vec<u8>,
}

/// What became of a delivery when it was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// It will be processed.
    Accepted,
    /// It repeats another one and has no effect.
    Duplicate,
}

/// Stores a delivery and tells that it was received, in the caller's transaction.
pub(crate) fn record(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    delivery: &NewDelivery,
) -> Result<Stored, Error> {
    let first = match &delivery.dedupe {
        None => None,
        Some(dedupe) => {
            let claim = Claim {
                source_id: delivery.source_id,
                scope: dedupe::DELIVERY,
                key: &dedupe.key,
                owner: delivery.id.into(),
                window: dedupe.window,
            };
            dedupe::claim(conn, claim, delivery.received_at)?
        }
    };
    let is_new = store::insert_delivery(conn, row_of(delivery, first))?;
    if first.is_some() {
        return Ok(Stored::Duplicate);
    }
    if is_new {
        outbox::append(conn, &received(clock, delivery))?;
    }
    Ok(Stored::Accepted)
}

fn received(clock: &dyn Clock, delivery: &NewDelivery) -> Event {
    let fact = WebhookReceived {
        delivery_id: delivery.id,
        source_id: delivery.source_id,
        source_kind: delivery.kind.as_str().to_owned(),
        event_type: delivery.event_type.clone(),
        received_at: delivery.received_at,
    };
    Event::new(clock, NAME, &fact).with_traceparent(delivery.traceparent.clone())
}

fn row_of(delivery: &NewDelivery, duplicate_of: Option<Id>) -> DeliveryRow {
    let state = match duplicate_of {
        Some(_) => State::Duplicate,
        None => State::Accepted,
    };
    DeliveryRow {
        id: delivery.id,
        source_id: delivery.source_id,
        source_name: delivery.source_name.clone(),
        kind: delivery.kind.as_str().to_owned(),
        received_at: delivery.received_at.into(),
        state: state.as_str().to_owned(),
        event_type: delivery.event_type.clone(),
        verdict: delivery.verdict.clone(),
        method: delivery.method.clone(),
        content_type: delivery.content_type.clone(),
        headers: Json(Value::Object(delivery.headers.clone())),
        size_bytes: i64::try_from(delivery.body.len()).unwrap_or(i64::MAX),
        body: Some(delivery.body.clone()),
        address: delivery.address.clone(),
        traceparent: delivery.traceparent.clone(),
        is_test: delivery.is_test,
        duplicate_of,
        replay_of: delivery.replay_of.map(Id::from),
        requested_by: delivery.requested_by.map(Id::from),
        attempts: 0,
        lost_leases: 0,
        // Due at once, whatever the database's clock says.
        next_attempt_at: Ts(DateTime::UNIX_EPOCH),
        lease_until: None,
        error: None,
    }
}

/// Plays a delivery again: a new one with the same bytes, which no deduplication stops.
pub(crate) async fn replay(
    db: &Db,
    clock: &Arc<dyn Clock>,
    id: DeliveryId,
    by: UserId,
) -> Result<DeliverySummary, Error> {
    let clock = Arc::clone(clock);
    db.tx(move |conn| {
        let original = store::find_delivery(conn, id)?.ok_or(Error::NotFound)?;
        let copy = copy_of(&*clock, original, by)?;
        record(conn, &*clock, &copy)?;
        store::find_summary(conn, copy.id)?.ok_or(Error::NotFound)
    })
    .await
}

/// Makes a delivery that goes the way of a real one from here on, so that the operator sees what comes of it.
pub(crate) async fn send_test(
    db: &Db,
    clock: &Arc<dyn Clock>,
    source: SourceId,
    by: UserId,
) -> Result<DeliverySummary, Error> {
    let clock = Arc::clone(clock);
    db.tx(move |conn| {
        let row = sources::find_source(conn, source)?.ok_or(Error::NotFound)?;
        if !row.is_enabled {
            return Err(Error::Disabled);
        }
        let delivery = test_of(&*clock, row, by)?;
        record(conn, &*clock, &delivery)?;
        store::find_summary(conn, delivery.id)?.ok_or(Error::NotFound)
    })
    .await
}

fn test_of(clock: &dyn Clock, source: SourceRow, by: UserId) -> Result<NewDelivery, Error> {
    Ok(NewDelivery {
        id: DeliveryId::generate(clock),
        source_id: source.id,
        source_name: source.name,
        kind: source.kind.parse()?,
        received_at: clock.now(),
        event_type: Some("test".to_owned()),
        verdict: "A test from here: the sender took no part in it.".to_owned(),
        method: "POST".to_owned(),
        content_type: Some("application/json".to_owned()),
        headers: Map::new(),
        address: None,
        traceparent: None,
        is_test: true,
        dedupe: None,
        replay_of: None,
        requested_by: Some(by),
        body: b"{}".to_vec(),
    })
}

/// Plays everything again that the filter finds, oldest first. Gives what was found, and the ids of what was made of it.
pub(crate) async fn replay_filtered(
    db: &Db,
    clock: &Arc<dyn Clock>,
    filter: Filter,
    limit: i64,
    by: Option<UserId>,
) -> Result<(usize, Vec<DeliveryId>), Error> {
    let clock = Arc::clone(clock);
    db.tx(move |conn| {
        let mut found = store::list_deliveries(conn, &filter, None, limit)?;
        found.reverse();
        let mut made = Vec::new();
        for summary in by.map_or(&[][..], |_by| &found[..]) {
            let original = store::find_delivery(conn, summary.id)?.ok_or(Error::NotFound)?;
            if let (Some(by), Some(_body)) = (by, &original.body) {
                let copy = copy_of(&*clock, original, by)?;
                record(conn, &*clock, &copy)?;
                made.push(copy.id);
            }
        }
        Ok((found.len(), made))
    })
    .await
}

fn copy_of(clock: &dyn Clock, original: DeliveryRow, by: UserId) -> Result<NewDelivery, Error> {
    let headers = match original.headers.0 {
        Value::Object(headers) => headers,
        _ => Map::new(),
    };
    Ok(NewDelivery {
        id: DeliveryId::generate(clock),
        source_id: original.source_id,
        source_name: original.source_name,
        kind: original.kind.parse()?,
        received_at: clock.now(),
        event_type: original.event_type,
        verdict: "Replayed: it was checked when it came first.".to_owned(),
        method: original.method,
        content_type: original.content_type,
        headers,
        address: original.address,
        traceparent: None,
        is_test: original.is_test,
        dedupe: None,
        replay_of: Some(original.id),
        requested_by: Some(by),
        body: original.body.ok_or(Error::BodyForgotten)?,
    })
}
