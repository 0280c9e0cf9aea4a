//! Movies and shows that nobody stored: every item is computed from the seed and its index when it
//! is asked for, so that 100,000 movies cost nothing.

mod famous;
mod item;
mod movie;
mod show;
mod words;

pub(crate) use item::{
    Ancestor, Item, ItemId, Kind, Media, QUALITIES, collection_key, without_article,
};
pub(crate) use words::GENRES;

use crate::hash;

/// The generated part of a server's libraries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Catalog {
    pub(crate) seed: u64,
    pub(crate) movies: u32,
    pub(crate) shows: u32,
}

/// 2015-01-01; the oldest thing in a library.
const OLDEST: i64 = 1_420_070_400;
/// 2026-09-01; the newest.
const NEWEST: i64 = 1_788_220_800;

impl Catalog {
    pub(crate) fn exists(&self, id: ItemId) -> bool {
        match id {
            ItemId::Movie(index) => index < self.movies,
            ItemId::Show(show) => show < self.shows,
            ItemId::Season(show, season) => show < self.shows && self.has_season(show, season),
            ItemId::Episode(show, season, episode) => {
                show < self.shows
                    && self.has_season(show, season)
                    && (1..=self.episode_count(show, season)).contains(&episode)
            }
            ItemId::Video(_) => false,
        }
    }

    pub(crate) fn item(&self, id: ItemId) -> Option<Item> {
        if !self.exists(id) {
            return None;
        }
        match id {
            ItemId::Movie(index) => Some(self.movie(index)),
            ItemId::Show(show) => Some(self.show(show)),
            ItemId::Season(show, season) => Some(self.season(show, season)),
            ItemId::Episode(show, season, episode) => Some(self.episode(show, season, episode)),
            ItemId::Video(_) => None,
        }
    }

    pub(crate) fn title(&self, id: ItemId) -> String {
        match id {
            ItemId::Movie(index) => self.movie_title(index),
            ItemId::Show(show) => self.show_title(show),
            ItemId::Season(_, season) => season_title(season),
            ItemId::Episode(show, season, episode) => self.episode_title(show, season, episode),
            ItemId::Video(_) => String::new(),
        }
    }

    /// The title in the original language, where it differs.
    pub(crate) fn original_title(id: ItemId) -> Option<&'static str> {
        match id {
            ItemId::Movie(index) => famous::movie(index)?.original,
            ItemId::Show(show) => famous::show(show)?.original,
            _ => None,
        }
    }

    pub(crate) fn year(&self, id: ItemId) -> u32 {
        match id {
            ItemId::Movie(index) => self.movie_year(index),
            ItemId::Show(show) | ItemId::Season(show, _) => self.show_year(show),
            ItemId::Episode(show, season, _) => {
                self.show_year(show) + u32::from(season).saturating_sub(1)
            }
            ItemId::Video(_) => 0,
        }
    }

    pub(crate) fn added_at(&self, id: ItemId) -> i64 {
        match id {
            ItemId::Episode(show, season, episode) => {
                self.added_at(ItemId::Season(show, season)) + i64::from(episode) * 61
            }
            ItemId::Season(show, season) => {
                self.added_at(ItemId::Show(show)) - i64::from(8 - season.min(8)) * 86_400
            }
            _ => {
                let span = u64::try_from(NEWEST - OLDEST).expect("positive");
                let random = hash::mix(self.seed, 11, id.rating_key());
                OLDEST + i64::try_from(random % span).expect("below the span")
            }
        }
    }

    /// Absent for a few, and older than `added_at` for a few, as on real servers.
    pub(crate) fn updated_at(&self, id: ItemId) -> Option<i64> {
        let random = hash::mix(self.seed, 12, id.rating_key());
        if random.is_multiple_of(31) {
            return None;
        }
        let days = i64::from(hash::below(random, 60));
        let redated = matches!(id, ItemId::Show(show) if show % 17 == 3);
        let shift = if redated { -days - 1 } else { days };
        Some(self.added_at(id) + shift * 86_400 + 40)
    }

    pub(crate) fn genres(&self, id: ItemId) -> Vec<&'static str> {
        match id {
            ItemId::Movie(index) => self.movie_genres(index),
            ItemId::Show(show) => self.show_genres(show),
            _ => Vec::new(),
        }
    }

    /// A number for one property of one item.
    fn random(&self, id: ItemId, property: u64) -> u64 {
        hash::mix(self.seed, 100 + property, id.rating_key())
    }

    fn person(&self, number: u64) -> String {
        let first = hash::pick(words::FIRST_NAMES, hash::mix(self.seed, 13, number));
        let last = hash::pick(words::LAST_NAMES, hash::mix(self.seed, 14, number));
        format!("{first} {last}")
    }

    /// Few enough people that everybody made several movies.
    fn people(&self, id: ItemId, property: u64, count: u64) -> Vec<String> {
        (0..count)
            .map(|position| self.person(self.random(id, property + position * 10) % 900))
            .collect()
    }

    fn invented_genres(&self, id: ItemId) -> Vec<&'static str> {
        let first = hash::pick(GENRES, self.random(id, 20));
        let second = hash::pick(GENRES, self.random(id, 21));
        if first == second {
            vec![first]
        } else {
            vec![first, second]
        }
    }

    fn invented_summary(&self, id: ItemId) -> String {
        let person = self.person(self.random(id, 30) % 900);
        let noun = hash::pick(words::NOUNS, self.random(id, 31)).to_lowercase();
        let place = hash::pick(words::PLACES, self.random(id, 32));
        let motive = hash::pick(words::MOTIVES, self.random(id, 33));
        let consequence = hash::pick(words::CONSEQUENCES, self.random(id, 34));
        format!(
            "{person}, known in {place} for the business with the {noun}, {motive}. {consequence}"
        )
    }

    fn invented_cast(&self, id: ItemId) -> Vec<(String, String)> {
        let count = 4 + u64::from(hash::below(self.random(id, 40), 5));
        let actors = self.people(id, 41, count);
        let roles = self.people(id, 42, count);
        let first_name = |role: String| role.split(' ').next().unwrap_or_default().to_owned();
        actors
            .into_iter()
            .zip(roles.into_iter().map(first_name))
            .collect()
    }

    fn release_date(&self, id: ItemId, year: u32) -> String {
        let month = 1 + hash::below(self.random(id, 50), 12);
        let day = 1 + hash::below(self.random(id, 51), 28);
        format!("{year}-{month:02}-{day:02}")
    }

    /// Between 3.0 and 9.4; one in ten is a whole number.
    fn tenths(&self, id: ItemId, property: u64) -> Option<u32> {
        let random = self.random(id, property);
        (random % 9 != 4).then(|| 30 + hash::below(random, 65))
    }

    fn plex_guid(&self, id: ItemId) -> String {
        let digits = hash::hex(self.random(id, 60), 22);
        format!("plex://{}/5d{digits}", id.kind().name())
    }

    fn file(&self, id: ItemId, path: &str, duration_ms: u64) -> Media {
        let quality = hash::pick(&QUALITIES, self.random(id, 70));
        let size = u64::from(quality.bitrate) * duration_ms / 8;
        let container = if quality.resolution == "sd" {
            "avi"
        } else {
            "mkv"
        }
        .to_owned();
        Media {
            file: format!("{path}.{container}"),
            container,
            quality,
            size,
        }
    }
}

fn season_title(season: u8) -> String {
    if season == 0 {
        "Specials".to_owned()
    } else {
        format!("Season {season}")
    }
}

/// `AC/DC: Live?` is no file name.
fn file_name(title: &str) -> String {
    title.replace(['/', ':', '?', '"'], "")
}
