//! What is behind a link: one video, or a playlist with its entries.

use serde::Deserialize;
use serde_json::Value;

use super::message::VideoInfo;

/// Most bytes of a probe's answer: some 80,000 entries.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// The answer of a probe.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// One video.
    Video {
        /// Its description.
        info: Box<VideoInfo>,
        /// Its size, when the site tells.
        size_bytes: Option<i64>,
    },
    /// Several.
    Playlist {
        /// Its title.
        title: Option<String>,
        /// Its entries, in order.
        entries: Vec<Entry>,
    },
}

/// One entry of a playlist.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// What to hand to yt-dlp for it, verbatim.
    pub(crate) url: String,
    /// Its title, when the list tells.
    pub(crate) title: Option<String>,
    /// Its length, when the list tells.
    pub(crate) duration_seconds: Option<f64>,
    /// It is a list itself.
    pub(crate) is_list: bool,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "_type")]
    kind: Option<String>,
    title: Option<String>,
    entries: Option<Vec<RawEntry>>,
}

#[derive(Deserialize)]
struct RawEntry {
    #[serde(rename = "_type")]
    kind: Option<String>,
    url: Option<String>,
    webpage_url: Option<String>,
    title: Option<String>,
    duration: Option<f64>,
    ie_key: Option<String>,
    entries: Option<Vec<Value>>,
}

/// Reads the answer. Entries that were removed or hidden, which sites list as nothing, are left out.
pub(crate) fn parse(json: &[u8], max_entries: u32) -> Result<Found, serde_json::Error> {
    let raw: Raw = serde_json::from_slice(json)?;
    let is_list = matches!(raw.kind.as_deref(), Some("playlist" | "multi_video"));
    if !is_list {
        let info: VideoInfo = serde_json::from_slice(json)?;
        let size_bytes = info.filesize_approx.map(to_bytes);
        return Ok(Found::Video {
            info: Box::new(info),
            size_bytes,
        });
    }
    let mut entries = Vec::new();
    for entry in raw.entries.unwrap_or_default() {
        flatten(entry, &mut entries)?;
    }
    entries.truncate(usize::try_from(max_entries).unwrap_or(usize::MAX));
    Ok(Found::Playlist {
        title: raw.title,
        entries,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "file sizes fit")]
fn to_bytes(size: f64) -> i64 {
    size as i64
}

/// A channel lists its tabs, and each tab its videos.
fn flatten(raw: RawEntry, entries: &mut Vec<Entry>) -> Result<(), serde_json::Error> {
    if let Some(inner) = raw.entries {
        for entry in inner.into_iter().filter(Value::is_object) {
            flatten(serde_json::from_value(entry)?, entries)?;
        }
        return Ok(());
    }
    let is_list = raw.kind.as_deref() == Some("playlist")
        || raw.ie_key.as_deref().is_some_and(|key| {
            ["Tab", "Playlist", "Channel"]
                .iter()
                .any(|end| key.ends_with(end))
        });
    let url = raw.url.or(raw.webpage_url);
    if let Some(url) = url.filter(|url| url.starts_with("http://") || url.starts_with("https://")) {
        entries.push(Entry {
            url,
            title: raw.title,
            duration_seconds: raw.duration,
            is_list,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playlist_gives_its_entries_in_order_and_flattens_tabs() {
        let json = br#"{"_type":"playlist","title":"P","entries":[
            {"_type":"url","url":"https://a/1","title":"One","duration":3},
            {"_type":"playlist","entries":[{"_type":"url","url":"https://a/2","ie_key":"Generic"}, null]},
            {"_type":"url","url":"file:///etc/passwd"},
            {"_type":"url","url":"https://a/tab","ie_key":"YoutubeTab"}]}"#;
        let Ok(Found::Playlist { title, entries }) = parse(json, 100) else {
            panic!("a playlist");
        };
        assert_eq!(title.as_deref(), Some("P"));
        let seen: Vec<_> = entries
            .iter()
            .map(|entry| (entry.url.as_str(), entry.is_list))
            .collect();
        assert_eq!(
            seen,
            [
                ("https://a/1", false),
                ("https://a/2", false),
                ("https://a/tab", true)
            ]
        );
    }

    #[test]
    fn anything_else_is_one_video() {
        let found = parse(
            br#"{"id":"x","title":"T","duration":2.5,"filesize_approx":1000}"#,
            1,
        );
        assert!(matches!(
            found,
            Ok(Found::Video {
                size_bytes: Some(1000),
                ..
            })
        ));
    }
}
