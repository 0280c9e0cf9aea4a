//! Seerr, Overseerr and Jellyseerr. People edit the template, so twins in snake case and missing keys are tolerated.

use serde_json::Value;

use super::{
    DAY, Fields, Input, MINUTE, Normalized, Reading,
    fields::{at, list, text},
    ids, one, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event_type = text(document, &["notification_type"]);
    let Some(name) = event_type.as_deref().and_then(name_of) else {
        return unknown(input, event_type);
    };
    let is_test = name == "webhook.test";
    let event = Normalized::new(name, input, fields(document, event_type.as_deref()));
    let is_degraded = !is_test && is_degraded(document, name);
    let event = event.degraded(is_degraded);
    let event = if is_test {
        event
    } else {
        keyed(event, document)
    };
    one(event_type, event)
}

fn name_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "MEDIA_PENDING" => "request.pending",
        "MEDIA_APPROVED" | "MEDIA_AUTO_APPROVED" => "request.approved",
        "MEDIA_AVAILABLE" => "request.available",
        "MEDIA_DECLINED" => "request.declined",
        "MEDIA_FAILED" => "request.failed",
        "ISSUE_CREATED" | "ISSUE_REPORTED" => "issue.created",
        "ISSUE_COMMENT" => "issue.commented",
        "ISSUE_RESOLVED" => "issue.resolved",
        "ISSUE_REOPENED" => "issue.reopened",
        "TEST_NOTIFICATION" => "webhook.test",
        _ => return None,
    })
}

fn fields(document: &Value, kind: Option<&str>) -> Fields {
    let mut fields = Fields::default();
    let media = text(document, &["media", "media_type"]);
    let is_issue = kind.is_some_and(|kind| kind.starts_with("ISSUE_"));
    fields
        .put("title", text(document, &["subject"]))
        .put("message", text(document, &["message"]))
        .put(
            "media_type",
            media.map(|media| {
                if media == "tv" {
                    "series".to_owned()
                } else {
                    media
                }
            }),
        )
        .put("image", text(document, &["image"]))
        .put("media_status", text(document, &["media", "status"]));
    ids::put_id(&mut fields, "tmdb", document, &["media", "tmdbId"]);
    ids::put_id(&mut fields, "tvdb", document, &["media", "tvdbId"]);
    ids::put_id(&mut fields, "tmdb", document, &["media", "tmdb_id"]);
    ids::put_id(&mut fields, "tvdb", document, &["media", "tvdb_id"]);
    if is_issue {
        put_issue(&mut fields, document);
    } else if kind != Some("TEST_NOTIFICATION") {
        put_request(&mut fields, document, kind == Some("MEDIA_AUTO_APPROVED"));
    }
    fields
}

fn put_request(fields: &mut Fields, document: &Value, is_auto: bool) {
    let seasons = seasons(document);
    let either = |a: &str, b: &str| {
        text(document, &["request", a]).or_else(|| text(document, &["request", b]))
    };
    fields
        .put_in("request", "id", text(document, &["request", "request_id"]))
        .put_in("request", "auto", Some(is_auto))
        .put_in("request", "is4k", Some(is_4k(document)))
        .put_in(
            "request",
            "seasons",
            (!seasons.is_empty()).then_some(seasons),
        )
        .put_in(
            "user",
            "name",
            either("requestedBy_username", "requested_by_username"),
        )
        .put_in(
            "user",
            "email",
            either("requestedBy_email", "requested_by_email"),
        );
}

fn put_issue(fields: &mut Fields, document: &Value) {
    let either = |group: &str, a: &str, b: &str| {
        text(document, &[group, a]).or_else(|| text(document, &[group, b]))
    };
    let reporter = either("issue", "reportedBy_username", "reported_by_username");
    let commenter = either("comment", "commentedBy_username", "commented_by_username");
    fields
        .put_in("issue", "id", text(document, &["issue", "issue_id"]))
        .put_in("issue", "type", text(document, &["issue", "issue_type"]))
        .put_in(
            "issue",
            "status",
            text(document, &["issue", "issue_status"]),
        )
        .put_in(
            "issue",
            "comment",
            text(document, &["comment", "comment_message"]),
        )
        .put_in("user", "name", commenter.or(reporter));
}

/// The only trace of a 4K request is its wording, and which status is set.
fn is_4k(document: &Value) -> bool {
    text(document, &["event"]).is_some_and(|event| event.contains("4K "))
}

fn seasons(document: &Value) -> Vec<i64> {
    let wanted = list(document, &["extra"])
        .iter()
        .find(|extra| text(extra, &["name"]).as_deref() == Some("Requested Seasons"));
    let value = wanted.and_then(|extra| text(extra, &["value"]));
    let value = value.unwrap_or_default();
    value
        .split(',')
        .filter_map(|season| season.trim().parse().ok())
        .collect()
}

/// The template was edited: keys of the default one are missing.
fn is_degraded(document: &Value, name: &str) -> bool {
    let has = |path: &[&str]| at(document, path).is_some();
    let has_id = match name.split('.').next() {
        Some("request") => text(document, &["request", "request_id"]).is_some(),
        _ => text(document, &["issue", "issue_id"]).is_some(),
    };
    !has_id || !has(&["event"]) || !has(&["media", "tmdbId"]) || !has(&["subject"])
}

fn keyed(event: Normalized, document: &Value) -> Normalized {
    let id = text(document, &["request", "request_id"])
        .or_else(|| text(document, &["issue", "issue_id"]));
    let Some(id) = id else { return event };
    let window = if event.name == "request.available" {
        DAY
    } else {
        10 * MINUTE
    };
    let parts = [
        Some(id),
        text(document, &["event"]),
        text(document, &["media", "status"]),
        text(document, &["comment", "comment_message"]),
        Some(format!("{:?}", seasons(document))),
    ];
    event.keyed(window, &parts)
}
