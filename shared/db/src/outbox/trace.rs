//! The trace of the request that caused an event, kept with the event.

use std::collections::HashMap;

use opentelemetry::global;
use shared_types::event::Event;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The event with the current span's W3C `traceparent`, unless it has one.
pub(super) fn with_current(event: &Event) -> Event {
    let event = event.clone();
    if event.traceparent.is_some() {
        return event;
    }
    let mut carrier: HashMap<String, String> = HashMap::new();
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut carrier));
    event.with_traceparent(carrier.remove("traceparent"))
}
