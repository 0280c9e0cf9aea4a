//! The NFO sidecar: title, plot and date for Plex and for other media centers.

use crate::ytdlp::message::VideoInfo;

/// What is known about a finished video.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Details {
    /// As yt-dlp describes it.
    pub(crate) info: VideoInfo,
    /// Title for people.
    pub(crate) title: String,
    /// Where it came from, when the site does not say it better.
    pub(crate) url: String,
    /// The collection it belongs to.
    pub(crate) collection: Option<String>,
}

impl Details {
    /// The year of publication.
    pub(crate) fn year(&self) -> Option<&str> {
        self.date().map(|date| &date[..4])
    }

    /// `YYYYMMDD`, when it is one.
    fn date(&self) -> Option<&str> {
        let date = self.info.upload_date.as_deref()?;
        (date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit())).then_some(date)
    }

    /// The whole document.
    pub(super) fn nfo(&self) -> String {
        let info = &self.info;
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<movie>\n",
        );
        let mut add = |name: &str, value: &str| {
            text.extend(["  <", name, ">", &escape(value), "</", name, ">\n"]);
        };
        add("title", &self.title);
        if let Some(plot) = &info.description {
            add("plot", plot);
        }
        if let Some(date) = self.date() {
            add("year", &date[..4]);
            add(
                "premiered",
                &format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]),
            );
        }
        if let Some(studio) = info.channel.as_ref().or(info.uploader.as_ref()) {
            add("studio", studio);
        }
        if let Some(collection) = &self.collection {
            add("set", collection);
        }
        add("source", info.webpage_url.as_deref().unwrap_or(&self.url));
        if let (Some(id), Some(key)) = (&info.id, &info.extractor_key) {
            let id = format!(
                "  <uniqueid type=\"{}\" default=\"true\">{}</uniqueid>\n",
                escape(key),
                escape(id)
            );
            text.push_str(&id);
        }
        text.push_str("</movie>\n");
        text
    }
}

/// XML text and attribute values; characters that XML 1.0 cannot hold are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_break_out_of_the_document() {
        let details = Details {
            info: VideoInfo {
                id: Some("a".into()),
                extractor_key: Some("Generic".into()),
                upload_date: Some("20240229".into()),
                ..VideoInfo::default()
            },
            title: "</title><evil a=\"&\u{1}".into(),
            url: "https://example.org/?a=1&b=2".into(),
            collection: None,
        };
        let nfo = details.nfo();
        assert!(
            nfo.contains("<title>&lt;/title&gt;&lt;evil a=&quot;&amp;</title>"),
            "{nfo}"
        );
        assert!(nfo.contains("<premiered>2024-02-29</premiered>"), "{nfo}");
        assert_eq!(details.year(), Some("2024"));
    }
}
