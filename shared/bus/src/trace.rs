//! W3C trace context across the bus: from the event into the consumer's span, and from the
//! publisher's span into a message whose event has none.

use std::collections::HashMap;

use opentelemetry::global;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub(crate) const TRACEPARENT: &str = "traceparent";

/// Makes `span` part of the trace of its cause.
pub(crate) fn continue_from(span: &Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else {
        return;
    };
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(?error, "no trace is recorded");
    }
}

/// The current span's trace context, when traces are on.
pub(crate) fn current() -> Option<String> {
    let mut carrier: HashMap<String, String> = HashMap::new();
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut carrier);
    });
    carrier.remove(TRACEPARENT)
}
