//! Events as AMQP messages: the CloudEvents envelope is the body, and what operators look for in
//! the broker's tools is in the properties.

use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable},
};
use shared_types::event::Event;

use crate::trace::{self, TRACEPARENT};

const PERSISTENT: u8 = 2;
const TRANSIENT: u8 = 1;

pub(crate) fn body(event: &Event) -> Vec<u8> {
    serde_json::to_vec(event).expect("an event is made of strings and JSON values")
}

pub(crate) fn durable(event: &Event) -> BasicProperties {
    properties(event).with_delivery_mode(PERSISTENT)
}

pub(crate) fn transient(event: &Event) -> BasicProperties {
    properties(event).with_delivery_mode(TRANSIENT)
}

fn properties(event: &Event) -> BasicProperties {
    let properties = BasicProperties::default()
        .with_content_type("application/cloudevents+json".into())
        .with_message_id(event.id.to_string().into())
        .with_type(event.kind.as_str().into())
        .with_app_id(event.source.as_str().into());
    let Some(traceparent) = event.traceparent.clone().or_else(trace::current) else {
        return properties;
    };
    let mut headers = FieldTable::default();
    headers.insert(
        TRACEPARENT.into(),
        AMQPValue::LongString(traceparent.into()),
    );
    properties.with_headers(headers)
}

/// Reads an event; the trace context of the message serves an event that has none.
pub(crate) fn event(delivery: &Delivery) -> Result<Event, serde_json::Error> {
    let mut event: Event = serde_json::from_slice(&delivery.data)?;
    if event.traceparent.is_none() {
        event.traceparent = header(delivery, TRACEPARENT);
    }
    Ok(event)
}

/// How often the broker has delivered this message before.
pub(crate) fn earlier_deliveries(delivery: &Delivery) -> i64 {
    let headers = delivery.properties.headers().as_ref();
    match headers.and_then(|headers| headers.inner().get("x-delivery-count")) {
        Some(AMQPValue::LongLongInt(count)) => *count,
        Some(AMQPValue::LongInt(count)) => i64::from(*count),
        _ => 0,
    }
}

fn header(delivery: &Delivery, name: &str) -> Option<String> {
    let headers = delivery.properties.headers().as_ref()?;
    match headers.inner().get(name)? {
        AMQPValue::LongString(value) => Some(value.to_string()),
        AMQPValue::ShortString(value) => Some(value.to_string()),
        _ => None,
    }
}
