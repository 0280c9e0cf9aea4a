//! Follows a transfer line by line, and tells its progress: to browsers at most twice a second, to the database every two seconds.

use std::time::{Duration, Instant};

use shared_types::event::Progress;

use super::item::{Job, Place, share};
use crate::{
    error::Error,
    library::free_bytes,
    state::{DownloadState, Step},
    store::{attempts, downloads as store, items},
    ytdlp::{
        Failure,
        message::{self, FileInfo, Log, Message, VideoInfo},
        progress::Tracker,
        watch::Observer,
    },
};

const WRITE_EVERY: Duration = Duration::from_secs(2);

/// What a transfer has said so far.
pub(super) struct Follower<'a> {
    job: &'a Job,
    place: &'a Place,
    tracker: Tracker,
    stage: DownloadState,
    entered: DownloadState,
    has_news: bool,
    written_at: Option<Instant>,
    pub(super) log: Log,
    pub(super) video: Option<VideoInfo>,
    pub(super) file: Option<(Option<String>, FileInfo)>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(job: &'a Job, place: &'a Place) -> Self {
        Self {
            job,
            place,
            tracker: Tracker::default(),
            stage: DownloadState::Downloading,
            entered: DownloadState::Downloading,
            has_news: true,
            written_at: None,
            log: Log::default(),
            video: None,
            file: None,
        }
    }

    /// Progress of the whole download: its done items, and this one's share.
    fn overall(&self) -> Progress {
        let mut progress = self.tracker.progress(self.stage.as_str());
        progress.percent = share(&self.place.download, progress.percent);
        progress
    }

    async fn write(&self) -> Result<(), Error> {
        let (fence, id) = (self.job.fence, self.place.download.download_id());
        let (own, overall) = (self.tracker.progress(self.stage.as_str()), self.overall());
        let log = self.log.text();
        let write = self.job.state.db.tx(move |conn| {
            store::update_progress(conn, id, &overall)?;
            items::update_progress(conn, fence, &own)?;
            Ok::<_, Error>(attempts::update_log(conn, fence, &log)?)
        });
        write.await
    }

    fn check_space(&self) -> Result<(), Failure> {
        // Half of what the queue keeps free is the last reserve: a transfer that has begun may use the other half.
        let reserve = self.job.state.config.min_free_bytes / 2;
        match free_bytes(&self.place.dir) {
            Ok(free) if free < reserve => Err(Failure::of("disk_full")),
            _ => Ok(()),
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Video { v } => {
                self.tracker.expect(&v);
                self.video = Some(*v);
            }
            Message::Progress {
                fmt,
                id: Some(_),
                p,
            } => {
                self.stage = DownloadState::Downloading;
                self.tracker.add(fmt.as_deref().unwrap_or_default(), &p);
                self.has_news = true;
            }
            Message::Post {} => {
                self.has_news |= self.stage != DownloadState::Processing;
                self.stage = DownloadState::Processing;
            }
            Message::File { path, v } => self.file = Some((path, v)),
            // Subtitles and thumbnails.
            Message::Progress { id: None, .. } => {}
        }
    }
}

impl Observer for Follower<'_> {
    fn line(&mut self, line: &str) {
        match message::parse(line) {
            Some(message) => self.hear(message),
            None => self.log.add(line),
        }
    }

    async fn tick(&mut self) -> Result<(), Failure> {
        if self.stage != self.entered {
            self.entered = self.stage;
            let step = match self.stage {
                DownloadState::Processing => Step::Process,
                _ => Step::Transfer,
            };
            // Fenced: the halt is on its way. Broken: the next write will tell.
            let _entered = self.job.enter(step).await;
        }
        if std::mem::take(&mut self.has_news) {
            self.job.tell(&self.place.download, self.overall()).await;
            if self.written_at.is_none_or(|at| at.elapsed() >= WRITE_EVERY) {
                self.written_at = Some(Instant::now());
                self.check_space()?;
                match self.write().await {
                    Err(Error::Fenced) => self.job.halt.cancel(),
                    Err(err) => tracing::warn!("Progress could not be written: {err}"),
                    Ok(()) => {}
                }
            }
        }
        Ok(())
    }
}
