//! The clips: a few seconds of test picture and tone each.

use std::path::{Path, PathBuf};

use tokio::process::Command;

/// A clip of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clip {
    /// Three seconds.
    Alpha,
    /// Two seconds.
    Bravo,
    /// Two seconds.
    Charlie,
    /// Some megabytes: long enough under way to be interrupted.
    Big,
}

impl Clip {
    /// Every clip.
    pub const ALL: [Self; 4] = [Self::Alpha, Self::Bravo, Self::Charlie, Self::Big];

    /// The name in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Bravo => "bravo",
            Self::Charlie => "charlie",
            Self::Big => "big",
        }
    }

    /// The title on pages and in feeds.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Alpha => "Alpha Clip",
            Self::Bravo => "Bravo Clip",
            Self::Charlie => "Charlie: the Clip",
            Self::Big => "Big Clip",
        }
    }

    pub(crate) fn file_name(self) -> String {
        format!("{}.mp4", self.name())
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clip| clip.name() == name)
    }

    const fn shape(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Alpha => ("testsrc=size=320x180:rate=10", "3", &["-b:v", "100k"]),
            Self::Bravo => ("smptebars=size=320x180:rate=10", "2", &["-b:v", "100k"]),
            Self::Charlie => ("rgbtestsrc=size=320x180:rate=10", "2", &["-b:v", "100k"]),
            // Noise does not compress: the size is what it costs.
            Self::Big => (
                "nullsrc=size=320x180:rate=10,geq=random(1)*255:128:128",
                "4",
                &["-qp", "18"],
            ),
        }
    }
}

/// The folder with all clips. They are made once per machine: the folder's name changes when their recipe does.
pub(super) async fn folder() -> PathBuf {
    let dir = std::env::temp_dir().join("medianest-test-clips-1");
    std::fs::create_dir_all(&dir).expect("the temporary folder can be written");
    futures_util::future::join_all(Clip::ALL.map(|clip| make(&dir, clip))).await;
    dir
}

async fn make(dir: &Path, clip: Clip) {
    let path = dir.join(clip.file_name());
    if path.exists() {
        return;
    }
    let (picture, seconds, quality) = clip.shape();
    // Several test processes may make it at the same time; the rename lets one of them win.
    let draft = dir.join(format!("draft-{}-{}", std::process::id(), clip.file_name()));
    let output = Command::new("ffmpeg")
        .args([
            "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture,
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
        ])
        .args(quality)
        .args([
            "-c:a",
            "aac",
            "-b:a",
            "48k",
            "-movflags",
            "+faststart",
            "-shortest",
        ])
        .arg(&draft)
        .output()
        .await
        .expect("ffmpeg is installed (`apt-get install ffmpeg`)");
    assert!(
        output.status.success(),
        "ffmpeg: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::rename(draft, path).expect("same folder");
}
