//! An item as JSON: in a list, in detail, in a web hook.

use serde_json::{Map, Value, json};

use super::{call::Call, files, tags};
use crate::{
    catalog::{Ancestor, Item, Kind},
    library::{Collection, Section},
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
    tags::add(&mut row, item, view);
    files::add(&mut row, item, view);
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
        for key in ["Media", "Location", "Writer"] {
            fields.remove(key);
        }
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

pub(super) fn put(row: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
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
