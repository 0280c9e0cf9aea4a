//! From a link to a file in its folder: one run of yt-dlp, the checks, the move.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, task::spawn_blocking, time::timeout};

use super::{
    item::{Done, Job, Place, Stop},
    observer::Follower,
    probe::record_process,
};
use crate::{
    downloads,
    error::Error,
    library::{self, Details},
    preset::Preset,
    state::Step,
    store::{downloads as store, items},
    ytdlp::{
        Failure,
        argv::{self, Surroundings},
        message::VideoInfo,
        runner::Invocation,
        tools::Tools,
        verify::{self, Claim, MediaFile},
        watch::{self, End},
    },
};

const THUMBNAIL_TIMEOUT: Duration = Duration::from_secs(30);

/// Transfers the item's video and moves it into its folder.
pub(super) async fn transfer(job: &Job, place: &Place) -> Result<Done, Stop> {
    let tools = Tools::find(&job.state.config).map_err(|_missing| Failure::of("tool_missing"))?;
    let (media, info) = fetch(job, place, &tools).await?;
    job.enter(Step::Process).await?;
    let thumbnail = thumbnail(&media, &tools).await;
    let title = info.title.clone().or_else(|| job.item.title.clone());
    let details = Details {
        title: title
            .or_else(|| place.download.title.clone())
            .unwrap_or_else(|| "Video".to_owned()),
        url: job.item.url.clone(),
        collection: place
            .download
            .collection
            .clone()
            .filter(|name| !name.is_empty()),
        info,
    };
    into_folder(job, place, media, thumbnail, details).await?;
    finish(job).await
}

/// One run of yt-dlp, and the file it made.
async fn fetch(job: &Job, place: &Place, tools: &Tools) -> Result<(MediaFile, VideoInfo), Stop> {
    let state = &job.state;
    let around = Surroundings {
        dir: &place.dir,
        proxy_url: &job.pass.proxy_url,
        ffmpeg_dir: state.config.ffmpeg_dir.as_deref(),
    };
    let argv = argv::transfer(around, place.preset, &job.item.url);
    let invocation = Invocation::new(
        &tools.ytdlp,
        argv,
        &place.dir,
        &tools.path,
        &state.cache_dir,
    );
    let process = state.runner.start(&invocation)?;
    record_process(job, process.group.id(), process.group.start).await;
    let mut follower = Follower::new(job, place);
    let silence = Duration::from_secs(state.config.stall_timeout_seconds);
    let end = watch::watch(process, &mut follower, &job.halt, silence).await?;
    job.note(&follower.log.text());
    let Follower {
        log, video, file, ..
    } = follower;
    match &end {
        End::Halted => return Err(job.halted()),
        End::Ended(failure) => return Err(failure.clone().into()),
        End::Exited(_) => {}
    }
    let video = video.unwrap_or_default();
    let (path, info) = file.unwrap_or_default();
    let claim = Claim {
        path: path.map(PathBuf::from),
        info,
        announced_seconds: video.duration.or(job.item.duration_seconds),
        wants_audio: place.preset == Preset::Audio,
    };
    match verify::check(&claim, &place.dir, &tools.ffprobe, &tools.path).await {
        Ok(media) => Ok((media, video)),
        Err(failure) => {
            // Continuing a file that is not what it should be would give the same again.
            clear(&place.dir, &failure);
            Err(reason(job, log.error(), &end, failure).into())
        }
    }
}

/// Why there is no file: what the guard refused, else what yt-dlp said, else how it ended, else what is wrong with the file.
fn reason(job: &Job, error: Option<&str>, end: &End, failure: Failure) -> Failure {
    if let Some(failure) = job.pass.meter.failure() {
        return failure;
    }
    if let Some(error) = error {
        return Failure::from_error(error);
    }
    match end {
        End::Exited(status) if status.code().is_none() => Failure::of("interrupted"),
        _ => failure,
    }
}

fn clear(dir: &Path, failure: &Failure) {
    if matches!(failure.class.name, "not_media" | "incomplete") {
        for folder in ["out", "tmp"] {
            let _gone = std::fs::remove_dir_all(dir.join(folder));
        }
    }
}

/// The site's thumbnail, or a picture out of the video. A file without one is fine, too.
async fn thumbnail(media: &MediaFile, tools: &Tools) -> Option<PathBuf> {
    let path = media.path.with_extension("jpg");
    if path.is_file() {
        return Some(path);
    }
    if media.is_audio {
        return None;
    }
    let at = media.duration_seconds.unwrap_or_default() / 10.0;
    let shot = Command::new(&tools.ffmpeg)
        .args([
            "-v",
            "error",
            "-nostdin",
            "-y",
            "-protocol_whitelist",
            "file",
        ])
        .args(["-ss", &format!("{at:.2}"), "-i"])
        .arg(&media.path)
        .args([
            "-frames:v",
            "1",
            "-vf",
            "scale=640:-2",
            "-protocol_whitelist",
            "file",
        ])
        .arg(&path)
        .env_clear()
        .env("PATH", &tools.path)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let made = timeout(THUMBNAIL_TIMEOUT, shot).await;
    let made = made.is_ok_and(|output| output.is_ok_and(|output| output.status.success()));
    made.then_some(path).filter(|path| path.is_file())
}

/// Chooses the place, records it, and moves the file there.
async fn into_folder(
    job: &Job,
    place: &Place,
    media: MediaFile,
    thumbnail: Option<PathBuf>,
    details: Details,
) -> Result<(), Stop> {
    let reserved = job
        .item
        .file_path
        .as_ref()
        .map(PathBuf::from)
        .filter(|path| {
            // An earlier attempt ended between its record and its rename: the place is still ours.
            !path.exists()
                && path.parent().is_some_and(Path::is_dir)
                && path.extension() == media.path.extension()
        });
    let path = match reserved {
        Some(path) => path,
        None => library::place(&media.path, &details, &place.target.folder)?,
    };
    let (fence, stored) = (job.fence, path.to_string_lossy().into_owned());
    let (id, clock) = (place.download.download_id(), job.state.clock());
    let size_bytes = media.size_bytes;
    let title = details.title.clone();
    let recorded = job.state.db.tx(move |conn| {
        store::lock(conn, id, clock.now())?;
        items::update_identified(conn, fence, Some(&title), media.duration_seconds)?;
        items::update_place(conn, fence, &stored, size_bytes)
    });
    recorded.await?;
    let moved =
        spawn_blocking(move || library::import(&media.path, thumbnail.as_deref(), &details, &path));
    let moved = moved
        .await
        .map_err(|err| Stop::Broken(std::io::Error::other(err).into()))?;
    Ok(moved?)
}

/// Notes that the file lies in its folder.
pub(super) async fn finish(job: &Job) -> Result<Done, Stop> {
    let (fence, id) = (job.fence, job.item.download_id.into());
    let clock = job.state.clock();
    let finished = job.state.db.tx(move |conn| {
        store::lock(conn, id, clock.now())?;
        items::finish_item(conn, fence, clock.now())?;
        downloads::settle(conn, &*clock, id)?;
        Ok::<_, Error>(())
    });
    finished.await?;
    Ok(Done::Imported)
}
