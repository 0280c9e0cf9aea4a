//! What clients see of a download.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_types::{
    event::Progress,
    ids::{DownloadId, DownloadItemId, ItemId, LibraryId, UserId},
};
use utoipa::ToSchema;

use crate::{
    quota::Usage,
    state::DownloadState,
    store::{DownloadRow, ItemRow},
};

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DownloadError {
    /// Stable name of the reason.
    pub(crate) class: String,
    /// The reason in words, and what to do.
    pub(crate) message: String,
}

impl DownloadError {
    fn of(class: Option<&String>, message: Option<&String>) -> Option<Self> {
        Some(Self {
            class: class?.clone(),
            message: message.cloned().unwrap_or_default(),
        })
    }
}

/// A download: one submitted link.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Download {
    pub(crate) id: DownloadId,
    /// The link.
    pub(crate) url: String,
    /// Title of the video or of the playlist, once it is known.
    pub(crate) title: Option<String>,
    pub(crate) state: DownloadState,
    /// Name of the preset.
    pub(crate) preset: String,
    /// The library the files go to, once it is known.
    pub(crate) library_id: Option<LibraryId>,
    /// The collection the files are added to.
    pub(crate) collection: Option<String>,
    pub(crate) priority: i32,
    /// The owner.
    pub(crate) user_id: UserId,
    /// Videos in it.
    pub(crate) item_count: i32,
    /// Videos that lie in their folder.
    pub(crate) items_done: i32,
    /// Videos that could not be downloaded.
    pub(crate) items_failed: i32,
    pub(crate) progress: Option<Progress>,
    /// Why it failed, waits, or is not complete.
    pub(crate) error: Option<DownloadError>,
    /// Opens it in Plex.
    pub(crate) plex_url: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

impl Download {
    /// The view; `hold` says why nothing is started right now.
    pub(crate) fn new(row: DownloadRow, hold: Option<&str>) -> Self {
        let state = row.state();
        let held = hold
            .filter(|_| state == DownloadState::Queued)
            .map(|reason| DownloadError {
                class: "queue_held".to_owned(),
                message: reason.to_owned(),
            });
        let error = DownloadError::of(row.error_class.as_ref(), row.error_message.as_ref());
        Self {
            id: row.download_id(),
            library_id: row.library(),
            user_id: row.owner(),
            state,
            error: held.or(error),
            progress: row.progress.as_ref().and_then(|json| json.parse().ok()),
            url: row.url,
            title: row.title,
            preset: row.preset,
            collection: row.collection.filter(|name| !name.is_empty()),
            priority: row.priority,
            item_count: row.item_count,
            items_done: row.items_done,
            items_failed: row.items_failed,
            plex_url: row.plex_url,
            created_at: row.created_at.into(),
            started_at: row.started_at.map(Into::into),
            finished_at: row.finished_at.map(Into::into),
        }
    }
}

/// One video of a download.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct DownloadItem {
    pub(crate) id: DownloadItemId,
    /// Place in the playlist, from 1.
    pub(crate) position: i32,
    pub(crate) title: Option<String>,
    pub(crate) url: String,
    pub(crate) state: DownloadState,
    pub(crate) progress: Option<Progress>,
    pub(crate) error: Option<DownloadError>,
    /// Name of the file in its folder.
    pub(crate) file_name: Option<String>,
    pub(crate) size_bytes: Option<i64>,
    /// The item in Plex.
    pub(crate) plex_item_id: Option<ItemId>,
}

impl From<ItemRow> for DownloadItem {
    fn from(row: ItemRow) -> Self {
        let path = row.file_path.as_deref().map(std::path::Path::new);
        let name = path.and_then(std::path::Path::file_name);
        Self {
            id: row.item_id(),
            state: row.state(),
            error: DownloadError::of(row.error_class.as_ref(), row.error_message.as_ref()),
            progress: row.progress.as_ref().and_then(|json| json.parse().ok()),
            file_name: name.map(|name| name.to_string_lossy().into_owned()),
            position: row.position,
            title: row.title,
            url: shown(row.url),
            size_bytes: row.size_bytes,
            plex_item_id: row.plex_item_id.map(Into::into),
        }
    }
}

/// Without yt-dlp's own notes to itself.
pub(crate) fn shown(mut url: String) -> String {
    if let Some(at) = url.find("#__youtubedl_smuggle=") {
        url.truncate(at);
    }
    url
}

/// The log of a download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DownloadLog {
    /// Oldest first.
    pub(crate) lines: Vec<String>,
}

/// What is behind a link.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Preview {
    pub(crate) kind: PreviewKind,
    pub(crate) title: Option<String>,
    /// Videos in all.
    pub(crate) entry_count: usize,
    /// The first hundred.
    pub(crate) entries: Vec<PreviewEntry>,
    pub(crate) total_duration_seconds: Option<f64>,
    pub(crate) estimated_bytes: Option<i64>,
    /// Whether it could be submitted now.
    pub(crate) fits_quota: bool,
    /// Why not.
    pub(crate) reasons: Vec<String>,
}

/// One video, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PreviewKind {
    Video,
    Playlist,
}

/// One video of a preview.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PreviewEntry {
    pub(crate) title: Option<String>,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) url: String,
}

/// All quotas of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UsageList {
    pub(crate) items: Vec<UsageView>,
}

/// One quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// `downloads_per_hour`, `downloads_per_day`, `bytes_per_month` or `storage_bytes`.
    pub(crate) name: &'static str,
    pub(crate) used: i64,
    /// 0 means without limit.
    pub(crate) limit: i64,
    /// `count` or `bytes`.
    pub(crate) unit: &'static str,
    /// When the first of it is given back.
    pub(crate) resets_at: Option<DateTime<Utc>>,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        Self {
            name: usage.name,
            used: usage.used,
            limit: usage.limit,
            unit: usage.unit,
            resets_at: usage.resets_at,
        }
    }
}

/// All presets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PresetList {
    pub(crate) items: Vec<PresetView>,
}

/// One preset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PresetView {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
}

/// The state of the download machinery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DownloadSystem {
    pub(crate) ytdlp_version: Option<String>,
    pub(crate) ytdlp_age_days: Option<i64>,
    pub(crate) ffmpeg_version: Option<String>,
    /// What solves YouTube's challenges.
    pub(crate) js_runtime: Option<String>,
    /// Downloads that run at the same time in this process.
    pub(crate) workers: usize,
    pub(crate) disk_free_bytes: Option<u64>,
    /// Videos that wait.
    pub(crate) items_queued: i64,
    /// Videos that run, in all processes.
    pub(crate) items_running: i64,
    /// What the operator should see to.
    pub(crate) problems: Vec<String>,
}
