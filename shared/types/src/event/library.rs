//! What plex-service tells.

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::ids::{DownloadId, DownloadItemId, ItemId, LibraryId, ServerId, UserId};

/// A Plex server answers again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlexServerUp {
    /// The server.
    pub server_id: ServerId,
    /// Its name.
    pub name: String,
}

/// A Plex server stopped answering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlexServerDown {
    /// The server.
    pub server_id: ServerId,
    /// Its name.
    pub name: String,
    /// Why, in words for the operator.
    pub reason: String,
}

/// A library was mirrored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibrarySynced {
    /// The server.
    pub server_id: ServerId,
    /// The library.
    pub library_id: LibraryId,
    /// Its title.
    pub title: String,
    /// Items it has now.
    pub item_count: i64,
}

/// A new item is in a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryItemAdded {
    /// The server.
    pub server_id: ServerId,
    /// The library: only who may see it may be told.
    pub library_id: LibraryId,
    /// The item.
    pub item_id: ItemId,
    /// `movie`, `episode`, …
    pub item_type: String,
    /// Its title.
    pub title: String,
    /// Opens it in Plex.
    pub plex_url: Option<String>,
    /// The download that brought it.
    pub download_id: Option<DownloadId>,
    /// The one video of the download.
    pub download_item_id: Option<DownloadItemId>,
    /// The collection it was added to.
    pub collection: Option<String>,
}

/// What a person may see in Plex changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlexAccessChanged {
    /// The person.
    pub user_id: UserId,
    /// Whether any configured server is left to them.
    pub has_access: bool,
}

impl Fact for PlexServerUp {
    const TYPE: &'static str = "medianest.plex.server_up.v1";

    fn subject(&self) -> String {
        format!("server/{}", self.server_id)
    }
}

impl Fact for PlexServerDown {
    const TYPE: &'static str = "medianest.plex.server_down.v1";

    fn subject(&self) -> String {
        format!("server/{}", self.server_id)
    }
}

impl Fact for LibrarySynced {
    const TYPE: &'static str = "medianest.library.synced.v1";

    fn subject(&self) -> String {
        format!("library/{}", self.library_id)
    }
}

impl Fact for LibraryItemAdded {
    const TYPE: &'static str = "medianest.library.item_added.v1";

    fn subject(&self) -> String {
        format!("item/{}", self.item_id)
    }
}

impl Fact for PlexAccessChanged {
    const TYPE: &'static str = "medianest.plex.access_changed.v1";

    fn subject(&self) -> String {
        format!("user/{}", self.user_id)
    }
}
