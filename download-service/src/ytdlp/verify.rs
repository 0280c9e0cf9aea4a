//! Has it succeeded? Exit code 0 says nothing: only a whole, playable file inside the job's directory counts.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::Deserialize;
use tokio::{process::Command, time::timeout};

use super::{Failure, message::FileInfo};

const TIMEOUT: Duration = Duration::from_mins(1);
/// A file may be a little shorter than a page announces.
const LEAST_OF_DURATION: f64 = 0.9;

const VIDEO_EXTENSIONS: [&str; 9] = [
    "mp4", "mkv", "webm", "mov", "m4v", "avi", "ts", "flv", "mpg",
];
const AUDIO_EXTENSIONS: [&str; 8] = ["m4a", "mp3", "opus", "ogg", "flac", "wav", "aac", "oga"];

/// A file that passed every check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MediaFile {
    pub(crate) path: PathBuf,
    pub(crate) size_bytes: i64,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) is_audio: bool,
}

/// What yt-dlp said about the file that should be there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Claim {
    /// Where it says the file is.
    pub(crate) path: Option<PathBuf>,
    /// What it says is in it.
    pub(crate) info: FileInfo,
    /// The length that the site announced.
    pub(crate) announced_seconds: Option<f64>,
    /// Only sound was asked for.
    pub(crate) wants_audio: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Probed {
    streams: Vec<Stream>,
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Stream {
    codec_type: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Format {
    duration: Option<String>,
}

/// Checks the file of a job whose directory is `dir`.
pub(crate) async fn check(
    claim: &Claim,
    dir: &Path,
    ffprobe: &Path,
    path_env: &OsStr,
) -> Result<MediaFile, Failure> {
    let (path, size_bytes) = locate(claim, dir)?;
    let extension = extension_of(&path);
    let is_audio_file = AUDIO_EXTENSIONS.contains(&extension.as_str());
    if !is_audio_file && !VIDEO_EXTENSIONS.contains(&extension.as_str()) {
        return Err(Failure::of("not_media"));
    }
    let probed = ffprobe_file(&path, ffprobe, path_env).await?;
    let has = |kind: &str| {
        probed
            .streams
            .iter()
            .any(|stream| stream.codec_type == kind)
    };
    let no_picture = claim.info.vcodec.as_deref() == Some("none");
    let is_audio = claim.wants_audio || is_audio_file || no_picture;
    if (is_audio && !has("audio")) || (!is_audio && !has("video")) {
        return Err(Failure::of("not_media"));
    }
    let duration = probed
        .format
        .duration
        .and_then(|text| text.parse::<f64>().ok());
    let announced = claim.announced_seconds.or(claim.info.duration);
    if let (Some(announced), Some(duration)) = (announced, duration)
        && duration < announced * LEAST_OF_DURATION
    {
        let detail = format!("{duration:.0} of {announced:.0} seconds");
        return Err(Failure::of("incomplete").with_detail(detail));
    }
    Ok(MediaFile {
        path,
        size_bytes,
        duration_seconds: duration,
        is_audio,
    })
}

/// The file must exist, not be empty, and lie where the job may write; a link out of there does not count.
fn locate(claim: &Claim, dir: &Path) -> Result<(PathBuf, i64), Failure> {
    let missing = || Failure::of("no_output");
    let path = claim.path.as_ref().ok_or_else(missing)?;
    let real = path.canonicalize().map_err(|_gone| missing())?;
    let home = dir.canonicalize().map_err(|_gone| missing())?;
    let metadata = real.metadata().map_err(|_gone| missing())?;
    if !real.starts_with(&home) || !metadata.is_file() || metadata.len() == 0 {
        return Err(missing());
    }
    Ok((real, i64::try_from(metadata.len()).unwrap_or(i64::MAX)))
}

/// Lower-case extension of a path.
pub(crate) fn extension_of(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}

async fn ffprobe_file(path: &Path, ffprobe: &Path, path_env: &OsStr) -> Result<Probed, Failure> {
    // A playlist in a media file's clothes must not make ffprobe fetch anything: local files only.
    let output = Command::new(ffprobe)
        .args(["-v", "error", "-protocol_whitelist", "file", "-of", "json"])
        .args(["-show_entries", "format=duration:stream=codec_type", "-i"])
        .arg(path)
        .env_clear()
        .env("PATH", path_env)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match timeout(TIMEOUT, output).await {
        Ok(Ok(output)) => output,
        Ok(Err(err)) => return Err(Failure::of("ffmpeg_missing").with_detail(err.to_string())),
        Err(_elapsed) => return Err(Failure::of("not_media")),
    };
    if !output.status.success() {
        return Err(Failure::of("not_media"));
    }
    serde_json::from_slice(&output.stdout).map_err(|_json| Failure::of("not_media"))
}
