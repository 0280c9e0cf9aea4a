//! What a Plex Media Server answers. Every field may be missing; `tolerant` says how values are read.

use serde::Deserialize;

use super::{
    Error,
    tolerant::{flag, float, int, list, text},
};

/// The envelope of every JSON answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    /// The one content.
    #[serde(rename = "MediaContainer")]
    pub(crate) container: Container,
}

/// Content and paging of an answer. Attributes that all children share may stand here instead of on them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Container {
    /// Elements of this page.
    #[serde(deserialize_with = "int")]
    pub(crate) size: Option<i64>,
    /// Elements of all pages; only in paged answers.
    #[serde(deserialize_with = "int")]
    pub(crate) total_size: Option<i64>,
    /// The server's identity, in `/` and `/identity`.
    #[serde(deserialize_with = "text")]
    pub(crate) machine_identifier: Option<String>,
    /// The server's version, in `/` and `/identity`.
    #[serde(deserialize_with = "text")]
    pub(crate) version: Option<String>,
    /// The server's name, in `/`.
    #[serde(deserialize_with = "text")]
    pub(crate) friendly_name: Option<String>,
    /// Section of all children.
    #[serde(rename = "librarySectionID", deserialize_with = "text")]
    pub(crate) library_section_id: Option<String>,
    /// Title of the parent of all children.
    #[serde(deserialize_with = "text")]
    pub(crate) parent_title: Option<String>,
    /// Title of the grandparent of all children.
    #[serde(deserialize_with = "text")]
    pub(crate) grandparent_title: Option<String>,
    /// Items.
    #[serde(rename = "Metadata", deserialize_with = "list")]
    pub(crate) metadata: Vec<Metadata>,
    /// Sections, and filter values.
    #[serde(rename = "Directory", deserialize_with = "list")]
    pub(crate) directory: Vec<Directory>,
}

/// A library section.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Directory {
    /// Key in paths.
    #[serde(deserialize_with = "text")]
    pub(crate) key: Option<String>,
    /// `movie`, `show`, `artist`, `photo`.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// Display name.
    #[serde(deserialize_with = "text")]
    pub(crate) title: Option<String>,
    /// Metadata agent.
    #[serde(deserialize_with = "text")]
    pub(crate) agent: Option<String>,
    /// Identity that a key does not have.
    #[serde(deserialize_with = "text")]
    pub(crate) uuid: Option<String>,
    /// A scan runs.
    #[serde(deserialize_with = "flag")]
    pub(crate) refreshing: bool,
    /// Folders.
    #[serde(rename = "Location", deserialize_with = "list")]
    pub(crate) location: Vec<Location>,
}

/// A folder of a section.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Location {
    /// Absolute path on the server.
    #[serde(deserialize_with = "text")]
    pub(crate) path: Option<String>,
}

/// A movie, show, season, episode, artist, album, track or collection.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Metadata {
    /// The server's id of it.
    #[serde(deserialize_with = "text")]
    pub(crate) rating_key: Option<String>,
    /// What it is.
    #[serde(rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// Kind of the members of a collection.
    #[serde(deserialize_with = "text")]
    pub(crate) subtype: Option<String>,
    /// Identity beyond the server.
    #[serde(deserialize_with = "text")]
    pub(crate) guid: Option<String>,
    /// Display name.
    #[serde(deserialize_with = "text")]
    pub(crate) title: Option<String>,
    /// Name to sort by, when it differs.
    #[serde(deserialize_with = "text")]
    pub(crate) title_sort: Option<String>,
    /// Name in the original language.
    #[serde(deserialize_with = "text")]
    pub(crate) original_title: Option<String>,
    /// Plot.
    #[serde(deserialize_with = "text")]
    pub(crate) summary: Option<String>,
    /// One line.
    #[serde(deserialize_with = "text")]
    pub(crate) tagline: Option<String>,
    /// Studio or network.
    #[serde(deserialize_with = "text")]
    pub(crate) studio: Option<String>,
    /// Age rating.
    #[serde(deserialize_with = "text")]
    pub(crate) content_rating: Option<String>,
    /// `YYYY-MM-DD`, rarely with a time.
    #[serde(deserialize_with = "text")]
    pub(crate) originally_available_at: Option<String>,
    /// Year of release.
    #[serde(deserialize_with = "int")]
    pub(crate) year: Option<i64>,
    /// Season, episode, disc or track number.
    #[serde(deserialize_with = "int")]
    pub(crate) index: Option<i64>,
    /// Number of the parent.
    #[serde(deserialize_with = "int")]
    pub(crate) parent_index: Option<i64>,
    /// Milliseconds.
    #[serde(deserialize_with = "int")]
    pub(crate) duration: Option<i64>,
    /// Critics, 0 to 10.
    #[serde(deserialize_with = "float")]
    pub(crate) rating: Option<f64>,
    /// Audience, 0 to 10.
    #[serde(deserialize_with = "float")]
    pub(crate) audience_rating: Option<f64>,
    /// Poster or still.
    #[serde(deserialize_with = "text")]
    pub(crate) thumb: Option<String>,
    /// Background.
    #[serde(deserialize_with = "text")]
    pub(crate) art: Option<String>,
    /// Poster of the parent.
    #[serde(deserialize_with = "text")]
    pub(crate) parent_thumb: Option<String>,
    /// Poster of the grandparent.
    #[serde(deserialize_with = "text")]
    pub(crate) grandparent_thumb: Option<String>,
    /// Poster made of others.
    #[serde(deserialize_with = "text")]
    pub(crate) composite: Option<String>,
    /// Epoch seconds.
    #[serde(deserialize_with = "int")]
    pub(crate) added_at: Option<i64>,
    /// Epoch seconds.
    #[serde(deserialize_with = "int")]
    pub(crate) updated_at: Option<i64>,
    /// Direct children.
    #[serde(deserialize_with = "int")]
    pub(crate) child_count: Option<i64>,
    /// Episodes or tracks.
    #[serde(deserialize_with = "int")]
    pub(crate) leaf_count: Option<i64>,
    /// The season of an episode, the show of a season.
    #[serde(deserialize_with = "text")]
    pub(crate) parent_rating_key: Option<String>,
    /// Its title.
    #[serde(deserialize_with = "text")]
    pub(crate) parent_title: Option<String>,
    /// The show of an episode.
    #[serde(deserialize_with = "text")]
    pub(crate) grandparent_title: Option<String>,
    /// Section.
    #[serde(rename = "librarySectionID", deserialize_with = "text")]
    pub(crate) library_section_id: Option<String>,
    /// A collection by rule.
    #[serde(deserialize_with = "flag")]
    pub(crate) smart: bool,
    /// Genres.
    #[serde(rename = "Genre", deserialize_with = "list")]
    pub(crate) genre: Vec<Tag>,
    /// Directors.
    #[serde(rename = "Director", deserialize_with = "list")]
    pub(crate) director: Vec<Tag>,
    /// Writers.
    #[serde(rename = "Writer", deserialize_with = "list")]
    pub(crate) writer: Vec<Tag>,
    /// Cast.
    #[serde(rename = "Role", deserialize_with = "list")]
    pub(crate) role: Vec<Tag>,
    /// Collections it is in.
    #[serde(rename = "Collection", deserialize_with = "list")]
    pub(crate) collection: Vec<Tag>,
    /// External ids.
    #[serde(rename = "Guid", deserialize_with = "list")]
    pub(crate) guids: Vec<Guid>,
    /// Versions.
    #[serde(rename = "Media", deserialize_with = "list")]
    pub(crate) media: Vec<Media>,
}

/// A genre, a person, a collection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tag {
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub(crate) tag: Option<String>,
    /// The character, for actors.
    #[serde(deserialize_with = "text")]
    pub(crate) role: Option<String>,
}

/// An external id such as `imdb://tt0133093`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Guid {
    /// Scheme and id.
    #[serde(deserialize_with = "text")]
    pub(crate) id: Option<String>,
}

/// One version of an item.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Media {
    /// `4k`, `1080`, `sd`.
    #[serde(deserialize_with = "text")]
    pub(crate) video_resolution: Option<String>,
    /// Such as `h264`.
    #[serde(deserialize_with = "text")]
    pub(crate) video_codec: Option<String>,
    /// Such as `aac`.
    #[serde(deserialize_with = "text")]
    pub(crate) audio_codec: Option<String>,
    /// Such as `mkv`.
    #[serde(deserialize_with = "text")]
    pub(crate) container: Option<String>,
    /// kbit/s
    #[serde(deserialize_with = "int")]
    pub(crate) bitrate: Option<i64>,
    /// Pixels.
    #[serde(deserialize_with = "int")]
    pub(crate) width: Option<i64>,
    /// Pixels.
    #[serde(deserialize_with = "int")]
    pub(crate) height: Option<i64>,
    /// Files.
    #[serde(rename = "Part", deserialize_with = "list")]
    pub(crate) part: Vec<Part>,
}

/// One file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    /// Absolute path on the server. Never shown to members.
    #[serde(deserialize_with = "text")]
    pub(crate) file: Option<String>,
}

/// Decodes a body. What is not UTF-8 is replaced, and control characters that JSON forbids become spaces.
pub(crate) fn decode(body: &[u8]) -> Result<Container, Error> {
    if let Ok(envelope) = serde_json::from_slice::<Envelope>(body) {
        return Ok(envelope.container);
    }
    let repaired: String = String::from_utf8_lossy(body)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    serde_json::from_str::<Envelope>(&repaired)
        .map(|envelope| envelope.container)
        .map_err(Error::NotPlex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_with_broken_utf8_and_control_characters_still_decodes() {
        let body = b"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":1,\"title\":\"Am\xe9lie\x01 2\"}]}}";
        let container = decode(body).expect("decodes");
        assert_eq!(
            container.metadata[0].title.as_deref(),
            Some("Am\u{fffd}lie  2")
        );
    }

    #[test]
    fn something_else_is_not_plex() {
        for body in ["<html></html>", "{}", "[]", ""] {
            assert!(matches!(decode(body.as_bytes()), Err(Error::NotPlex(_))));
        }
    }
}
