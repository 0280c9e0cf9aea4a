//! Jellyfin's webhook plugin, "Send All Properties" or a template with the same keys.

use serde_json::Value;

use super::{
    DAY, Fields, Input, MINUTE, Normalized, Reading, SECOND,
    fields::{flag, int, text, time},
    ids, nothing, one, unknown,
};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event_type = text(document, &["NotificationType"]);
    if event_type.as_deref() == Some("UserDataSaved") && !is_watched(document) {
        return nothing(event_type);
    }
    let Some(name) = event_type
        .as_deref()
        .and_then(|kind| name_of(kind, document))
    else {
        return unknown(input, event_type);
    };
    let is_media = name.starts_with("media.") || name.starts_with("playback.");
    let fields = fields(document, name);
    let is_degraded = is_media && !(fields.has("title") && fields.has("media_type"));
    let at = time(document, &["UtcTimestamp"]).or_else(|| time(document, &["Timestamp"]));
    let event = Normalized::new(name, input, fields)
        .at(at)
        .degraded(is_degraded);
    one(event_type, keyed(event, document))
}

fn name_of(kind: &str, document: &Value) -> Option<&'static str> {
    Some(match kind {
        "ItemAdded" => "media.added",
        "ItemDeleted" => "media.removed",
        "UserDataSaved" => "media.watched",
        "PlaybackStart" => "playback.started",
        "PlaybackProgress" if flag(document, &["IsPaused"]) == Some(true) => "playback.paused",
        "PlaybackProgress" => "playback.progress",
        "PlaybackStop" => "playback.stopped",
        "AuthenticationFailure" => "auth.failed",
        "AuthenticationSuccess" => "auth.succeeded",
        "UserCreated" => "user.created",
        "UserDeleted" => "user.deleted",
        "UserLockedOut" => "user.locked",
        "UserUpdated" | "UserPasswordChanged" => "user.updated",
        "TaskCompleted" if text(document, &["ResultStatus"]).as_deref() == Some("Failed") => {
            "task.failed"
        }
        "TaskCompleted" => "task.succeeded",
        "PendingRestart" | "SessionStart" | "Generic" => "notice.info",
        "SubtitleDownloadFailure" => "notice.warning",
        _ => return None,
    })
}

/// Favorites and ratings are saved by the same notification.
fn is_watched(document: &Value) -> bool {
    let reason = text(document, &["SaveReason"]);
    flag(document, &["Played"]) == Some(true)
        && matches!(
            reason.as_deref(),
            Some("TogglePlayed" | "PlaybackFinished") | None
        )
}

fn fields(document: &Value, name: &str) -> Fields {
    let mut fields = Fields::default();
    // The plugin escapes quotes once too often.
    let get = |key: &str| text(document, &[key]).map(|text| text.replace("\\\"", "\""));
    let item_type = get("ItemType").map(|kind| match kind.as_str() {
        "MusicAlbum" => "album".to_owned(),
        "Audio" => "track".to_owned(),
        other => other.to_lowercase(),
    });
    fields
        .put_in("server", "id", get("ServerId"))
        .put_in("server", "name", get("ServerName"))
        .put_in(
            "user",
            "name",
            get("NotificationUsername").or_else(|| get("Username")),
        )
        .put_in("user", "id", get("UserId"))
        .put("client", get("DeviceName").or_else(|| get("ClientName")))
        .put("title", get("Name"))
        .put("summary", get("Overview"))
        .put("media_type", item_type)
        .put("grandparent_title", get("SeriesName"))
        .put("year", int(document, &["Year"]))
        .put("season", int(document, &["SeasonNumber"]))
        .put("episode", int(document, &["EpisodeNumber"]))
        .put("completed", flag(document, &["PlayedToCompletion"]))
        .put("position_ms", ticks_ms(document, "PlaybackPositionTicks"))
        .put("duration_ms", ticks_ms(document, "RunTimeTicks"));
    for (database, key) in [
        ("tmdb", "Provider_tmdb"),
        ("imdb", "Provider_imdb"),
        ("tvdb", "Provider_tvdb"),
        ("jellyfin", "ItemId"),
    ] {
        ids::put_id(&mut fields, database, document, &[key]);
    }
    if matches!(name, "auth.failed" | "user.locked") {
        fields.put("severity", Some("warning"));
    }
    fields
}

/// A tick is 100 ns.
fn ticks_ms(document: &Value, key: &str) -> Option<i64> {
    int(document, &[key]).map(|ticks| ticks / 10_000)
}

fn keyed(event: Normalized, document: &Value) -> Normalized {
    let get = |key: &str| text(document, &[key]);
    let Some(item) = get("ItemId") else {
        return event;
    };
    let server = get("ServerId");
    match event.name.as_str() {
        "media.added" => event.keyed(DAY, &[server, Some(item)]),
        "playback.progress" => event.keyed(
            10 * SECOND,
            &[server, get("UserId"), get("DeviceId"), Some(item)],
        ),
        _ => {
            let parts = [
                server,
                Some(item),
                get("UserId"),
                get("DeviceId"),
                get("UtcTimestamp"),
            ];
            event.keyed(MINUTE, &parts)
        }
    }
}
