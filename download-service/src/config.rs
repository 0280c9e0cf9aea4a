//! The `[download]` section.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shared_runtime::{Secret, Section, config::Faults};
use url::Url;
use utoipa::ToSchema;

use crate::{egress::AllowList, library::PathMap};

/// `[download]`: the queue, yt-dlp, and where files go.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The yt-dlp program: a path, or a name that is looked up on `PATH`.
    pub ytdlp: String,
    /// Folder with `ffmpeg` and `ffprobe`; absent means `PATH`.
    #[schema(value_type = String)]
    pub ffmpeg_dir: Option<PathBuf>,
    /// Downloads that run at the same time in this process.
    pub workers: usize,
    /// Folder for unfinished files, on the same file system as the libraries; absent means `.medianest-staging` inside the library's folder.
    #[schema(value_type = String)]
    pub staging_dir: Option<PathBuf>,
    /// Where files go when there is no Plex library for them; absent means `downloads` in the data directory.
    #[schema(value_type = String)]
    pub fallback_dir: Option<PathBuf>,
    /// Title or id of the library that is used when a download names none; absent means the first home-videos library.
    pub default_library: Option<String>,
    /// How folders of the Plex server are called on this machine: `/plex/path=/local/path`.
    pub path_map: Vec<String>,
    /// Hosts in private networks that downloads may reach all the same: `host:port`.
    pub egress_allow: Vec<String>,
    /// HTTP proxy that all downloads go through: `http://user:password@host:port`.
    pub upstream_proxy: Option<Secret>,
    /// What one person may use.
    pub quotas: Quotas,
    /// The queue is held while the disk has less than this.
    pub min_free_bytes: u64,
    /// Seconds after which a silent worker's item is given to another one.
    pub lease_seconds: u64,
    /// Seconds between two signs of life of a worker.
    pub heartbeat_seconds: u64,
    /// Seconds that looking at a link may take; less than `gateway.upstream_timeout_seconds`, which waits for previews.
    pub probe_timeout_seconds: u64,
    /// A transfer without progress for this many seconds is ended and tried again.
    pub stall_timeout_seconds: u64,
    /// Most videos that are taken from one playlist.
    pub max_playlist_entries: u32,
}

/// What one person may use; 0 means without limit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Quotas {
    /// Links an hour.
    pub downloads_per_hour: i64,
    /// Links a day.
    pub downloads_per_day: i64,
    /// Bytes in 30 days.
    pub bytes_per_month: i64,
    /// Bytes of files that lie in the libraries.
    pub storage_bytes: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            downloads_per_hour: 5,
            downloads_per_day: 50,
            bytes_per_month: 0,
            storage_bytes: 0,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ytdlp: "yt-dlp".into(),
            ffmpeg_dir: None,
            workers: 2,
            staging_dir: None,
            fallback_dir: None,
            default_library: None,
            path_map: Vec::new(),
            egress_allow: Vec::new(),
            upstream_proxy: None,
            quotas: Quotas::default(),
            min_free_bytes: 1024 * 1024 * 1024,
            lease_seconds: 20,
            heartbeat_seconds: 5,
            probe_timeout_seconds: 45,
            stall_timeout_seconds: 600,
            max_playlist_entries: 2000,
        }
    }
}

impl Section for Config {
    fn validate(&self, faults: &mut Faults) {
        if self.ytdlp.trim().is_empty() {
            faults.add("download.ytdlp", "must name the yt-dlp program");
        }
        if !(1..=64).contains(&self.workers) {
            faults.add("download.workers", "must be between 1 and 64");
        }
        if self.heartbeat_seconds == 0 || self.lease_seconds < 2 * self.heartbeat_seconds {
            faults.add(
                "download.lease_seconds",
                "must be at least twice `download.heartbeat_seconds`, which must be at least 1",
            );
        }
        if let Err(fault) = PathMap::parse(&self.path_map) {
            faults.add("download.path_map", fault);
        }
        if let Err(fault) = AllowList::parse(&self.egress_allow) {
            faults.add("download.egress_allow", fault);
        }
        let proxy = self
            .upstream_proxy
            .as_ref()
            .map(|url| Url::parse(url.expose()));
        if let Some(proxy) = proxy
            && !proxy.is_ok_and(|url| url.scheme() == "http" && url.has_host())
        {
            faults.add(
                "download.upstream_proxy",
                "must be an address such as `http://proxy.example.org:3128`",
            );
        }
        if !(1..=20_000).contains(&self.max_playlist_entries) {
            faults.add(
                "download.max_playlist_entries",
                "must be between 1 and 20000",
            );
        }
        let quotas = &self.quotas;
        let limits = [
            quotas.downloads_per_hour,
            quotas.downloads_per_day,
            quotas.bytes_per_month,
            quotas.storage_bytes,
        ];
        if limits.iter().any(|limit| *limit < 0) {
            faults.add(
                "download.quotas",
                "must not be negative; 0 means without limit",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use shared_runtime::Source;

    use super::*;

    #[test]
    fn every_impossible_setting_is_named_at_once() {
        let mut source = Source::from_toml(
            "[download]\nworkers = 0\nlease_seconds = 3\npath_map = ['nonsense']\n\
             egress_allow = ['10.0.0.5']\nupstream_proxy = 'socks'\n",
        );
        let _config: Config = source.section("download");
        let faults = source.finish().expect_err("five faults");
        assert_eq!(faults.lines().len(), 5, "{faults}");
    }

    #[test]
    fn one_quota_can_be_set_alone() {
        let mut source = Source::from_toml("[download.quotas]\ndownloads_per_hour = 9\n");
        let config: Config = source.section("download");
        source.finish().expect("valid");
        assert_eq!(
            (
                config.quotas.downloads_per_hour,
                config.quotas.downloads_per_day
            ),
            (9, 50)
        );
    }
}
