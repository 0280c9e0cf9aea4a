//! The videos, made once per machine by ffmpeg from its test sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A video of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Video {
    /// Three seconds, some 100 KB.
    Small,
    /// Four seconds, another picture.
    Second,
    /// Twelve seconds of noise, several MB: long enough to be interrupted.
    Big,
}

impl Video {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Small, Self::Second, Self::Big];

    /// Name in addresses, and the video's id for yt-dlp.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Second => "second",
            Self::Big => "big",
        }
    }

    /// Title on its page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Small => "A small clip",
            Self::Second => "The second clip",
            Self::Big => "A big clip",
        }
    }

    fn source(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Small => ("testsrc2=size=320x180:rate=25", "3", "1M"),
            Self::Second => ("smptebars=size=320x180:rate=25", "4", "1M"),
            Self::Big => (
                "nullsrc=size=640x360:rate=25,geq=random(1)*255:128:128",
                "12",
                "8M",
            ),
        }
    }

    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.mp4", self.name()))
    }
}

/// The folder with all videos, made on first use.
pub(crate) fn ensure() -> PathBuf {
    let folder = std::env::temp_dir().join("medianest-test-media-1");
    fs::create_dir_all(&folder).expect("a folder for test videos");
    for video in Video::ALL {
        let path = video.path(&folder);
        if !path.exists() {
            make(video, &path);
        }
    }
    folder
}

/// Into a file of our own first: tests run in parallel processes.
fn make(video: Video, path: &Path) {
    let unfinished = path.with_extension(format!("{}.mp4", std::process::id()));
    let (picture, seconds, bitrate) = video.source();
    let status = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-loglevel",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            picture,
        ])
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=44100",
            "-t",
            seconds,
        ])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-b:v",
            bitrate,
        ])
        .args([
            "-minrate", bitrate, "-maxrate", bitrate, "-bufsize", "2M", "-c:a", "aac", "-b:a",
            "64k",
        ])
        .args(["-movflags", "+faststart"])
        .arg(&unfinished)
        .stdin(Stdio::null())
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success(), "ffmpeg made no {}", video.name());
    fs::rename(&unfinished, path).expect("the video moves to its place");
}
