//! Everything that is not a program we know: Standard Webhooks senders and whatever sends JSON. Names of our own catalog
//! count as what they say; another MediaNest, or a script, can so tell anything.

use serde_json::Value;

use super::{
    CATALOG, Fields, Input, Normalized, Reading,
    fields::{at, text, time},
    one,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event_type = ["type", "event", "eventType", "event_type"]
        .iter()
        .find_map(|key| text(document, &[key]));
    let said = event_type.as_deref().map(known_name);
    let data = at(document, &["data"]).filter(|data| data.is_object());
    let mut fields = Fields::default();
    let name = match said {
        Some(Some(name)) => {
            put_all(&mut fields, data);
            name
        }
        _ if has_words(document) => {
            fields
                .put("title", text(document, &["title"]))
                .put("message", words(document));
            level(document)
        }
        _ => {
            fields.put("event_type", event_type.clone());
            put_all(&mut fields, data);
            "webhook.unknown"
        }
    };
    let event = Normalized::new(name, input, fields).at(time(document, &["timestamp"]));
    one(event_type, event)
}

/// `medianest.media.added.v1` and `media.added` are the same.
fn known_name(said: &str) -> Option<&'static str> {
    let name = said.strip_prefix("medianest.").unwrap_or(said);
    let name = name.strip_suffix(".v1").unwrap_or(name);
    if matches!(name, "test" | "ping" | "Test") {
        return Some("webhook.test");
    }
    CATALOG.into_iter().find(|known| *known == name)
}

fn put_all(fields: &mut Fields, data: Option<&Value>) {
    for (key, value) in data.and_then(Value::as_object).into_iter().flatten() {
        fields.put(key, Some(value.clone()));
    }
}

fn words(document: &Value) -> Option<String> {
    ["message", "body", "text"]
        .iter()
        .find_map(|key| text(document, &[key]))
}

fn has_words(document: &Value) -> bool {
    text(document, &["title"]).is_some() || words(document).is_some()
}

fn level(document: &Value) -> &'static str {
    let level = text(document, &["level"]).or_else(|| text(document, &["severity"]));
    match level.as_deref() {
        Some("success") => "notice.success",
        Some("warning") => "notice.warning",
        Some("error" | "failure" | "critical") => "notice.failure",
        _ => "notice.info",
    }
}
