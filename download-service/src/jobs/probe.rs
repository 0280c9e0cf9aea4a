//! Looking at a link: for a preview, and as the first step of an item. A playlist becomes items of its download.

use std::{path::Path, time::Duration};

use shared_types::ids::{DownloadId, DownloadItemId};
use tokio_util::sync::CancellationToken;

use super::item::{Job, Place, Stop};
use crate::{
    app::AppState,
    downloads,
    egress::Pass,
    error::Error,
    store::{ItemRow, attempts, downloads as store, items},
    ytdlp::{
        Failure,
        argv::{self, Surroundings},
        message::Log,
        probe::{self, Entry, Found},
        runner::Invocation,
        tools::Tools,
        watch::{self, End},
    },
};

/// What an item turned out to be.
pub(super) enum Identified {
    /// One video, with its title.
    Video(Option<String>),
    /// Several: they are items now.
    Playlist,
}

/// Why a look gave nothing.
#[derive(Debug)]
pub(crate) enum NoLook {
    /// The link, the site, or the tools.
    Failed(Failure),
    /// We were told to stop.
    Halted,
    /// The process could not be started.
    Io(std::io::Error),
}

/// Where a look happens.
pub(crate) struct Look<'a> {
    /// Its own directory.
    pub(crate) dir: &'a Path,
    /// Its way out.
    pub(crate) pass: &'a Pass,
    /// Stops it.
    pub(crate) halt: &'a CancellationToken,
}

/// Asks yt-dlp what is behind a link. `started` learns the process.
pub(crate) async fn look_at(
    state: &AppState,
    look: &Look<'_>,
    url: &str,
    started: impl AsyncFnOnce(i32, Option<u64>),
) -> Result<Found, NoLook> {
    let tools = Tools::find(&state.config)
        .map_err(|_missing| NoLook::Failed(Failure::of("tool_missing")))?;
    let around = Surroundings {
        dir: look.dir,
        proxy_url: &look.pass.proxy_url,
        ffmpeg_dir: state.config.ffmpeg_dir.as_deref(),
    };
    let max_entries = state.config.max_playlist_entries;
    let argv = argv::probe(around, max_entries, url);
    let invocation = Invocation::new(&tools.ytdlp, argv, look.dir, &tools.path, &state.cache_dir);
    let process = state.runner.start(&invocation).map_err(NoLook::Io)?;
    started(process.group.id(), process.group.start).await;
    let limit = Duration::from_secs(state.config.probe_timeout_seconds);
    let collected = watch::collect(process, probe::MAX_BYTES, look.halt, limit)
        .await
        .map_err(NoLook::Io)?;
    let collected = match collected {
        Ok(collected) => collected,
        Err(End::Ended(failure)) => return Err(NoLook::Failed(failure)),
        Err(End::Halted | End::Exited(_)) => return Err(NoLook::Halted),
    };
    let mut log = Log::default();
    collected.stderr.lines().for_each(|line| log.add(line));
    if !collected.status.success() {
        if let Some(failure) = look.pass.meter.failure() {
            return Err(NoLook::Failed(failure));
        }
        let failure = log
            .error()
            .map_or_else(|| Failure::of("unknown"), Failure::from_error);
        return Err(NoLook::Failed(failure));
    }
    match probe::parse(&collected.stdout, max_entries) {
        Ok(Found::Playlist { entries, .. }) if entries.is_empty() => {
            Err(NoLook::Failed(Failure::of("empty_playlist")))
        }
        Ok(found) => Ok(found),
        Err(_json) => Err(NoLook::Failed(Failure::of("no_output"))),
    }
}

/// The first step of an item.
pub(super) async fn identify(job: &Job, place: &Place) -> Result<Identified, Stop> {
    let look = Look {
        dir: &place.dir,
        pass: &job.pass,
        halt: &job.halt,
    };
    let found = look_at(&job.state, &look, &job.item.url, async |pid, start| {
        record_process(job, pid, start).await;
    });
    match found.await {
        Ok(Found::Video { info, .. }) => {
            let title = info.title.clone().or_else(|| job.item.title.clone());
            identified(job, place, title.clone(), info.duration).await?;
            Ok(Identified::Video(title))
        }
        Ok(Found::Playlist { title, entries }) => {
            expand(job, place, title, entries).await?;
            Ok(Identified::Playlist)
        }
        Err(NoLook::Failed(failure)) => Err(failure.into()),
        Err(NoLook::Halted) => Err(job.halted()),
        Err(NoLook::Io(err)) => Err(err.into()),
    }
}

/// Notes which process works on the item, for whoever finds it after a crash.
pub(super) async fn record_process(job: &Job, pid: i32, start: Option<u64>) {
    let fence = job.fence;
    let recorded = job
        .state
        .db
        .tx(move |conn| attempts::update_process(conn, fence, pid, start))
        .await;
    if let Err(err) = recorded {
        tracing::warn!("The process of an attempt could not be recorded: {err}");
    }
}

async fn identified(
    job: &Job,
    place: &Place,
    title: Option<String>,
    duration: Option<f64>,
) -> Result<(), Stop> {
    let (fence, id) = (job.fence, place.download.download_id());
    let clock = job.state.clock();
    let is_untitled = place.download.title.is_none();
    let stored = job.state.db.tx(move |conn| {
        store::lock(conn, id, clock.now())?;
        items::update_identified(conn, fence, title.as_deref(), duration)?;
        if let (true, Some(title)) = (is_untitled, &title) {
            store::update_title(conn, id, title)?;
        }
        Ok::<_, Error>(())
    });
    Ok(stored.await?)
}

/// Puts the entries of a playlist in the place of the item that named it.
async fn expand(
    job: &Job,
    place: &Place,
    title: Option<String>,
    entries: Vec<Entry>,
) -> Result<(), Stop> {
    let (fence, position) = (job.fence, job.item.position);
    let (clock, row) = (job.state.clock(), place.download.clone());
    let expanded = job.state.db.tx(move |conn| {
        let id: DownloadId = row.download_id();
        store::lock(conn, id, clock.now())?;
        items::delete_fenced(conn, fence)?;
        let rows: Vec<_> = (position..)
            .zip(entries)
            .map(|(position, entry)| {
                item_of(DownloadItemId::generate(&*clock), &row, position, entry)
            })
            .collect();
        items::insert_items(conn, &rows)?;
        let title = title.filter(|title| !title.trim().is_empty());
        if let (None, Some(title)) = (&row.title, &title) {
            store::update_title(conn, id, title)?;
        }
        // A collection named after the playlist, unless a person said otherwise.
        if let (None, Some(title)) = (&row.collection, &title) {
            store::update_collection(conn, id, title)?;
        }
        downloads::settle(conn, &*clock, id)
    });
    Ok(expanded.await?)
}

fn item_of(
    id: DownloadItemId,
    download: &crate::store::DownloadRow,
    position: i32,
    entry: Entry,
) -> ItemRow {
    ItemRow {
        needs_probe: entry.is_list,
        title: entry.title,
        duration_seconds: entry.duration_seconds,
        ..ItemRow::queued(id, download, position, entry.url)
    }
}
