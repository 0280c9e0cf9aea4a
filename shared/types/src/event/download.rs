//! What download-service tells.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Fact;
use crate::ids::{DownloadId, DownloadItemId, ItemId, LibraryId, UserId};

/// Somebody submitted a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadRequested {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner: nobody else but admins may be told.
    pub user_id: UserId,
    /// The submitted link.
    pub url: String,
}

/// The first bytes are coming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadStarted {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
    /// Title as the site gives it.
    pub title: Option<String>,
}

/// How far a transfer is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// `probing`, `downloading`, `processing` or `importing`.
    pub stage: String,
    /// 0 to 100.
    pub percent: f64,
    /// Bytes so far.
    pub downloaded_bytes: i64,
    /// Bytes in all, when the site says so.
    pub total_bytes: Option<i64>,
    /// Bytes per second.
    pub speed_bps: Option<f64>,
    /// Seconds left.
    pub eta_seconds: Option<f64>,
}

/// Progress of a download; broadcast, never stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DownloadProgress {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
    /// The state it is in.
    pub state: String,
    /// How far it is.
    pub progress: Progress,
}

/// A file that lies in its library folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedFile {
    /// The one video of the download.
    pub download_item_id: DownloadItemId,
    /// Absolute path as the Plex server sees it.
    pub path: String,
    /// Title of the video.
    pub title: String,
}

/// All files of a download are in the library folder; Plex does not know them yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadFinished {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
    /// Title of the video or of the playlist.
    pub title: String,
    /// The library the files belong to; absent when there is none.
    pub library_id: Option<LibraryId>,
    /// Name of the collection to add them to.
    pub collection: Option<String>,
    /// The files.
    pub files: Vec<FinishedFile>,
}

/// A download ended without a usable file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadFailed {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
    /// Title, when known.
    pub title: Option<String>,
    /// Error class.
    pub class: String,
    /// Reason in words for a person.
    pub message: String,
}

/// A person ended a download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadCancelled {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
}

/// Every file of a download is an item in Plex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadInPlex {
    /// The download.
    pub download_id: DownloadId,
    /// Its owner.
    pub user_id: UserId,
    /// Title of the video or of the playlist.
    pub title: String,
    /// The items.
    pub item_ids: Vec<ItemId>,
    /// Opens the first one in Plex.
    pub plex_url: Option<String>,
}

macro_rules! about_download {
    ($($fact:ty => $kind:literal),+ $(,)?) => {$(
        impl Fact for $fact {
            const TYPE: &'static str = $kind;

            fn subject(&self) -> String {
                format!("download/{}", self.download_id)
            }
        }
    )+};
}

about_download! {
    DownloadRequested => "medianest.download.requested.v1",
    DownloadStarted => "medianest.download.started.v1",
    DownloadProgress => "medianest.download.progress.v1",
    DownloadFinished => "medianest.download.finished.v1",
    DownloadFailed => "medianest.download.failed.v1",
    DownloadCancelled => "medianest.download.cancelled.v1",
    DownloadInPlex => "medianest.download.in_plex.v1",
}
