//! One call of a consumer's handler: traced, counted, bounded in time, and safe from its panics.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use shared_types::{
    bus::{Handler, Outcome},
    event::Event,
};
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use crate::trace;

/// A handler records its work and returns; one that takes longer than this is stuck.
const LIMIT: Duration = Duration::from_secs(15);

/// When to call a handler again that panicked or got stuck.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Calls the handler and says what became of the event.
pub(crate) async fn handle(consumer: &str, handler: &dyn Handler, event: &Event) -> Outcome {
    let span = consumer_span(consumer, event);
    let started = Instant::now();
    let outcome = guarded(handler, event).instrument(span.clone()).await;
    count(consumer, &outcome, started.elapsed());
    span.in_scope(|| log(consumer, event, &outcome));
    outcome
}

async fn guarded(handler: &dyn Handler, event: &Event) -> Outcome {
    let call = AssertUnwindSafe(handler.handle(event)).catch_unwind();
    match timeout(LIMIT, call).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => retry("the handler panicked".to_owned()),
        Err(_elapsed) => retry(format!(
            "the handler took longer than {} s",
            LIMIT.as_secs()
        )),
    }
}

fn retry(reason: String) -> Outcome {
    Outcome::Retry {
        after: RETRY_AFTER,
        reason,
    }
}

fn consumer_span(consumer: &str, event: &Event) -> Span {
    let span = tracing::info_span!(
        "consume",
        otel.name = format!("consume {}", event.routing_key()),
        otel.kind = "consumer",
        messaging.operation = "process",
        messaging.consumer = consumer,
        event.id = %event.id,
        event.r#type = event.kind,
        event.subject = event.subject,
    );
    trace::continue_from(&span, event.traceparent.as_deref());
    span
}

fn count(consumer: &str, outcome: &Outcome, took: Duration) {
    let outcome = match outcome {
        Outcome::Done => "done",
        Outcome::Retry { .. } => "retry",
        Outcome::Dead { .. } => "dead",
    };
    let consumer = consumer.to_owned();
    metrics::histogram!("medianest_bus_handler_seconds", "consumer" => consumer.clone())
        .record(took);
    metrics::counter!("medianest_bus_handled_total", "consumer" => consumer, "outcome" => outcome)
        .increment(1);
}

fn log(consumer: &str, event: &Event, outcome: &Outcome) {
    let (id, key) = (event.id, event.routing_key());
    match outcome {
        Outcome::Done => tracing::debug!("{consumer} handled {key} {id}"),
        Outcome::Retry { reason, .. } => {
            tracing::warn!(
                reason,
                "{consumer} will be given {key} {id} again: {reason}"
            );
        }
        Outcome::Dead { reason } => {
            tracing::error!(reason, "{consumer} can never handle {key} {id}: {reason}");
        }
    }
}
