//! Presets: named qualities. People choose a name; the flags behind it are ours.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A named quality.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum Preset {
    /// The best there is, up to 4K.
    #[default]
    #[serde(rename = "best")]
    Best,
    /// Up to 1080 lines.
    #[serde(rename = "1080p")]
    FullHd,
    /// Up to 720 lines.
    #[serde(rename = "720p")]
    Hd,
    /// Sound only.
    #[serde(rename = "audio")]
    Audio,
}

macro_rules! video_flags {
    ($order:literal) => {
        &[
            "-S",
            $order,
            "--merge-output-format",
            "mp4",
            "--embed-metadata",
            "--embed-chapters",
        ]
    };
}

impl Preset {
    /// Every preset.
    pub(crate) const ALL: [Self; 4] = [Self::Best, Self::FullHd, Self::Hd, Self::Audio];

    /// The name on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::FullHd => "1080p",
            Self::Hd => "720p",
            Self::Audio => "audio",
        }
    }

    /// Title and description for people.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Best => ("Best quality", "Up to 4K, as MP4 where the site allows it."),
            Self::FullHd => ("Full HD", "Up to 1080p; a good choice for a television."),
            Self::Hd => ("HD", "Up to 720p; small files for phones and tablets."),
            Self::Audio => ("Audio only", "The sound as M4A."),
        }
    }

    /// The flags: an order of formats, not a filter, so that the nearest one is taken when the wanted one is missing.
    pub(crate) const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Best => video_flags!("res:2160,vcodec:h264,acodec:aac"),
            Self::FullHd => video_flags!("res:1080,vcodec:h264,acodec:aac"),
            Self::Hd => video_flags!("res:720,vcodec:h264,acodec:aac"),
            Self::Audio => &[
                "-f",
                "ba/b",
                "-x",
                "--audio-format",
                "m4a",
                "--audio-quality",
                "0",
                "--embed-metadata",
            ],
        }
    }
}

/// A preset that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no preset `{0}`; there are `best`, `1080p`, `720p` and `audio`")]
pub(crate) struct UnknownPreset(String);

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|preset| preset.as_str() == text);
        known.ok_or_else(|| UnknownPreset(text.to_owned()))
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
