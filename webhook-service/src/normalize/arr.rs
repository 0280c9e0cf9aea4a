//! Sonarr, Radarr, Lidarr and Prowlarr.

use std::time::Duration;

use serde_json::Value;

use super::{
    DAY, Fields, Input, MINUTE, Normalized, Reading,
    fields::{at, flag, int, list, text},
    ids, one, unknown,
};
use crate::kind::Kind;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let document = input.document;
    let event_type = text(document, &["eventType"]);
    let Some(name) = event_type.as_deref().and_then(name_of) else {
        return unknown(input, event_type);
    };
    let mut fields = Fields::default();
    fields.put("instance", text(document, &["instanceName"]));
    if name == "webhook.test" {
        return one(event_type, Normalized::new(name, input, fields));
    }
    let is_about_title = put_about(&mut fields, name, document);
    if is_about_title {
        put_title(&mut fields, input.kind, event_type.as_deref(), document);
    }
    let is_degraded = is_about_title && input.kind != Kind::Prowlarr && !is_complete(&fields, name);
    let event = Normalized::new(name, input, fields).degraded(is_degraded);
    one(event_type, keyed(event, document))
}

fn name_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Test" => "webhook.test",
        "Grab" => "download.grabbed",
        "Download" => "download.completed",
        "DownloadFailure" | "ImportFailure" => "download.failed",
        "ManualInteractionRequired" => "download.manual_required",
        "SeriesAdd" | "MovieAdded" | "ArtistAdd" => "catalog.added",
        "SeriesDelete" | "MovieDelete" | "ArtistDelete" | "AlbumDelete" => "catalog.removed",
        "EpisodeFileDelete" | "MovieFileDelete" => "file.deleted",
        "Rename" => "file.renamed",
        "Retag" => "file.retagged",
        "Health" => "health.issue",
        "HealthRestored" => "health.restored",
        "ApplicationUpdate" => "app.updated",
        _ => return None,
    })
}

/// What is particular to the event. `false`: it is about the application, not about a title.
fn put_about(fields: &mut Fields, name: &str, document: &Value) -> bool {
    match name {
        "health.issue" | "health.restored" => put_health(fields, document),
        "app.updated" => {
            fields
                .put("message", text(document, &["message"]))
                .put("version", text(document, &["newVersion"]))
                .put("previous_version", text(document, &["previousVersion"]));
        }
        "file.renamed" | "file.deleted" | "file.retagged" => put_files(fields, document),
        "catalog.added" | "catalog.removed" => {
            fields.put("deleted_files", flag(document, &["deletedFiles"]));
        }
        _ => put_download(fields, document),
    }
    !matches!(name, "health.issue" | "health.restored" | "app.updated")
}

fn put_health(fields: &mut Fields, document: &Value) {
    let level = text(document, &["level"]).map(|level| level.to_lowercase());
    fields
        .put("severity", level.clone())
        .put_in("health", "level", level)
        .put_in("health", "check", text(document, &["type"]))
        .put_in("health", "message", text(document, &["message"]))
        .put_in("health", "url", text(document, &["wikiUrl"]));
}

fn put_download(fields: &mut Fields, document: &Value) {
    let is_batch = at(document, &["episodeFiles"]).is_some();
    let release =
        text(document, &["release", "releaseTitle"]).or_else(|| text(document, &["releaseTitle"]));
    let files = paths(document);
    let message = list(document, &["downloadStatusMessages"])
        .iter()
        .find_map(|status| {
            let first = list(status, &["messages"]).first();
            first
                .and_then(|message| text(message, &[]))
                .or_else(|| text(status, &["title"]))
        });
    fields
        .put_in("download", "id", text(document, &["downloadId"]))
        .put_in("download", "client", text(document, &["downloadClient"]))
        .put_in("download", "release", release)
        .put_in("download", "size", int(document, &["release", "size"]))
        .put_in(
            "download",
            "indexer",
            text(document, &["release", "indexer"]),
        )
        .put_in(
            "download",
            "upgrade",
            Some(flag(document, &["isUpgrade"]).unwrap_or(false)),
        )
        .put_in("download", "batch", Some(is_batch))
        .put_in("download", "files", (!files.is_empty()).then_some(files))
        .put("message", message);
}

fn put_files(fields: &mut Fields, document: &Value) {
    let renamed = [
        "renamedEpisodeFiles",
        "renamedMovieFiles",
        "renamedTrackFiles",
    ];
    let renamed = renamed.map(|key| list(document, &[key])).concat();
    let mut files = paths(document);
    files.extend(renamed.iter().filter_map(path_of));
    fields
        .put("count", Some(files.len()))
        .put("files", (!files.is_empty()).then_some(files))
        .put("reason", text(document, &["deleteReason"]));
}

/// The files that the event is about.
fn paths(document: &Value) -> Vec<String> {
    let single = ["episodeFile", "movieFile", "trackFile"];
    let single = single.iter().filter_map(|key| document.get(*key));
    let many = ["episodeFiles", "trackFiles"];
    let many = many.iter().flat_map(|key| list(document, &[key]));
    single.chain(many).filter_map(path_of).collect()
}

fn path_of(file: &Value) -> Option<String> {
    text(file, &["path"]).or_else(|| text(file, &["relativePath"]))
}

fn put_title(fields: &mut Fields, kind: Kind, event_type: Option<&str>, document: &Value) {
    match kind {
        Kind::Sonarr => put_series(fields, event_type, document),
        Kind::Radarr => put_movie(fields, document),
        Kind::Lidarr => put_artist(fields, event_type, document),
        _ => {
            fields.put("title", text(document, &["release", "releaseTitle"]));
        }
    }
}

fn put_series(fields: &mut Fields, event_type: Option<&str>, document: &Value) {
    let is_about_series = matches!(event_type, Some("SeriesAdd" | "SeriesDelete" | "Rename"));
    let media = if is_about_series { "series" } else { "episode" };
    fields
        .put("media_type", Some(media))
        .put("title", text(document, &["series", "title"]))
        .put("year", int(document, &["series", "year"]))
        .put("path", text(document, &["series", "path"]));
    let episodes = list(document, &["episodes"]);
    if let Some(first) = episodes.first() {
        fields
            .put("season", int(first, &["seasonNumber"]))
            .put("episode", int(first, &["episodeNumber"]))
            .put("episode_title", text(first, &["title"]))
            .put("episode_count", Some(episodes.len()));
    }
    for (database, key) in [("tvdb", "tvdbId"), ("tmdb", "tmdbId"), ("imdb", "imdbId")] {
        ids::put_id(fields, database, document, &["series", key]);
    }
}

fn put_movie(fields: &mut Fields, document: &Value) {
    fields
        .put("media_type", Some("movie"))
        .put("title", text(document, &["movie", "title"]))
        .put("year", int(document, &["movie", "year"]))
        .put("path", text(document, &["movie", "folderPath"]));
    for (database, key) in [("tmdb", "tmdbId"), ("imdb", "imdbId")] {
        ids::put_id(fields, database, document, &["movie", key]);
    }
}

fn put_artist(fields: &mut Fields, event_type: Option<&str>, document: &Value) {
    let is_about_artist = matches!(event_type, Some("ArtistAdd" | "ArtistDelete" | "Rename"));
    let album = at(document, &["album"]).or_else(|| list(document, &["albums"]).first());
    let album = album.unwrap_or(&Value::Null);
    let artist = text(document, &["artist", "name"]);
    let release = text(document, &["releaseTitle"]);
    fields
        .put(
            "media_type",
            Some(if is_about_artist { "artist" } else { "album" }),
        )
        .put("artist", artist.clone())
        .put("path", text(document, &["artist", "path"]))
        .put("title", text(album, &["title"]).or(artist).or(release));
    ids::put_id(fields, "mbid", album, &["mbId"]);
    if at(album, &["mbId"]).is_none() {
        ids::put_id(fields, "mbid", document, &["artist", "mbId"]);
    }
}

/// Old and hand-made bodies hold hardly more than a path.
fn is_complete(fields: &Fields, name: &str) -> bool {
    // Lidarr tells no more than the release when a download fails.
    fields.has("title") && (fields.has("ids") || name == "download.failed")
}

fn keyed(event: Normalized, document: &Value) -> Normalized {
    let id_of = |key: &str| text(document, &[key, "id"]);
    let title = || {
        ["series", "movie", "artist", "album"]
            .into_iter()
            .find_map(id_of)
    };
    let download = || text(document, &["downloadId"]);
    let (window, parts): (Duration, Vec<Option<String>>) = match event.name.as_str() {
        "health.issue" | "health.restored" => {
            let check = text(document, &["type"]);
            (
                15 * MINUTE,
                vec![
                    check,
                    text(document, &["level"]),
                    text(document, &["message"]),
                ],
            )
        }
        "download.grabbed" => {
            let release = text(document, &["release", "releaseTitle"]);
            (DAY, vec![download(), release])
        }
        "download.completed" if at(document, &["episodeFiles"]).is_some() => {
            (DAY, vec![download(), Some("batch".to_owned())])
        }
        "download.completed" | "file.deleted" => (DAY, vec![file_ids(document)]),
        "catalog.added" | "catalog.removed" => (DAY, vec![title()]),
        _ => return event,
    };
    if parts[0].is_none() {
        return event;
    }
    let instance = text(document, &["instanceName"]);
    event.keyed(window, &[parts, vec![instance]].concat())
}

/// The ids of the files, if they have any.
fn file_ids(document: &Value) -> Option<String> {
    let single = ["episodeFile", "movieFile"];
    let single = single.iter().filter_map(|key| document.get(*key));
    let files = single.chain(list(document, &["trackFiles"]));
    let ids: Vec<_> = files.filter_map(|file| text(file, &["id"])).collect();
    (!ids.is_empty()).then(|| ids.join(","))
}
