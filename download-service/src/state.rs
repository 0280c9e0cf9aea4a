//! The states of a download and of its items, and the one function that moves between them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a download, or one video of it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DownloadState {
    /// Waits for a worker.
    Queued,
    /// yt-dlp looks at what the link is.
    Probing,
    /// Bytes are coming.
    Downloading,
    /// ffmpeg works on the file.
    Processing,
    /// The files lie in the library folder and Plex is looking for them.
    Importing,
    /// Every file is an item in Plex.
    InPlex,
    /// The files lie in a folder that belongs to no Plex library.
    Finished,
    /// Stopped by a person, to go on later.
    Paused,
    /// Ended without a usable file.
    Failed,
    /// Ended by a person.
    Cancelled,
}

/// What can happen to a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A worker looks at the link.
    Probe,
    /// A worker transfers one of its videos.
    Transfer,
    /// A worker lets ffmpeg work on one of its videos.
    Process,
    /// All files lie in the library folder.
    Import,
    /// All files lie in their folder, and no library is involved.
    Finish,
    /// Plex knows all files.
    ReachPlex,
    /// The work goes back to the queue.
    Requeue,
    /// A person pauses it.
    Pause,
    /// A person lets it go on.
    Resume,
    /// A person ends it.
    Cancel,
    /// A person tries again.
    Retry,
    /// It cannot succeed.
    Fail,
}

impl DownloadState {
    /// Every state, in the order of a good life, then the sidings.
    pub(crate) const ALL: [Self; 10] = [
        Self::Queued,
        Self::Probing,
        Self::Downloading,
        Self::Processing,
        Self::Importing,
        Self::InPlex,
        Self::Finished,
        Self::Paused,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The state after `step`; `None` when that cannot happen here.
    pub(crate) const fn after(self, step: Step) -> Option<Self> {
        let is_open = self.is_open();
        match (step, self) {
            (Step::Probe, Self::Queued | Self::Probing) => Some(Self::Probing),
            (Step::Transfer, _) if is_open => Some(Self::Downloading),
            (Step::Process, Self::Downloading | Self::Processing) => Some(Self::Processing),
            (Step::Import, _) if is_open => Some(Self::Importing),
            (Step::Finish, _) if is_open => Some(Self::Finished),
            (Step::ReachPlex, Self::Importing) => Some(Self::InPlex),
            (Step::Requeue, _) if is_open => Some(Self::Queued),
            (Step::Pause, _) if is_open => Some(Self::Paused),
            (Step::Cancel, Self::Paused) => Some(Self::Cancelled),
            (Step::Cancel, _) if is_open => Some(Self::Cancelled),
            (Step::Resume, Self::Paused)
            | (
                Step::Retry,
                Self::Failed | Self::Cancelled | Self::Importing | Self::InPlex | Self::Finished,
            ) => Some(Self::Queued),
            (Step::Fail, _) if is_open => Some(Self::Failed),
            _ => None,
        }
    }

    /// Whether the queue still works on it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Queued | Self::Probing | Self::Downloading | Self::Processing
        )
    }

    /// The name in the database and on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Probing => "probing",
            Self::Downloading => "downloading",
            Self::Processing => "processing",
            Self::Importing => "importing",
            Self::InPlex => "in_plex",
            Self::Finished => "finished",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A state that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a state of a download")]
pub(crate) struct UnknownState(String);

impl FromStr for DownloadState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| UnknownState(text.to_owned()))
    }
}

impl fmt::Display for DownloadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{DownloadState as S, *};

    /// Rows: step; columns: the states of `ALL`. `.` means impossible.
    const TABLE: &[(Step, [&str; 10])] = &[
        (
            Step::Probe,
            ["probing", "probing", ".", ".", ".", ".", ".", ".", ".", "."],
        ),
        (
            Step::Transfer,
            [
                "downloading",
                "downloading",
                "downloading",
                "downloading",
                ".",
                ".",
                ".",
                ".",
                ".",
                ".",
            ],
        ),
        (
            Step::Process,
            [
                ".",
                ".",
                "processing",
                "processing",
                ".",
                ".",
                ".",
                ".",
                ".",
                ".",
            ],
        ),
        (
            Step::Import,
            [
                "importing",
                "importing",
                "importing",
                "importing",
                ".",
                ".",
                ".",
                ".",
                ".",
                ".",
            ],
        ),
        (
            Step::Finish,
            [
                "finished", "finished", "finished", "finished", ".", ".", ".", ".", ".", ".",
            ],
        ),
        (
            Step::ReachPlex,
            [".", ".", ".", ".", "in_plex", ".", ".", ".", ".", "."],
        ),
        (
            Step::Requeue,
            [
                "queued", "queued", "queued", "queued", ".", ".", ".", ".", ".", ".",
            ],
        ),
        (
            Step::Pause,
            [
                "paused", "paused", "paused", "paused", ".", ".", ".", ".", ".", ".",
            ],
        ),
        (
            Step::Resume,
            [".", ".", ".", ".", ".", ".", ".", "queued", ".", "."],
        ),
        (
            Step::Cancel,
            [
                "cancelled",
                "cancelled",
                "cancelled",
                "cancelled",
                ".",
                ".",
                ".",
                "cancelled",
                ".",
                ".",
            ],
        ),
        (
            Step::Retry,
            [
                ".", ".", ".", ".", "queued", "queued", "queued", ".", "queued", "queued",
            ],
        ),
        (
            Step::Fail,
            [
                "failed", "failed", "failed", "failed", ".", ".", ".", ".", ".", ".",
            ],
        ),
    ];

    #[test]
    fn every_step_leads_where_the_table_says() {
        for (step, row) in TABLE {
            for (state, expected) in S::ALL.into_iter().zip(row) {
                let after = state.after(*step).map_or(".", S::as_str);
                assert_eq!(after, *expected, "{state} after {step:?}");
            }
        }
    }

    #[test]
    fn names_lead_back_to_their_state() {
        for state in S::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<S>().is_err());
    }
}
