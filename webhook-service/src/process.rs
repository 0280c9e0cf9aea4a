//! Processing one delivery: understand it, drop what was said before, keep the events and publish them, all in one
//! transaction with the delivery's new state. So it happens once, however often it is begun.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use shared_db::{AnyConn, Db, Id, Json, outbox};
use shared_types::{
    Clock,
    event::{Event, NormalizedEvent, TYPE_PREFIX},
    ids::EventId,
};
use tracing::{error, warn};

use crate::{
    app::NAME,
    content,
    deliveries::State,
    error::Error,
    kind::Kind,
    normalize::{self, Input, Normalized, Reading},
    retry,
    store::{
        dedupe::{self, Claim},
        deliveries::DeliveryRow,
        events::{self, EventRow},
        work::{self, Ended},
    },
};

/// What processing needs.
#[derive(Debug, Clone)]
pub(crate) struct Processor {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retry_base: Duration,
}

impl Processor {
    /// Processes a claimed delivery to an end: done, put back for later, or dead.
    pub(crate) async fn process(&self, row: DeliveryRow) {
        let row = Arc::new(row);
        let outcome = match understand(&row) {
            Ok(reading) => self.apply(&row, reading).await,
            Err(reason) => self.bury(&row, reason).await,
        };
        let Err(err) = outcome else { return };
        warn!(
            "The delivery {} could not be processed: {err}: {:?}",
            row.id,
            std::error::Error::source(&err)
        );
        if let Err(err) = self.postpone(&row, &err).await {
            // Its lease runs out, and then it is taken up again.
            error!("The delivery {} could not be put back: {err}", row.id);
        }
    }

    async fn apply(&self, row: &Arc<DeliveryRow>, reading: Reading) -> Result<(), Error> {
        let (row, clock) = (Arc::clone(row), Arc::clone(&self.clock));
        self.db
            .tx(move |conn| {
                let state = if reading.events.is_empty() {
                    State::Ignored
                } else {
                    State::Done
                };
                let ended = Ended {
                    state,
                    event_type: reading.event_type.or_else(|| row.event_type.clone()),
                    error: None,
                    wait: Duration::ZERO,
                };
                if !work::finish(conn, &row, &ended)? {
                    return Err(Error::LeaseLost);
                }
                for event in reading.events {
                    tell(conn, &*clock, &row, event)?;
                }
                Ok(())
            })
            .await
    }

    async fn bury(&self, row: &Arc<DeliveryRow>, reason: String) -> Result<(), Error> {
        self.end(row, State::Dead, reason, Duration::ZERO).await
    }

    async fn postpone(&self, row: &Arc<DeliveryRow>, cause: &Error) -> Result<(), Error> {
        if matches!(cause, Error::LeaseLost) {
            return Ok(());
        }
        let attempts = u32::try_from(row.attempts).unwrap_or(u32::MAX);
        let reason = cause.to_string();
        match retry::wait_after(attempts, self.retry_base, rand::random()) {
            Some(wait) => self.end(row, State::RetryWait, reason, wait).await,
            None => self.end(row, State::Dead, reason, Duration::ZERO).await,
        }
    }

    async fn end(
        &self,
        row: &Arc<DeliveryRow>,
        state: State,
        reason: String,
        wait: Duration,
    ) -> Result<(), Error> {
        let row = Arc::clone(row);
        self.db
            .tx(move |conn| {
                let ended = Ended {
                    state,
                    event_type: row.event_type.clone(),
                    error: Some(reason),
                    wait,
                };
                work::finish(conn, &row, &ended)?;
                Ok(())
            })
            .await
    }
}

/// What the delivery says; `Err` is why nobody will ever know. A fault of ours is confined to this delivery.
fn understand(row: &DeliveryRow) -> Result<Reading, String> {
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| read(row)));
    read.unwrap_or_else(|_panic| Err("poison: reading it made the program fail".to_owned()))
}

fn read(row: &DeliveryRow) -> Result<Reading, String> {
    let kind: Kind = row.kind.parse().map_err(|err| format!("{err}"))?;
    if row.is_test {
        return Ok(normalize::test_reading(row.received_at.0, kind));
    }
    let body = row.body.as_deref().ok_or("its bytes are no longer kept")?;
    let document = content::document(kind, row.content_type.as_deref(), body)
        .map_err(|err| err.to_string())?;
    let no_headers = Map::new();
    Ok(normalize::read(&Input {
        kind,
        headers: row.headers.0.as_object().unwrap_or(&no_headers),
        document: &document,
        received_at: row.received_at.0,
    }))
}

/// Keeps an event, and publishes it unless the same thing was said before.
fn tell(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DeliveryRow,
    normalized: Normalized,
) -> Result<(), Error> {
    let event = envelope(clock, row, &normalized);
    let first = claim(conn, row, event.id, &normalized)?;
    events::insert_event(
        conn,
        EventRow {
            id: event.id,
            delivery_id: row.id,
            source_id: row.source_id,
            kind: normalized.name,
            subject: event.subject.clone(),
            occurred_at: normalized.occurred_at.into(),
            recorded_at: event.time.into(),
            is_degraded: normalized.is_degraded,
            duplicate_of: first,
            data: Json(Value::Object(normalized.fields)),
        },
    )?;
    if first.is_none() {
        outbox::append(conn, &event)?;
    }
    Ok(())
}

/// A replay is meant to have its effect again.
fn claim(
    conn: &mut AnyConn,
    row: &DeliveryRow,
    event: EventId,
    normalized: &Normalized,
) -> Result<Option<Id>, Error> {
    let Some((key, window)) = normalized.key.as_ref().filter(|_| row.replay_of.is_none()) else {
        return Ok(None);
    };
    let claim = Claim {
        source_id: row.source_id,
        scope: dedupe::EVENT,
        key,
        owner: event.into(),
        window: *window,
    };
    // By the time of arrival: a backlog must not shorten the window.
    Ok(dedupe::claim(conn, claim, row.received_at.0)?)
}

fn envelope(clock: &dyn Clock, row: &DeliveryRow, normalized: &Normalized) -> Event {
    let fact = NormalizedEvent {
        delivery_id: row.id,
        source_id: row.source_id,
        source_kind: row.kind.clone(),
        name: normalized.name.clone(),
        occurred_at: normalized.occurred_at,
        degraded: normalized.is_degraded,
        fields: normalized.fields.clone(),
    };
    let kind = event_type(&normalized.name);
    let subject = normalized.subject(row.source_id);
    Event::of_kind(clock, NAME, &kind, subject, &fact).with_traceparent(row.traceparent.clone())
}

/// `download.*` and `user.*` are facts of our own services with other data: what outside programs say of theirs is told
/// below `webhook.`.
fn event_type(name: &str) -> String {
    let area = match name.split('.').next() {
        Some("download" | "user") => "webhook.",
        _ => "",
    };
    format!("{TYPE_PREFIX}{area}{name}.v1")
}

#[cfg(test)]
mod tests {
    use super::event_type;

    #[test]
    fn facts_of_our_own_services_are_not_forged_by_a_sender() {
        assert_eq!(event_type("media.added"), "medianest.media.added.v1");
        assert_eq!(
            event_type("download.failed"),
            "medianest.webhook.download.failed.v1"
        );
        assert_eq!(
            event_type("user.created"),
            "medianest.webhook.user.created.v1"
        );
    }
}
