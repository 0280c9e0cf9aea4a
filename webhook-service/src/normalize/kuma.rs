//! Uptime Kuma. Tests and expiring certificates come without a heartbeat, only with a sentence.

use serde_json::Value;

use super::{
    DAY, Fields, Input, Normalized, Reading,
    fields::{at, int, text, time},
    one, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let status = int(document, &["heartbeat", "status"]);
    match (at(document, &["heartbeat"]), status) {
        (None | Some(Value::Null), _) => without_heartbeat(input),
        (_, Some(0)) => beat(input, "service.down", "down"),
        (_, Some(1)) => beat(input, "service.up", "up"),
        (_, Some(2)) => beat(input, "notice.warning", "pending"),
        (_, Some(3)) => beat(input, "notice.info", "maintenance"),
        _ => unknown(input, status.map(|status| format!("status {status}"))),
    }
}

fn beat(input: &Input<'_>, name: &str, status: &str) -> Reading {
    let document = input.document;
    let id =
        int(document, &["heartbeat", "monitorID"]).or_else(|| int(document, &["monitor", "id"]));
    let service = text(document, &["monitor", "name"]);
    let url =
        text(document, &["monitor", "url"]).or_else(|| text(document, &["monitor", "hostname"]));
    let is_degraded = service.is_none() || id.is_none();
    let mut fields = Fields::default();
    fields
        .put_in("service", "name", service)
        .put_in("service", "id", id)
        .put_in("service", "url", url)
        .put_in("service", "status", Some(status))
        .put_in("service", "message", text(document, &["heartbeat", "msg"]))
        .put("message", text(document, &["msg"]))
        .put(
            "duration_seconds",
            int(document, &["heartbeat", "duration"]),
        )
        .put(
            "last_down_at",
            text(document, &["heartbeat", "lastDownTime"]),
        );
    let event = Normalized::new(name, input, fields)
        .at(time(document, &["heartbeat", "time"]))
        .degraded(is_degraded);
    let at = text(document, &["heartbeat", "time"]);
    let event = match (id, at) {
        (Some(id), Some(at)) => {
            let parts = [Some(id.to_string()), Some(status.to_owned()), Some(at)];
            event.keyed(DAY, &parts)
        }
        _ => event,
    };
    one(Some(status.to_owned()), event)
}

fn without_heartbeat(input: &Input<'_>) -> Reading {
    let message = text(input.document, &["msg"]);
    let lower = message.as_deref().unwrap_or_default().to_lowercase();
    let check = match () {
        () if lower.contains("certificate") => Some("tls_expiry"),
        () if lower.contains("domain") && lower.contains("expire") => Some("domain_expiry"),
        () => None,
    };
    let mut fields = Fields::default();
    fields.put("message", message.clone());
    let Some(check) = check else {
        let name = if lower.contains("test") || message.is_none() {
            "webhook.test"
        } else {
            "notice.info"
        };
        return one(None, Normalized::new(name, input, fields));
    };
    // The monitor's name is only in the sentence: `[Plex][https://…] …`.
    let service = message.as_deref().and_then(|text| text.strip_prefix('['));
    let service = service.and_then(|text| text.split(']').next());
    fields
        .put("severity", Some("warning"))
        .put_in("service", "name", service)
        .put_in("health", "level", Some("warning"))
        .put_in("health", "check", Some(check))
        .put_in("health", "message", message.clone());
    let event = Normalized::new("health.issue", input, fields)
        .degraded(true)
        .keyed(DAY, &[message]);
    one(Some(check.to_owned()), event)
}
