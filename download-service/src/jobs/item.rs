//! One attempt at one item, from the claim to its end: look at the link if nobody has, transfer, check, move into the folder.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use futures_util::future::join;
use shared_db::dialect;
use shared_types::event::{DownloadProgress, Event, Progress};
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span, warn};

use super::{conclude, dispatch::end_process, probe, staging, transfer};
use crate::{
    NAME,
    app::AppState,
    egress::Pass,
    error::Error,
    events,
    library::{Target, free_bytes},
    preset::Preset,
    state::{DownloadState, Step},
    store::{
        DownloadRow, ItemRow, downloads as store,
        items::{self, Fence},
        queue::Claimed,
    },
    ytdlp::Failure,
};

/// Everything about the attempt.
pub(super) struct Job {
    pub(super) state: Arc<AppState>,
    pub(super) item: ItemRow,
    pub(super) fence: Fence,
    /// Stops the work: the service stops, a person decided, or the lease is lost.
    pub(super) halt: CancellationToken,
    pub(super) pass: Pass,
    pub(super) log: std::sync::Mutex<String>,
    /// Where the item's directory lies, once that is known.
    pub(super) staging: std::sync::OnceLock<PathBuf>,
}

/// How the work on an item ended well.
#[derive(Debug)]
pub(super) enum Done {
    /// The file lies in its folder.
    Imported,
    /// It was a playlist, whose entries are items now.
    Expanded,
}

/// Why the work on an item ended.
#[derive(Debug)]
pub(super) enum Stop {
    /// It did not work.
    Failed(Failure),
    /// The service stops.
    Interrupted,
    /// The item is no longer ours.
    Fenced,
    /// Our own trouble: the database, a process that does not start.
    Broken(Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Fenced | Error::NotFound => Self::Fenced,
            other => Self::Broken(other),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        let class = match error.kind() {
            std::io::ErrorKind::StorageFull => "disk_full",
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                "filesystem"
            }
            _ => return Self::Broken(error.into()),
        };
        Self::Failed(Failure::of(class).with_detail(error.to_string()))
    }
}

/// The settled surroundings of the work.
pub(super) struct Place {
    pub(super) download: DownloadRow,
    pub(super) target: Target,
    pub(super) dir: PathBuf,
    pub(super) preset: Preset,
}

/// Runs an attempt.
pub(super) async fn run(state: Arc<AppState>, claimed: Claimed) {
    let item = claimed.item;
    let fence = Fence {
        item: item.item_id(),
        attempt: item.attempt,
    };
    let span = info_span!("attempt", download.id = %item.download_id, item.id = %item.id, attempt = item.attempt);
    claimed.abandoned.iter().for_each(end_process);
    let halt = state.supervisor.stop_token().child_token();
    state
        .running
        .insert(fence.item, item.download_id.into(), halt.clone());
    let pass = state
        .guard
        .pass(&format!("{}-{}", fence.item, fence.attempt));
    let job = Job {
        state,
        item,
        fence,
        halt,
        pass,
        log: std::sync::Mutex::default(),
        staging: std::sync::OnceLock::new(),
    };
    async {
        let done = CancellationToken::new();
        let work = async {
            let outcome = work(&job).await;
            done.cancel();
            outcome
        };
        let (outcome, ()) = join(work, beat(&job, &done)).await;
        job.state.running.remove(fence.item);
        conclude::conclude(&job, outcome).await;
    }
    .instrument(span)
    .await;
}

/// Extends the lease; stops the work when that is impossible, before another worker may begin.
async fn beat(job: &Job, done: &CancellationToken) {
    let config = &job.state.config;
    let every = Duration::from_secs(config.heartbeat_seconds);
    let lease = Duration::from_secs(config.lease_seconds);
    let (mut beats, mut alive_at) = (interval(every), Instant::now());
    loop {
        tokio::select! {
            () = done.cancelled() => return,
            _beat = beats.tick() => {}
        }
        let sent = Instant::now();
        match timeout(every, extend(job)).await {
            Ok(Ok(())) => alive_at = sent,
            Ok(Err(Error::Fenced)) => job.halt.cancel(),
            Ok(Err(err)) => warn!("The lease could not be extended: {err}"),
            Err(_elapsed) => warn!("The lease could not be extended in time"),
        }
        if alive_at.elapsed() + every >= lease {
            job.halt.cancel();
        }
    }
}

async fn extend(job: &Job) -> Result<(), Error> {
    let fence = job.fence;
    let lease = TimeDelta::seconds(i64::try_from(job.state.config.lease_seconds).unwrap_or(20));
    job.state
        .db
        .tx(move |conn| {
            let until = dialect::now(conn)? + lease;
            items::update_lease(conn, fence, until)
        })
        .await
}

impl Job {
    /// Why the work was stopped from outside.
    pub(super) fn halted(&self) -> Stop {
        if self.state.supervisor.stop_token().is_cancelled() {
            Stop::Interrupted
        } else {
            Stop::Fenced
        }
    }

    /// Moves the item, and its download with it, to the state that `step` leads to.
    pub(super) async fn enter(&self, step: Step) -> Result<DownloadRow, Stop> {
        let stage = match step {
            Step::Probe => DownloadState::Probing,
            Step::Process => DownloadState::Processing,
            _ => DownloadState::Downloading,
        };
        let (fence, id) = (self.fence, self.item.download_id.into());
        let clock = self.state.clock();
        let row = self.state.db.tx(move |conn| {
            let row = store::lock(conn, id, clock.now())?;
            // A person who paused or cancelled is faster than the news of it.
            if !row.state().is_open() {
                return Err(Error::Fenced);
            }
            items::update_stage(conn, fence, stage)?;
            // Where other videos of the download are further, it stays there.
            if let Some(after) = row.state().after(step) {
                store::update_state(conn, id, after)?;
            }
            if stage == DownloadState::Downloading && row.started_at.is_none() {
                store::update_started(conn, id, clock.now())?;
                events::started(conn, &*clock, &row)?;
            }
            Ok(row)
        });
        let row = row.await?;
        let own = if stage == DownloadState::Processing {
            100.0
        } else {
            0.0
        };
        let percent = share(&row, own);
        self.tell(
            &row,
            Progress {
                stage: stage.as_str().to_owned(),
                percent,
                ..Progress::default()
            },
        )
        .await;
        Ok(row)
    }

    /// Tells browsers how far the download is.
    pub(super) async fn tell(&self, download: &DownloadRow, progress: Progress) {
        let fact = DownloadProgress {
            download_id: download.download_id(),
            user_id: download.owner(),
            state: progress.stage.clone(),
            progress,
        };
        self.state
            .bus
            .broadcast(&Event::new(&*self.state.clock, NAME, &fact))
            .await;
    }

    /// Adds lines to the log of the attempt.
    pub(super) fn note(&self, text: &str) {
        let mut log = self
            .log
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if !log.is_empty() && !text.is_empty() {
            log.push('\n');
        }
        log.push_str(text);
    }
}

/// The percentage of a whole download while one of its videos is at `own`.
pub(super) fn share(download: &DownloadRow, own: f64) -> f64 {
    let (count, done) = (
        f64::from(download.item_count.max(1)),
        f64::from(download.items_done),
    );
    let percent = ((done * 100.0 + own) / count).min(100.0);
    (percent * 10.0).round() / 10.0
}

async fn work(job: &Job) -> Result<Done, Stop> {
    let first = if job.item.needs_probe {
        Step::Probe
    } else {
        Step::Transfer
    };
    let download = job.enter(first).await?;
    let target = settle_target(job, &download).await?;
    let root = staging::root(job.state.config.staging_dir.as_deref(), &target.folder);
    let root = job.staging.get_or_init(|| root);
    if let Some(path) = already_imported(&job.item) {
        job.note(&format!(
            "`{}` was moved into its folder before.",
            path.display()
        ));
        return transfer::finish(job).await;
    }
    check_space(job, &target)?;
    let dir = staging::prepare(root, job.fence.item)?;
    let preset = download.preset.parse().unwrap_or_default();
    let mut place = Place {
        download,
        target,
        dir,
        preset,
    };
    if job.item.needs_probe {
        match probe::identify(job, &place).await? {
            probe::Identified::Playlist => return Ok(Done::Expanded),
            probe::Identified::Video(title) => place.download.title = title,
        }
        job.enter(Step::Transfer).await?;
    }
    transfer::transfer(job, &place).await
}

/// A crash after the rename, before it was noted: the file is there, whole.
fn already_imported(item: &ItemRow) -> Option<PathBuf> {
    let path = PathBuf::from(item.file_path.as_deref()?);
    let size = path.metadata().ok()?.len();
    (i64::try_from(size).ok() == item.size_bytes).then_some(path)
}

/// Where the files of this download go; asked once, then the same for all its items.
async fn settle_target(job: &Job, download: &DownloadRow) -> Result<Target, Stop> {
    if let Some(target) = download.target() {
        return Ok(target);
    }
    let target = match job.state.catalog.target(download.library()).await {
        Ok(target) => target,
        Err(crate::library::CatalogError::Unknown(_)) => {
            return Err(Failure::of("library_unknown").into());
        }
        Err(err) => {
            job.note(&err.to_string());
            return Err(Failure::of("plex_unavailable").into());
        }
    };
    if target.library_id.is_none() {
        std::fs::create_dir_all(&target.folder)?;
    }
    if !target.folder.is_dir() {
        let folder = target.folder.display().to_string();
        return Err(Failure::of("library_unreachable")
            .with_detail(folder)
            .into());
    }
    let (id, stored) = (download.download_id(), target.clone());
    let saved = job
        .state
        .db
        .tx(move |conn| store::update_target(conn, id, &stored))
        .await;
    saved.map_err(|err| Stop::Broken(err.into()))?;
    Ok(target)
}

fn check_space(job: &Job, target: &Target) -> Result<(), Stop> {
    let folder = job
        .state
        .config
        .staging_dir
        .as_deref()
        .unwrap_or(&target.folder);
    if free_bytes(folder)? < job.state.config.min_free_bytes {
        return Err(Failure::of("disk_full").into());
    }
    Ok(())
}
