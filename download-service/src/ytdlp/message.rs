//! What yt-dlp prints while it transfers: JSON lines of our templates, warnings and errors.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One line of our templates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub(crate) enum Message {
    /// What the video is, before its transfer.
    Video {
        /// Its description.
        v: Box<VideoInfo>,
    },
    /// How far the transfer of one format is.
    Progress {
        /// The format.
        #[serde(default)]
        fmt: Option<String>,
        /// The video; absent for subtitles and thumbnails.
        #[serde(default)]
        id: Option<String>,
        /// Counters.
        p: Counters,
    },
    /// A step of ffmpeg.
    Post {},
    /// The file is complete and in its final place.
    File {
        /// Where.
        path: Option<String>,
        /// What is in it.
        v: FileInfo,
    },
}

/// Description of a video. A site can leave anything out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VideoInfo {
    #[serde(deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) title: Option<String>,
    pub(crate) duration: Option<f64>,
    pub(crate) extractor_key: Option<String>,
    pub(crate) webpage_url: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) uploader: Option<String>,
    /// `YYYYMMDD`
    pub(crate) upload_date: Option<String>,
    pub(crate) filesize_approx: Option<f64>,
    /// `137+140` when two are merged.
    pub(crate) format_id: Option<String>,
    pub(crate) description: Option<String>,
}

/// Counters of a progress line.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Counters {
    pub(crate) status: Option<String>,
    pub(crate) downloaded_bytes: Option<f64>,
    pub(crate) total_bytes: Option<f64>,
    pub(crate) total_bytes_estimate: Option<f64>,
    pub(crate) speed: Option<f64>,
    pub(crate) eta: Option<f64>,
    pub(crate) fragment_index: Option<f64>,
    pub(crate) fragment_count: Option<f64>,
}

/// Description of the finished file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct FileInfo {
    pub(crate) vcodec: Option<String>,
    pub(crate) acodec: Option<String>,
    pub(crate) duration: Option<f64>,
}

/// Ids and titles are texts, but some extractors give numbers.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Reads a line of either stream; `None` for anything that is not one of ours.
pub(crate) fn parse(line: &str) -> Option<Message> {
    if !line.starts_with('{') {
        return None;
    }
    serde_json::from_str(line).ok()
}

/// Collects the lines of people's interest: warnings and errors, each with the lines that continue it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    lines: Vec<String>,
    error: Option<String>,
    /// The last line began an error, so an unmarked line continues it.
    continues_error: bool,
}

impl Log {
    const MAX_LINES: usize = 200;
    const MAX_LINE_CHARS: usize = 1000;

    /// Adds a line of stderr, or a note of ours.
    pub(crate) fn add(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let short: String = line.chars().take(Self::MAX_LINE_CHARS).collect();
        if let Some(text) = short.strip_prefix("ERROR:") {
            self.error = Some(text.trim().to_owned());
            self.continues_error = true;
        } else if short.starts_with("WARNING:") {
            self.continues_error = false;
        } else if let (true, Some(error)) = (self.continues_error, &mut self.error) {
            error.push('\n');
            error.push_str(&short);
        }
        if self.lines.len() < Self::MAX_LINES {
            self.lines.push(short);
        }
    }

    /// The last error text, without its marker.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Everything as one text.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_our_templates_are_read_and_others_are_not() {
        let line = r#"{"ev":"progress","id":"a","fmt":"0","p":{"status":"downloading","downloaded_bytes":1024,"speed":null}}"#;
        assert!(
            matches!(parse(line), Some(Message::Progress { p, .. }) if p.downloaded_bytes == Some(1024.0))
        );
        let line = r#"{"ev":"video","v":{"id":42,"title":"A \u00e9","duration":3.5}}"#;
        assert!(matches!(parse(line), Some(Message::Video { v }) if v.id.as_deref() == Some("42")));
        assert!(matches!(
            parse(r#"{"ev":"post","id":null,"p":{"status":"started"}}"#),
            Some(Message::Post {})
        ));
        assert!(matches!(
            parse(r#"{"ev":"file","id":"a","path":"/x/a.mp4","v":{"ext":"mp4"}}"#),
            Some(Message::File { .. })
        ));
        assert_eq!(parse("[download] 5 %"), None);
        assert_eq!(parse(r#"{"ev":"progress","p":NA}"#), None);
    }

    #[test]
    fn an_error_of_several_lines_stays_together() {
        let mut log = Log::default();
        for line in [
            "WARNING: slow",
            "ERROR: not available in your country",
            "You might want to use a VPN",
            "WARNING: x",
            "stray",
        ] {
            log.add(line);
        }
        assert_eq!(
            log.error(),
            Some("not available in your country\nYou might want to use a VPN")
        );
    }
}
