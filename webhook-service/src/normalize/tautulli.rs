//! Tautulli, by our template: every value is a text. A template that imitates Plex is read as Plex.

use serde_json::Value;

use super::{
    Fields, Input, MINUTE, Normalized, Reading, SECOND,
    fields::{int, text, time},
    ids, one, plex, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    if document.get("Metadata").is_some() {
        return plex::read(input);
    }
    let event_type = text(document, &["event"]).or_else(|| text(document, &["action"]));
    let Some(name) = event_type.as_deref().and_then(name_of) else {
        return unknown(input, event_type);
    };
    let is_media = name.starts_with("playback.") || name.starts_with("media.");
    let fields = fields(document, event_type.as_deref().unwrap_or_default(), name);
    let is_degraded = is_media && !(fields.has("title") && fields.has("media_type"));
    let event = Normalized::new(name, input, fields)
        .at(time(document, &["utctime"]))
        .degraded(is_degraded);
    one(event_type, keyed(event, document))
}

fn name_of(action: &str) -> Option<&'static str> {
    Some(match action.strip_prefix("on_").unwrap_or(action) {
        "play" => "playback.started",
        "pause" => "playback.paused",
        "resume" => "playback.resumed",
        "stop" => "playback.stopped",
        "error" => "playback.error",
        "buffer" => "playback.buffering",
        "watched" => "media.watched",
        "created" => "media.added",
        "newdevice" => "device.new",
        "intdown" | "extdown" => "service.down",
        "intup" | "extup" => "service.up",
        "pmsupdate" | "plexpyupdate" => "app.update_available",
        "plexpydbcorrupt" => "health.issue",
        "tokenexpired" => "auth.token_expired",
        "test" => "webhook.test",
        _ => return None,
    })
}

fn fields(document: &Value, action: &str, name: &str) -> Fields {
    let mut fields = Fields::default();
    let get = |key: &str| text(document, &[key]);
    fields
        .put_in("server", "id", get("server_id"))
        .put_in("server", "name", get("server_name"))
        .put_in("user", "name", get("user"))
        .put_in("user", "id", get("user_id"))
        .put("client", get("player"))
        .put("title", get("title"))
        .put("media_type", get("media_type"))
        .put("grandparent_title", get("show_name"))
        .put("library", get("library"))
        .put("year", int(document, &["year"]))
        .put("season", int(document, &["season_num"]))
        .put("episode", int(document, &["episode_num"]))
        .put("progress_percent", int(document, &["progress_percent"]))
        .put("transcode_decision", get("transcode_decision"));
    for (database, key) in [
        ("imdb", "imdb_id"),
        ("tvdb", "thetvdb_id"),
        ("tmdb", "themoviedb_id"),
        ("plex", "rating_key"),
    ] {
        ids::put_id(&mut fields, database, document, &[key]);
    }
    if name.starts_with("service.") {
        let is_remote = action.contains("ext");
        let service = if is_remote {
            "plex-remote-access"
        } else {
            "plex"
        };
        fields.put_in("service", "name", Some(service)).put_in(
            "service",
            "status",
            name.strip_prefix("service."),
        );
    }
    if name == "health.issue" {
        fields.put("severity", Some("critical")).put_in(
            "health",
            "check",
            Some("tautulli_database"),
        );
    }
    fields
}

fn keyed(event: Normalized, document: &Value) -> Normalized {
    let get = |key: &str| text(document, &[key]);
    match event.name.as_str() {
        "webhook.test" => event,
        "media.watched" => match (get("user_id"), get("rating_key")) {
            (Some(user), Some(item)) => event.keyed(30 * MINUTE, &[Some(user), Some(item)]),
            _ => event,
        },
        _ if get("utctime").is_none() => event,
        _ => event.keyed(
            60 * SECOND,
            &[
                get("event"),
                get("session_key"),
                get("rating_key"),
                get("user_id"),
                get("utctime"),
            ],
        ),
    }
}
