//! Alertmanager and Grafana: one request carries many alerts, and each is an event.

use serde_json::Value;

use super::{
    DAY, Fields, Input, Normalized, Reading,
    fields::{at, list, text, time},
    unknown,
};

/// More alerts than this in one request are not told one by one.
const MAX_ALERTS: usize = 500;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let event_type = text(input.document, &["status"]);
    let alerts = list(input.document, &["alerts"]);
    if alerts.is_empty() {
        return unknown(input, event_type);
    }
    let events = alerts.iter().take(MAX_ALERTS);
    let events = events.map(|alert| event(input, alert)).collect();
    Reading { event_type, events }
}

fn event(input: &Input<'_>, alert: &Value) -> Normalized {
    let status = text(alert, &["status"]).or_else(|| text(input.document, &["status"]));
    let is_resolved = status.as_deref() == Some("resolved");
    let name = if is_resolved {
        "alert.resolved"
    } else {
        "alert.firing"
    };
    let (started, ended) = (text(alert, &["startsAt"]), text(alert, &["endsAt"]));
    let happened = if is_resolved { "endsAt" } else { "startsAt" };
    let fields = fields(alert);
    let is_degraded = !fields.has("title");
    let event = Normalized::new(name, input, fields)
        .at(time(alert, &[happened]))
        .degraded(is_degraded);
    match text(alert, &["fingerprint"]) {
        Some(fingerprint) => {
            let ended = ended.filter(|_| is_resolved);
            event.keyed(30 * DAY, &[Some(fingerprint), started, ended])
        }
        None => event,
    }
}

fn fields(alert: &Value) -> Fields {
    let mut fields = Fields::default();
    let annotation = |key: &str| text(alert, &["annotations", key]);
    fields
        .put("title", text(alert, &["labels", "alertname"]))
        .put(
            "message",
            annotation("summary").or_else(|| annotation("description")),
        )
        .put("severity", text(alert, &["labels", "severity"]))
        .put("instance", text(alert, &["labels", "instance"]))
        .put(
            "labels",
            at(alert, &["labels"])
                .filter(|labels| labels.is_object())
                .cloned(),
        )
        .put("fingerprint", text(alert, &["fingerprint"]))
        .put("url", text(alert, &["generatorURL"]));
    fields
}
