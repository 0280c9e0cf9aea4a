//! An item as JSON: in a list, in detail, in a web hook.

use serde_json::{Map, Value, json};

use super::call::Call;
use crate::{
    catalog::{Ancestor, Item, Kind, Media},
    hash,
    library::{Collection, Section, genre_id},
    world::Server,
};

/// How much of an item is told.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    pub(super) guids: bool,
    /// All tags with their ids, streams, ratings.
    pub(super) detail: bool,
    /// The library, where the container does not name it.
    pub(super) section: bool,
    excluded: Vec<String>,
}

impl View {
    /// What the query of a list asks for.
    pub(super) fn of_list(call: &Call) -> Self {
        let excluded = ["excludeElements", "excludeFields"]
            .iter()
            .filter_map(|name| call.parameter(name))
            .flat_map(|names| names.split(','));
        Self {
            guids: call.is_on("includeGuids"),
            excluded: excluded.map(str::to_owned).collect(),
            ..Self::default()
        }
    }

    pub(super) fn detail() -> Self {
        Self {
            guids: true,
            detail: true,
            section: true,
            excluded: Vec::new(),
        }
    }

    pub(super) fn with_section(self) -> Self {
        Self {
            section: true,
            ..self
        }
    }
}

/// Writes an item.
pub(super) fn row(item: &Item, section: &Section, view: &View) -> Value {
    let mut row = Map::new();
    identity(&mut row, item);
    texts(&mut row, item);
    ancestors(&mut row, item);
    numbers(&mut row, item);
    pictures(&mut row, item);
    tags(&mut row, item, view);
    files(&mut row, item, view);
    if view.section {
        place(&mut row, section);
    }
    row.retain(|key, value| !value.is_null() && view.excluded.iter().all(|name| name != key));
    Value::Object(row)
}

/// What a web hook tells about an item: its detail without files.
pub(crate) fn webhook_metadata(server: &Server, item: &Item) -> Value {
    let Some(section) = server.section_of(item.id) else {
        return Value::Null;
    };
    let mut metadata = row(item, section, &View::detail());
    if let Some(fields) = metadata.as_object_mut() {
        fields.remove("Media");
        fields.remove("Location");
        fields.insert(
            "librarySectionType".to_owned(),
            json!(section.kind().name()),
        );
    }
    metadata
}

/// Writes a collection.
pub(super) fn collection_row(server: &Server, collection: &Collection) -> Value {
    let key = collection.rating_key;
    let years = || {
        collection
            .items
            .iter()
            .map(|&id| server.library.year(id))
            .filter(|&y| y > 0)
    };
    let version = collection.updated_at;
    let mut row = json!({
        "ratingKey": key.to_string(),
        "key": format!("/library/collections/{key}/children"),
        "guid": collection.guid,
        "type": "collection",
        "title": collection.title,
        "subtype": collection.subtype.name(),
        "summary": collection.summary,
        "index": key,
        "ratingCount": 1,
        "thumb": format!("/library/collections/{key}/composite/{version}?width=400&height=600"),
        "addedAt": collection.added_at,
        "updatedAt": version,
        "childCount": collection.items.len().to_string(),
    });
    if let (Some(first), Some(last)) = (years().min(), years().max()) {
        row["minYear"] = json!(first.to_string());
        row["maxYear"] = json!(last.to_string());
    }
    row
}

fn put(row: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    row.insert(key.to_owned(), value.into());
}

fn identity(row: &mut Map<String, Value>, item: &Item) {
    let key = item.id.rating_key();
    let suffix = if item.id.kind().is_container() {
        "/children"
    } else {
        ""
    };
    put(row, "ratingKey", key.to_string());
    put(row, "key", format!("/library/metadata/{key}{suffix}"));
    put(row, "guid", item.guid.as_str());
    put(row, "type", item.id.kind().name());
    put(row, "addedAt", item.added_at);
    put(row, "updatedAt", item.updated_at);
    if item.guid.starts_with("plex://") && matches!(item.id.kind(), Kind::Movie | Kind::Show) {
        put(row, "slug", slug(item));
    }
}

fn texts(row: &mut Map<String, Value>, item: &Item) {
    put(row, "title", item.title.as_str());
    put(row, "titleSort", item.title_sort());
    put(row, "originalTitle", item.original_title.as_deref());
    put(row, "summary", item.summary.as_str());
    put(row, "tagline", item.tagline);
    put(row, "contentRating", item.content_rating);
    put(row, "originallyAvailableAt", item.released.as_deref());
    let studio = if item.id.kind() == Kind::Season {
        "parentStudio"
    } else {
        "studio"
    };
    put(row, studio, item.studio);
}

fn numbers(row: &mut Map<String, Value>, item: &Item) {
    let kind = item.id.kind();
    put(
        row,
        if kind == Kind::Season {
            "parentYear"
        } else {
            "year"
        },
        item.year,
    );
    put(row, "index", item.index);
    put(row, "rating", item.rating.map(tenths));
    put(
        row,
        "ratingImage",
        item.rating.map(|_| "rottentomatoes://image.rating.ripe"),
    );
    put(row, "audienceRating", item.audience_rating.map(tenths));
    put(
        row,
        "audienceRatingImage",
        item.audience_rating.map(|_| "themoviedb://image.rating"),
    );
    if kind != Kind::Season {
        put(row, "duration", item.duration_ms);
    }
    if kind.is_container() {
        put(row, "leafCount", item.leaf_count);
        put(row, "viewedLeafCount", 0);
    }
    if kind == Kind::Show {
        put(row, "childCount", item.child_count);
    }
}

/// 7.0 is written as the integer 7, as the server does.
fn tenths(value: u32) -> Value {
    if value.is_multiple_of(10) {
        json!(value / 10)
    } else {
        json!(f64::from(value) / 10.0)
    }
}

fn pictures(row: &mut Map<String, Value>, item: &Item) {
    let key = item.id.rating_key();
    let version = item.picture();
    let thumb = format!("/library/metadata/{key}/thumb/{version}");
    let above = item.grandparent.as_ref().or(item.parent.as_ref());
    let art = match above {
        Some(above) => picture_of(above, "art"),
        None => format!("/library/metadata/{key}/art/{version}"),
    };
    put(row, "thumb", item.has_thumb.then_some(thumb.as_str()));
    put(row, "art", item.has_art.then_some(art.as_str()));
    let kind = if item.id.kind() == Kind::Episode {
        "snapshot"
    } else {
        "coverPoster"
    };
    let image = |url: &str, kind: &str| json!({"alt": item.title, "type": kind, "url": url});
    let mut images = Vec::new();
    images.extend(item.has_thumb.then(|| image(&thumb, kind)));
    images.extend(item.has_art.then(|| image(&art, "background")));
    if item.guid.starts_with("plex://") && !images.is_empty() && item.id.kind() != Kind::Season {
        put(row, "Image", images);
    }
}

fn picture_of(ancestor: &Ancestor, picture: &str) -> String {
    format!(
        "/library/metadata/{}/{picture}/{}",
        ancestor.id.rating_key(),
        ancestor.picture
    )
}

fn ancestors(row: &mut Map<String, Value>, item: &Item) {
    let levels = [("parent", &item.parent), ("grandparent", &item.grandparent)];
    for (prefix, ancestor) in levels {
        let Some(ancestor) = ancestor else { continue };
        let key = ancestor.id.rating_key();
        put(row, &format!("{prefix}RatingKey"), key.to_string());
        put(
            row,
            &format!("{prefix}Key"),
            format!("/library/metadata/{key}"),
        );
        put(row, &format!("{prefix}Guid"), ancestor.guid.as_str());
        put(row, &format!("{prefix}Title"), ancestor.title.as_str());
        put(
            row,
            &format!("{prefix}Thumb"),
            picture_of(ancestor, "thumb"),
        );
    }
    if let Some(parent) = &item.parent {
        put(row, "parentIndex", parent.index);
    }
    if let Some(grandparent) = &item.grandparent {
        put(row, "grandparentArt", picture_of(grandparent, "art"));
    }
}

/// Lists carry two or three tags of each kind by name, the detail all of them with ids.
fn tags(row: &mut Map<String, Value>, item: &Item, view: &View) {
    let limit = |few: usize| if view.detail { usize::MAX } else { few };
    let named = |filter: &str, names: &mut dyn Iterator<Item = &str>, few: usize| {
        names
            .take(limit(few))
            .map(|name| tag(filter, name, view.detail))
            .collect::<Vec<_>>()
    };
    let lists = [
        ("Genre", named("genre", &mut item.genres.iter().copied(), 2)),
        (
            "Country",
            named("country", &mut item.countries.iter().copied(), 1),
        ),
        (
            "Director",
            named(
                "director",
                &mut item.directors.iter().map(String::as_str),
                2,
            ),
        ),
        (
            "Writer",
            named("writer", &mut item.writers.iter().map(String::as_str), 2),
        ),
        (
            "Role",
            named(
                "actor",
                &mut item.cast.iter().map(|(name, _)| name.as_str()),
                3,
            ),
        ),
    ];
    for (key, mut list) in lists {
        if key == "Role" && view.detail {
            for (tag, (_, role)) in list.iter_mut().zip(&item.cast) {
                tag["role"] = json!(role);
            }
        }
        if !list.is_empty() {
            put(row, key, list);
        }
    }
    if view.guids && !item.external.is_empty() {
        put(
            row,
            "Guid",
            item.external
                .iter()
                .map(|id| json!({"id": id}))
                .collect::<Vec<_>>(),
        );
    }
    if let (true, Some(location)) = (view.detail, &item.location) {
        put(row, "Location", json!([{"path": location}]));
    }
}

fn tag(filter: &str, name: &str, detail: bool) -> Value {
    if !detail {
        return json!({"tag": name});
    }
    let id = if filter == "genre" {
        genre_id(name) as u64
    } else {
        1_000 + hash::text(2, &format!("{filter} {name}")) % 900_000
    };
    json!({"id": id, "filter": format!("{filter}={id}"), "tag": name})
}

fn files(row: &mut Map<String, Value>, item: &Item, view: &View) {
    if let Some(media) = &item.media {
        put(row, "Media", json!([media_row(item, media, view)]));
    }
}

fn media_row(item: &Item, media: &Media, view: &View) -> Value {
    let key = item.id.rating_key();
    let quality = media.quality;
    let mut part = json!({
        "id": key + 3,
        "key": format!("/library/parts/{}/{}/file.{}", key + 3, item.added_at, media.container),
        "duration": item.duration_ms,
        "file": media.file,
        "size": media.size,
        "container": media.container,
        "videoProfile": quality.profile,
    });
    if view.detail {
        part["Stream"] = streams(key, media);
    }
    json!({
        "id": key + 7,
        "duration": item.duration_ms,
        "bitrate": quality.bitrate,
        "width": quality.width,
        "height": quality.height,
        "aspectRatio": 1.78,
        "audioChannels": quality.channels,
        "audioCodec": quality.audio_codec,
        "videoCodec": quality.video_codec,
        "videoResolution": quality.resolution,
        "container": media.container,
        "videoFrameRate": "24p",
        "videoProfile": quality.profile,
        "Part": [part],
    })
}

fn streams(key: u64, media: &Media) -> Value {
    let quality = media.quality;
    json!([
        {
            "id": key * 10 + 1,
            "streamType": 1,
            "default": true,
            "codec": quality.video_codec,
            "index": 0,
            "bitrate": quality.bitrate,
            "width": quality.width,
            "height": quality.height,
            "frameRate": 23.976,
            "profile": quality.profile,
            "displayTitle": format!("{} ({})", quality.resolution, quality.video_codec),
        },
        {
            "id": key * 10 + 2,
            "streamType": 2,
            "selected": true,
            "default": true,
            "codec": quality.audio_codec,
            "index": 1,
            "channels": quality.channels,
            "bitrate": 384,
            "language": "English",
            "languageTag": "en",
            "languageCode": "eng",
            "samplingRate": 48000,
            "displayTitle": format!("English ({})", quality.audio_codec),
        }
    ])
}

fn place(row: &mut Map<String, Value>, section: &Section) {
    put(row, "librarySectionID", section.key);
    put(row, "librarySectionTitle", section.title());
    put(
        row,
        "librarySectionKey",
        format!("/library/sections/{}", section.key),
    );
}

/// `the-matrix`, as in addresses of watch.plex.tv.
fn slug(item: &Item) -> String {
    let lower = crate::library::fold(&item.title);
    let words = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
