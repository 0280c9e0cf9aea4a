//! The adapter to yt-dlp, ffmpeg and ffprobe: command lines, processes, what they print, and what that means.

pub(crate) mod argv;
pub(crate) mod classes;
pub(crate) mod message;
pub(crate) mod orphan;
pub(crate) mod probe;
pub(crate) mod progress;
pub(crate) mod runner;
pub(crate) mod tools;
pub(crate) mod verify;
pub(crate) mod watch;

pub(crate) use classes::{Failure, Retry};
