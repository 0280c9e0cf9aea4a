//! Plex Media Server. `guid` and `Guid` are two things, and both may be there; either may be a list.

use serde_json::Value;

use super::{
    DAY, Fields, Input, Normalized, Reading, SECOND,
    fields::{at, flag, float, int, list, text, time},
    ids, one, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event_type = text(document, &["event"]);
    let Some(name) = event_type.as_deref().and_then(name_of) else {
        return unknown(input, event_type);
    };
    let is_media = !matches!(name, "backup.completed" | "health.issue" | "device.new");
    let event = Normalized::new(name, input, fields(document, name))
        .at(happened(document, name))
        .degraded(is_media && is_degraded(document));
    one(event_type, keyed(event, document))
}

fn name_of(event: &str) -> Option<&'static str> {
    Some(match event {
        "media.play" | "playback.started" => "playback.started",
        "media.pause" => "playback.paused",
        "media.resume" => "playback.resumed",
        "media.stop" => "playback.stopped",
        "media.scrobble" => "media.watched",
        "media.rate" => "media.rated",
        "library.new" => "media.added",
        "library.on.deck" => "media.ondeck",
        "admin.database.backup" => "backup.completed",
        "admin.database.corrupted" => "health.issue",
        "device.new" => "device.new",
        _ => return None,
    })
}

fn fields(document: &Value, name: &str) -> Fields {
    let mut fields = Fields::default();
    fields
        .put_in("server", "name", text(document, &["Server", "title"]))
        .put_in("server", "id", text(document, &["Server", "uuid"]))
        .put_in("user", "name", text(document, &["Account", "title"]))
        .put_in("user", "id", text(document, &["Account", "id"]))
        .put("client", text(document, &["Player", "title"]))
        // One play can come twice: from the hook of who plays and from that of the server's owner.
        .put_in("hook", "user", flag(document, &["user"]))
        .put_in("hook", "owner", flag(document, &["owner"]));
    if let Some(metadata) = at(document, &["Metadata"]) {
        put_metadata(&mut fields, metadata);
    }
    if name == "media.rated" {
        let rating = float(document, &["rating"]);
        let rating = rating.or_else(|| float(document, &["Metadata", "userRating"]));
        fields.put("rating", rating);
    }
    if name == "health.issue" {
        fields
            .put("severity", Some("critical"))
            .put_in("health", "level", Some("critical"))
            .put_in("health", "check", Some("plex_database"))
            .put_in("health", "message", Some("The Plex database is damaged."));
    }
    fields
}

fn put_metadata(fields: &mut Fields, metadata: &Value) {
    let kind = text(metadata, &["type"]);
    let is_episode = kind.as_deref() == Some("episode");
    fields
        .put("title", text(metadata, &["title"]))
        .put("parent_title", text(metadata, &["parentTitle"]))
        .put("grandparent_title", text(metadata, &["grandparentTitle"]))
        .put("year", int(metadata, &["year"]))
        .put("library", text(metadata, &["librarySectionTitle"]))
        .put("library_key", text(metadata, &["librarySectionID"]));
    if is_episode {
        fields
            .put("season", int(metadata, &["parentIndex"]))
            .put("episode", int(metadata, &["index"]));
    } else {
        fields.put("index", int(metadata, &["index"]));
    }
    fields.put("media_type", kind);
    fields.put_in("ids", "plex", text(metadata, &["ratingKey"]));
    for key in ["guid", "Guid"] {
        if let Some(guid) = text(metadata, &[key]) {
            ids::put_guid(fields, &guid);
        }
        for guid in list(metadata, &[key]) {
            let id = text(guid, &["id"]).or_else(|| text(guid, &[]));
            ids::put_guid(fields, &id.unwrap_or_default());
        }
    }
}

fn happened(document: &Value, name: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    match name {
        "media.watched" => time(document, &["Metadata", "lastViewedAt"]),
        "media.added" => time(document, &["Metadata", "addedAt"]),
        _ => None,
    }
}

fn is_degraded(document: &Value) -> bool {
    text(document, &["Metadata", "title"]).is_none()
        || text(document, &["Metadata", "type"]).is_none()
}

/// Only what has a rating key can be recognized; everything else is told each time.
fn keyed(event: Normalized, document: &Value) -> Normalized {
    let Some(rating_key) = text(document, &["Metadata", "ratingKey"]) else {
        return event;
    };
    let detail = match event.name.as_str() {
        "media.watched" => text(document, &["Metadata", "lastViewedAt"]),
        "media.rated" => text(document, &["rating"]),
        "media.added" => text(document, &["Metadata", "addedAt"]),
        _ => None,
    };
    let is_personal = event.name != "media.added";
    let personal = |path: &[&str]| text(document, path).filter(|_| is_personal);
    let window = if event.name.starts_with("playback.") {
        10 * SECOND
    } else {
        DAY
    };
    let parts = [
        text(document, &["Server", "uuid"]),
        personal(&["Account", "id"]),
        personal(&["Player", "uuid"]),
        Some(rating_key),
        detail,
    ];
    event.keyed(window, &parts)
}
