//! What one item is, before it is written as JSON.

/// Which item; its rating key is a pure function of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ItemId {
    Movie(u32),
    Show(u32),
    Season(u32, u8),
    Episode(u32, u8, u8),
    Video(u32),
}

/// The item types that occur, with Plex's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Movie,
    Show,
    Season,
    Episode,
}

const FIRST_VIDEO: u64 = 501;
const FIRST_COLLECTION: u64 = 900_001;
const FIRST_MOVIE: u64 = 1_000_001;
const FIRST_SHOW: u64 = 100_000_000;
const SHOW_STRIDE: u64 = 1_000;
const SEASON_STRIDE: u64 = 50;

impl ItemId {
    pub(crate) fn rating_key(self) -> u64 {
        let show_key = |show: u32| FIRST_SHOW + u64::from(show) * SHOW_STRIDE;
        let season_key =
            |show: u32, season: u8| show_key(show) + (u64::from(season) + 1) * SEASON_STRIDE;
        match self {
            Self::Video(index) => FIRST_VIDEO + u64::from(index),
            Self::Movie(index) => FIRST_MOVIE + u64::from(index),
            Self::Show(show) => show_key(show),
            Self::Season(show, season) => season_key(show, season),
            Self::Episode(show, season, episode) => season_key(show, season) + u64::from(episode),
        }
    }

    /// The item a key would denote, whether or not it exists.
    pub(crate) fn from_rating_key(key: u64) -> Option<Self> {
        let offset = |from: u64| u32::try_from(key - from).ok();
        match key {
            FIRST_SHOW.. => Self::below_show(key - FIRST_SHOW),
            FIRST_MOVIE.. => offset(FIRST_MOVIE).map(Self::Movie),
            FIRST_COLLECTION.. => None,
            FIRST_VIDEO.. => offset(FIRST_VIDEO).map(Self::Video),
            _ => None,
        }
    }

    fn below_show(offset: u64) -> Option<Self> {
        let show = u32::try_from(offset / SHOW_STRIDE).ok()?;
        let season = u8::try_from(offset % SHOW_STRIDE / SEASON_STRIDE).ok()?;
        let episode = u8::try_from(offset % SEASON_STRIDE).ok()?;
        Some(match (season, episode) {
            (0, 0) => Self::Show(show),
            (0, _) => return None,
            (_, 0) => Self::Season(show, season - 1),
            (_, _) => Self::Episode(show, season - 1, episode),
        })
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Movie(_) | Self::Video(_) => Kind::Movie,
            Self::Show(_) => Kind::Show,
            Self::Season(..) => Kind::Season,
            Self::Episode(..) => Kind::Episode,
        }
    }
}

/// Rating key of the n-th collection.
pub(crate) fn collection_key(index: u64) -> u64 {
    FIRST_COLLECTION + index
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Show => "show",
            Self::Season => "season",
            Self::Episode => "episode",
        }
    }

    pub(crate) fn from_number(number: &str) -> Option<Self> {
        match number {
            "1" | "movie" => Some(Self::Movie),
            "2" | "show" => Some(Self::Show),
            "3" | "season" => Some(Self::Season),
            "4" | "episode" => Some(Self::Episode),
            _ => None,
        }
    }

    /// Whether items of this kind have children.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Self::Show | Self::Season)
    }
}

/// A link to a show or season from below.
#[derive(Debug, Clone)]
pub(crate) struct Ancestor {
    pub(crate) id: ItemId,
    pub(crate) guid: String,
    pub(crate) title: String,
    pub(crate) index: u32,
    pub(crate) picture: i64,
}

/// The file behind a movie or episode.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) quality: Quality,
    pub(crate) container: String,
    pub(crate) file: String,
    pub(crate) size: u64,
}

/// Technical data that go together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    pub(crate) resolution: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) video_codec: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) audio_codec: &'static str,
    pub(crate) channels: u32,
    pub(crate) bitrate: u32,
}

#[rustfmt::skip]
pub(crate) const QUALITIES: [Quality; 4] = [
    Quality { resolution: "1080", width: 1920, height: 1080, video_codec: "h264", profile: "high", audio_codec: "ac3", channels: 6, bitrate: 9200 },
    Quality { resolution: "4k", width: 3840, height: 2160, video_codec: "hevc", profile: "main 10", audio_codec: "eac3", channels: 6, bitrate: 21_500 },
    Quality { resolution: "720", width: 1280, height: 720, video_codec: "h264", profile: "main", audio_codec: "aac", channels: 2, bitrate: 3600 },
    Quality { resolution: "sd", width: 640, height: 368, video_codec: "mpeg4", profile: "advanced simple", audio_codec: "mp3", channels: 2, bitrate: 1500 },
];

/// One item with all its fields. Ratings are tenths: 70 is written as the integer `7`.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: ItemId,
    pub(crate) title: String,
    pub(crate) original_title: Option<String>,
    pub(crate) summary: String,
    pub(crate) tagline: Option<&'static str>,
    pub(crate) studio: Option<&'static str>,
    pub(crate) content_rating: Option<&'static str>,
    pub(crate) year: Option<u32>,
    pub(crate) released: Option<String>,
    pub(crate) duration_ms: u64,
    pub(crate) rating: Option<u32>,
    pub(crate) audience_rating: Option<u32>,
    pub(crate) guid: String,
    pub(crate) external: Vec<String>,
    pub(crate) genres: Vec<&'static str>,
    pub(crate) directors: Vec<String>,
    pub(crate) writers: Vec<String>,
    pub(crate) countries: Vec<&'static str>,
    pub(crate) cast: Vec<(String, String)>,
    pub(crate) has_thumb: bool,
    pub(crate) has_art: bool,
    pub(crate) added_at: i64,
    pub(crate) updated_at: Option<i64>,
    pub(crate) index: Option<u32>,
    pub(crate) parent: Option<Ancestor>,
    pub(crate) grandparent: Option<Ancestor>,
    pub(crate) leaf_count: u32,
    pub(crate) child_count: u32,
    pub(crate) media: Option<Media>,
    pub(crate) location: Option<String>,
}

impl Item {
    /// An item that has only what every item has.
    pub(crate) fn bare(id: ItemId, title: String, guid: String, added_at: i64) -> Self {
        Self {
            id,
            title,
            original_title: None,
            summary: String::new(),
            tagline: None,
            studio: None,
            content_rating: None,
            year: None,
            released: None,
            duration_ms: 0,
            rating: None,
            audience_rating: None,
            guid,
            external: Vec::new(),
            genres: Vec::new(),
            directors: Vec::new(),
            writers: Vec::new(),
            countries: Vec::new(),
            cast: Vec::new(),
            has_thumb: true,
            has_art: true,
            added_at,
            updated_at: None,
            index: None,
            parent: None,
            grandparent: None,
            leaf_count: 0,
            child_count: 0,
            media: None,
            location: None,
        }
    }

    /// The number at the end of picture paths; it changes with the picture.
    pub(crate) fn picture(&self) -> i64 {
        self.updated_at.unwrap_or(self.added_at)
    }

    /// The title without a leading article, when that differs (Plex omits `titleSort` otherwise).
    pub(crate) fn title_sort(&self) -> Option<&str> {
        let sort = without_article(&self.title);
        (sort.len() != self.title.len()).then_some(sort)
    }
}

/// `The Matrix` is sorted as `Matrix`.
pub(crate) fn without_article(title: &str) -> &str {
    ["The ", "A ", "An "]
        .iter()
        .find_map(|article| title.strip_prefix(article))
        .unwrap_or(title)
}
