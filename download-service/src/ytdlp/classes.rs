//! What yt-dlp's error texts mean: one table of classes with their texts, the words for people, and when to try again.
//! The texts were seen on yt-dlp 2026.08.19 and 2026.10.26.

use std::time::Duration;

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Trying again gives the same.
    Never,
    /// At most so many times, first after so many seconds, then three times as long each time.
    Times(i32, u64),
    /// As often as it takes, so many seconds apart: the fault is not the link's.
    Hold(u64),
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// Stable name.
    pub(crate) name: &'static str,
    /// Texts that tell it, lower case; any of them is enough.
    texts: &'static [&'static str],
    /// When to try again.
    pub(crate) retry: Retry,
    /// What happened and what to do, for the person who submitted the link.
    pub(crate) message: &'static str,
}

/// Why an item did not become a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The row of the table.
    pub(crate) class: &'static Class,
    /// What this time adds to the class's words.
    pub(crate) detail: Option<String>,
}

impl Failure {
    /// A failure of a class that is known by name.
    pub(crate) fn of(name: &str) -> Self {
        let known = CLASSES.iter().find(|class| class.name == name);
        Self {
            class: known.unwrap_or(UNKNOWN),
            detail: None,
        }
    }

    /// The failure that an error text of yt-dlp tells.
    pub(crate) fn from_error(text: &str) -> Self {
        let lower = text.to_lowercase();
        let found = CLASSES
            .iter()
            .find(|class| class.texts.iter().any(|part| lower.contains(part)));
        match found {
            Some(class) => Self {
                class,
                detail: None,
            },
            None => Self {
                class: UNKNOWN,
                detail: first_line(text),
            },
        }
    }

    /// The same failure with more words.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The whole reason in words.
    pub(crate) fn message(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.class.message),
            None => self.class.message.to_owned(),
        }
    }

    /// When to try again after `retries` retries; `None`: not by itself.
    pub(crate) fn retry_after(&self, retries: i32) -> Option<Duration> {
        match self.class.retry {
            Retry::Never => None,
            Retry::Times(most, _) if retries >= most => None,
            Retry::Times(_, first) => {
                let factor = 3_u64.saturating_pow(u32::try_from(retries).unwrap_or(0));
                Some(Duration::from_secs(
                    first.saturating_mul(factor).min(24 * 3600),
                ))
            }
            Retry::Hold(seconds) => Some(Duration::from_secs(seconds)),
        }
    }
}

fn first_line(text: &str) -> Option<String> {
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.chars().take(300).collect())
}

macro_rules! classes {
    ($($name:literal, [$($text:literal),*], $retry:expr, $message:literal;)+) => {
        /// The table; the first row with a matching text wins.
        pub(crate) const CLASSES: &[Class] = &[$(Class {
            name: $name,
            texts: &[$($text),*],
            retry: $retry,
            message: $message,
        },)+];
    };
}

/// Anything that the table does not know.
const UNKNOWN: &Class = &Class {
    name: "unknown",
    texts: &[],
    retry: Retry::Times(2, 10),
    message: "The download failed for a reason that is not known; its log may tell more.",
};

classes! {
    "bot_check", ["not a bot"], Retry::Never,
        "The site wants proof that this is not a bot. The operator can add cookies of a signed-in account.";
    "rate_limited", ["rate-limited by youtube", "http error 429", "this content isn't available, try again later"], Retry::Times(3, 3600),
        "The site asked us to slow down. It is tried again in an hour or more.";
    "age_restricted", ["sign in to confirm your age"], Retry::Never,
        "The video is age-restricted and needs a signed-in account.";
    "private", ["private video"], Retry::Never,
        "The video is private. Ask its owner to share it.";
    "members_only", ["members-only", "available to this channel's members", "join this channel"], Retry::Never,
        "The video is for members of the channel only.";
    "premium", ["music premium", "requires payment"], Retry::Never,
        "The video must be paid for.";
    "geo_blocked", ["available in your country", "in your country"], Retry::Never,
        "The video is not available in this server's country.";
    "copyright", ["copyright grounds"], Retry::Never,
        "The video was blocked on copyright grounds.";
    "removed", ["removed by the uploader", "account associated with this video has been terminated", "video unavailable", "http error 404", "http error 410"], Retry::Never,
        "The video is no longer there. Check the link.";
    "upcoming", ["live event will begin", "premieres in", "will begin in"], Retry::Never,
        "The video has not started yet. Try again when it is over.";
    "drm", ["drm protect"], Retry::Never,
        "The video is copy-protected and cannot be downloaded.";
    "format_missing", ["requested format is not available", "no video formats found"], Retry::Never,
        "The site offers no format that fits the chosen quality. Try the preset `best`.";
    "unsupported", ["unsupported url", "no suitable extractor", "is not a valid url", "unsupported url scheme", "file:// urls are disabled"], Retry::Never,
        "There is no video at this link that can be downloaded. Paste the address of the page that plays the video.";
    "blocked_address", ["tunnel connection failed: 403", "connect tunnel failed, response 403"], Retry::Never,
        "The link leads to an address inside a private network, and those are not downloaded from.";
    "forbidden", ["http error 403"], Retry::Times(3, 10),
        "The site refused to hand out the video.";
    "network", ["tunnel connection failed: 502", "read timed out", "timed out", "connection refused", "failed to resolve", "failed to establish", "connection reset", "more expected", "did not get any data blocks", "remote end closed connection", "remotedisconnected"], Retry::Times(5, 5),
        "The site did not answer, or the connection broke.";
    "proxy", ["unable to connect to proxy"], Retry::Times(5, 5),
        "The connection to the outside was interrupted.";
    "server_error", ["http error 5", "giving up after"], Retry::Times(4, 10),
        "The site is having trouble. Try again later.";
    "disk_full", ["no space left on device"], Retry::Hold(30),
        "The disk is full. Downloads go on by themselves when there is space again.";
    "filesystem", ["read-only file system", "permission denied", "file name too long"], Retry::Never,
        "The file could not be written. The operator must check the library's folder.";
    "ffmpeg_missing", ["ffmpeg not found", "ffmpeg is not installed", "ffprobe and ffmpeg not found"], Retry::Never,
        "ffmpeg is not installed on the server. The operator can install it.";
    "cookies_invalid", ["does not look like a netscape format cookies file"], Retry::Never,
        "The stored cookies of this site are not valid.";
    "extractor_broken", ["please report this issue on", "unable to extract"], Retry::Never,
        "yt-dlp cannot read this site right now. Try again when the operator has updated yt-dlp.";
    "postprocess", ["postprocessing:", "conversion failed"], Retry::Times(1, 5),
        "The downloaded file could not be converted.";
    "interrupted", ["interrupted by user"], Retry::Times(10, 1),
        "The transfer was interrupted.";
    "unknown_host", [], Retry::Times(3, 10),
        "There is no site with this name, or names cannot be looked up right now. Check the link.";
    "stalled", [], Retry::Times(3, 10),
        "Nothing came from the site for a long time.";
    "no_output", [], Retry::Times(1, 5),
        "The site gave nothing that could be saved.";
    "not_media", [], Retry::Times(1, 5),
        "What the site sent is not a video or audio file that can be played.";
    "incomplete", [], Retry::Times(3, 5),
        "The file is shorter than the site announced.";
    "probe_too_large", [], Retry::Never,
        "The list behind this link is too long to be taken in one piece.";
    "too_slow", [], Retry::Times(1, 10),
        "The site took too long to say what is behind the link.";
    "empty_playlist", [], Retry::Never,
        "The playlist has no videos.";
    "tool_missing", [], Retry::Hold(60),
        "yt-dlp is not installed on the server. The operator can install it.";
    "library_unknown", [], Retry::Never,
        "The chosen library does not exist any more. Submit the link again for another one.";
    "library_unreachable", [], Retry::Never,
        "The library's folder cannot be reached from the download server. The operator can set `download.path_map`.";
    "plex_unavailable", [], Retry::Hold(10),
        "The libraries are not known right now. It goes on by itself when they are.";
    "storage_quota", [], Retry::Never,
        "Your storage is used up. Delete downloads that you no longer need.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_yt_dlp_lead_to_their_class() {
        for (text, class) in [
            (
                "[youtube] x: Sign in to confirm you\u{2019}re not a bot. Use --cookies",
                "bot_check",
            ),
            (
                "[youtube] x: Private video. Sign in if you've been granted access",
                "private",
            ),
            (
                "unable to download video data: HTTP Error 403: Forbidden",
                "forbidden",
            ),
            (
                "Unable to download webpage: HTTP Error 503: Service Unavailable",
                "server_error",
            ),
            (
                "[generic] Unable to download webpage: HTTP Error 404: Not Found",
                "removed",
            ),
            ("Unsupported URL: http://127.0.0.1/", "unsupported"),
            (
                "'ytsearch' is not a valid URL. Set --default-search",
                "unsupported",
            ),
            (
                "Unable to download webpage: ('Unable to connect to proxy', OSError('Tunnel connection failed: 403 Forbidden'))",
                "blocked_address",
            ),
            (
                "unable to write data: [Errno 28] No space left on device",
                "disk_full",
            ),
            ("Interrupted by user", "interrupted"),
            ("Something entirely new", "unknown"),
        ] {
            assert_eq!(Failure::from_error(text).class.name, class, "{text}");
        }
    }

    #[test]
    fn names_are_unique_and_texts_are_lower_case() {
        let names: std::collections::HashSet<_> = CLASSES.iter().map(|class| class.name).collect();
        assert_eq!(names.len(), CLASSES.len());
        let texts = CLASSES.iter().flat_map(|class| class.texts);
        assert!(texts.clone().all(|text| *text == text.to_lowercase()));
    }

    #[test]
    fn retries_wait_longer_each_time_and_end() {
        let failure = Failure::of("network");
        let waits: Vec<_> = (0..6)
            .map(|retries| failure.retry_after(retries).map(|wait| wait.as_secs()))
            .collect();
        assert_eq!(
            waits,
            [Some(5), Some(15), Some(45), Some(135), Some(405), None]
        );
        assert_eq!(Failure::of("private").retry_after(0), None);
        assert_eq!(
            Failure::of("disk_full")
                .retry_after(99)
                .map(|wait| wait.as_secs()),
            Some(30)
        );
    }
}
