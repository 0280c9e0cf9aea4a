//! What clients see. Paths on a server, tokens and Plex's own addresses of pictures are not among it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_types::ids::{CollectionId, ItemId, LibraryId, ServerId};
use utoipa::ToSchema;

use crate::{
    items::{CastMember, Detail, ExternalIds, MediaVersion},
    search::{Found, Results},
    store::{
        collections::CollectionRow, items::ItemRow, libraries::LibraryRow, servers::ServerRow,
    },
};

/// A configured Plex server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Server {
    id: ServerId,
    name: String,
    url: String,
    machine_identifier: String,
    version: Option<String>,
    /// `up`, `down`, `unauthorized` or `unknown`
    state: String,
    /// Why it is not up, and what to do about it.
    detail: Option<String>,
    last_seen_at: Option<DateTime<Utc>>,
    last_synced_at: Option<DateTime<Utc>>,
}

impl From<ServerRow> for Server {
    fn from(row: ServerRow) -> Self {
        Self {
            id: row.id(),
            name: row.name,
            url: row.url,
            machine_identifier: row.machine_identifier,
            version: row.version,
            state: row.state,
            detail: row.detail,
            last_seen_at: row.last_seen_at.map(|at| at.0),
            last_synced_at: row.last_synced_at.map(|at| at.0),
        }
    }
}

/// How far the sync of a server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sync {
    /// `idle`, `running`, `failed` or `done`
    state: String,
    libraries_done: i32,
    libraries_total: i32,
    items_done: i64,
    items_total: i64,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    /// Why it failed, or what a finished one did not do.
    error: Option<String>,
}

impl From<ServerRow> for Sync {
    fn from(row: ServerRow) -> Self {
        let is_wanted = row.sync_requested_at.is_some();
        Self {
            state: if is_wanted {
                "running".to_owned()
            } else {
                row.sync_state
            },
            libraries_done: row.sync_libraries_done,
            libraries_total: row.sync_libraries_total,
            items_done: row.sync_items_done,
            items_total: row.sync_items_total,
            started_at: row.sync_started_at.map(|at| at.0),
            finished_at: row.sync_finished_at.map(|at| at.0),
            error: row.sync_error,
        }
    }
}

/// A library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Library {
    id: LibraryId,
    server_id: ServerId,
    title: String,
    /// `movie`, `show`, `artist` or `photo`
    #[serde(rename = "type")]
    kind: String,
    item_count: i64,
}

impl From<LibraryRow> for Library {
    fn from(row: LibraryRow) -> Self {
        Self {
            id: row.id(),
            server_id: row.server_id(),
            title: row.title,
            kind: row.kind,
            item_count: row.item_count,
        }
    }
}

/// An item in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemSummary {
    id: ItemId,
    library_id: LibraryId,
    server_id: ServerId,
    /// `movie`, `show`, `season`, `episode`, `artist`, `album` or `track`
    #[serde(rename = "type")]
    kind: String,
    title: String,
    year: Option<i32>,
    parent_title: Option<String>,
    grandparent_title: Option<String>,
    index: Option<i32>,
    parent_index: Option<i32>,
    summary: Option<String>,
    duration_ms: Option<i64>,
    added_at: Option<DateTime<Utc>>,
    /// Path on this site; `&w=` and `&h=` may be appended.
    poster_url: Option<String>,
    child_count: Option<i32>,
}

impl From<ItemRow> for ItemSummary {
    fn from(row: ItemRow) -> Self {
        let has_index = row.position > 0 || matches!(row.kind.as_str(), "season" | "episode");
        Self {
            id: row.id(),
            library_id: row.library_id.into(),
            server_id: row.server_id.into(),
            poster_url: picture_url(row.id().as_uuid(), "poster", row.thumb.as_deref()),
            kind: row.kind,
            title: row.title,
            year: Some(row.year).filter(|&year| year != 0),
            parent_title: row.parent_title,
            grandparent_title: row.grandparent_title,
            index: has_index.then_some(row.position),
            parent_index: row.parent_position,
            summary: row.summary,
            duration_ms: row.duration_ms,
            added_at: Some(row.added_at)
                .filter(|&at| at > 0)
                .and_then(|at| DateTime::from_timestamp(at, 0)),
            child_count: row.child_count,
        }
    }
}

/// The path of a picture on this site. The version changes with the picture, so that browsers may keep it.
fn picture_url(id: uuid::Uuid, kind: &str, path: Option<&str>) -> Option<String> {
    let version = path?.rsplit('/').next().unwrap_or_default();
    let version: String = version
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    Some(format!("/api/v1/plex/images/{id}/{kind}?v={version}"))
}

/// A page of items with the number of all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemPage {
    pub(crate) items: Vec<ItemSummary>,
    /// Pass it as `cursor` to get the next page.
    pub(crate) next_cursor: Option<String>,
    /// Items of all pages.
    pub(crate) total: i64,
}

/// Everything about an item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemDetail {
    #[serde(flatten)]
    item: ItemSummary,
    original_title: Option<String>,
    tagline: Option<String>,
    content_rating: Option<String>,
    rating: Option<f64>,
    audience_rating: Option<f64>,
    studio: Option<String>,
    /// `YYYY-MM-DD`
    originally_available_at: Option<String>,
    genres: Vec<String>,
    directors: Vec<String>,
    writers: Vec<String>,
    cast: Vec<CastMember>,
    external_ids: ExternalIds,
    media: Vec<MediaVersion>,
    collections: Vec<String>,
    art_url: Option<String>,
    /// Opens it in Plex.
    plex_url: String,
}

impl From<Detail> for ItemDetail {
    fn from(detail: Detail) -> Self {
        let (row, details) = (detail.row, detail.details);
        Self {
            original_title: row.original_title.clone(),
            art_url: picture_url(row.id().as_uuid(), "art", row.art.as_deref()),
            item: row.into(),
            tagline: details.tagline,
            content_rating: details.content_rating,
            rating: details.rating,
            audience_rating: details.audience_rating,
            studio: details.studio,
            originally_available_at: details.originally_available_at,
            genres: details.genres,
            directors: details.directors,
            writers: details.writers,
            cast: details.cast,
            external_ids: details.external_ids,
            media: details.media,
            collections: details.collections,
            plex_url: detail.plex_url,
        }
    }
}

/// An item that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchHit {
    item: ItemSummary,
    /// 0 to 1
    score: f64,
    /// `title`, `original_title`, `person` or `year`
    matched: &'static str,
}

impl From<Found> for SearchHit {
    fn from(found: Found) -> Self {
        Self {
            item: found.item.into(),
            score: (f64::from(found.score) * 10_000.0).round() / 10_000.0,
            matched: found.matched,
        }
    }
}

/// What a search gave, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchResults {
    items: Vec<SearchHit>,
    took_ms: f64,
    /// A Plex server does not answer: what was found may be out of date.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
}

impl From<Results> for SearchResults {
    fn from(results: Results) -> Self {
        Self {
            items: results.found.into_iter().map(Into::into).collect(),
            took_ms: (results.took_ms * 1000.0).round() / 1000.0,
            stale: results.is_stale,
        }
    }
}

/// A collection in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Collection {
    id: CollectionId,
    library_id: LibraryId,
    title: String,
    summary: Option<String>,
    item_count: i64,
    /// Made by a rule of Plex; members cannot be added.
    smart: bool,
    poster_url: Option<String>,
}

impl From<CollectionRow> for Collection {
    fn from(row: CollectionRow) -> Self {
        Self {
            id: row.id(),
            library_id: row.library_id.into(),
            poster_url: picture_url(row.id().as_uuid(), "poster", row.thumb.as_deref()),
            title: row.title,
            summary: row.summary,
            item_count: row.item_count,
            smart: row.is_smart,
        }
    }
}

/// A collection with its members.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CollectionDetail {
    #[serde(flatten)]
    collection: Collection,
    items: Vec<ItemSummary>,
}

impl From<crate::collections::WithItems> for CollectionDetail {
    fn from(found: crate::collections::WithItems) -> Self {
        Self {
            collection: found.collection.into(),
            items: found.items.into_iter().map(Into::into).collect(),
        }
    }
}
