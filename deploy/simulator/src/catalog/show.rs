//! Generated shows, seasons and episodes.

use super::{Ancestor, Catalog, Item, ItemId, famous, file_name, season_title, words};
use crate::hash;

impl Catalog {
    pub(super) fn show_title(&self, show: u32) -> String {
        if let Some(famous) = famous::show(show) {
            return famous.title.to_owned();
        }
        let id = ItemId::Show(show);
        let noun = hash::pick(words::NOUNS, self.random(id, 1));
        let adjective = hash::pick(words::ADJECTIVES, self.random(id, 3));
        let place = hash::pick(words::PLACES, self.random(id, 4));
        let name = hash::pick(words::LAST_NAMES, self.random(id, 5));
        match self.random(id, 6) % 5 {
            0 => format!("{place} {noun}"),
            1 => format!("The {noun}s of {place}"),
            2 => format!("{name} & {noun}"),
            3 => format!("Inspector {name}"),
            _ => format!("The {adjective} {noun}"),
        }
    }

    pub(super) fn show_year(&self, show: u32) -> u32 {
        match famous::show(show) {
            Some(famous) => famous.year,
            None => 1975 + hash::below(self.random(ItemId::Show(show), 8), 48),
        }
    }

    pub(super) fn show_genres(&self, show: u32) -> Vec<&'static str> {
        match famous::show(show) {
            Some(famous) => famous.genres.clone(),
            None => self.invented_genres(ItemId::Show(show)),
        }
    }

    pub(super) fn episode_title(&self, show: u32, season: u8, episode: u8) -> String {
        let id = ItemId::Episode(show, season, episode);
        let noun = hash::pick(words::NOUNS, self.random(id, 1));
        let adjective = hash::pick(words::ADJECTIVES, self.random(id, 3));
        match self.random(id, 6) % 4 {
            0 => format!("The {adjective} {noun}"),
            1 => format!("{adjective} {noun}"),
            2 => noun.to_owned(),
            _ => format!("Episode {episode}"),
        }
    }

    /// Numbers of the seasons of a show; 0 is Specials.
    pub(crate) fn season_numbers(&self, show: u32) -> std::ops::RangeInclusive<u8> {
        let random = self.random(ItemId::Show(show), 15);
        let invented = || u8::try_from(1 + random % 6).expect("at most 6");
        let count = famous::show(show).map_or_else(invented, |famous| famous.seasons);
        u8::from(show % 5 != 2)..=count
    }

    pub(super) fn has_season(&self, show: u32, season: u8) -> bool {
        self.season_numbers(show).contains(&season)
    }

    pub(crate) fn episode_count(&self, show: u32, season: u8) -> u8 {
        if season == 0 {
            return 2;
        }
        u8::try_from(6 + self.random(ItemId::Season(show, season), 16) % 8).expect("at most 13")
    }

    /// All episodes of a show in order.
    pub(crate) fn leaves(&self, show: u32) -> impl Iterator<Item = ItemId> {
        let catalog = *self;
        self.season_numbers(show)
            .flat_map(move |season| catalog.episodes(show, season))
    }

    /// The episodes of a season in order.
    pub(crate) fn episodes(&self, show: u32, season: u8) -> impl Iterator<Item = ItemId> + use<> {
        (1..=self.episode_count(show, season))
            .map(move |episode| ItemId::Episode(show, season, episode))
    }

    pub(super) fn show(&self, show: u32) -> Item {
        let id = ItemId::Show(show);
        let year = self.show_year(show);
        let famous = famous::show(show);
        let named = |cast: &[(&str, &str)]| {
            cast.iter()
                .map(|&(name, role)| (name.to_owned(), role.to_owned()))
                .collect()
        };
        Item {
            original_title: famous.and_then(|famous| famous.original).map(str::to_owned),
            summary: self.invented_summary(id),
            studio: Some(hash::pick(words::STUDIOS, self.random(id, 10))),
            content_rating: Some(hash::pick(words::SHOW_RATINGS, self.random(id, 11))),
            year: Some(year),
            released: Some(self.release_date(id, year)),
            duration_ms: self.episode_length(show),
            audience_rating: self.tenths(id, 81),
            external: Self::show_guids(show),
            genres: self.show_genres(show),
            countries: vec![hash::pick(words::COUNTRIES, self.random(id, 13))],
            cast: famous.map_or_else(|| self.invented_cast(id), |famous| named(&famous.cast)),
            updated_at: self.updated_at(id),
            index: Some(1),
            leaf_count: u32::try_from(self.leaves(show).count()).expect("a few hundred"),
            child_count: u32::try_from(self.season_numbers(show).count()).expect("a few"),
            location: Some(self.show_folder(show)),
            ..Item::bare(
                id,
                self.show_title(show),
                self.plex_guid(id),
                self.added_at(id),
            )
        }
    }

    pub(super) fn season(&self, show: u32, season: u8) -> Item {
        let id = ItemId::Season(show, season);
        Item {
            updated_at: self.updated_at(id),
            year: Some(self.show_year(show)),
            studio: Some(hash::pick(
                words::STUDIOS,
                self.random(ItemId::Show(show), 10),
            )),
            index: Some(u32::from(season)),
            parent: Some(self.ancestor(ItemId::Show(show), 1)),
            leaf_count: u32::from(self.episode_count(show, season)),
            ..Item::bare(
                id,
                season_title(season),
                self.plex_guid(id),
                self.added_at(id),
            )
        }
    }

    pub(super) fn episode(&self, show: u32, season: u8, episode: u8) -> Item {
        let id = ItemId::Episode(show, season, episode);
        let year = self.year(id);
        let title = self.episode_title(show, season, episode);
        let name = file_name(&self.show_title(show));
        let folder = format!("{}/Season {season:02}", self.show_folder(show));
        let path = format!("{folder}/{name} - S{season:02}E{episode:02} - {title}");
        let duration_ms = self.episode_length(show) + u64::from(episode) * 3_040;
        Item {
            summary: self.invented_summary(id),
            content_rating: Some(hash::pick(
                words::SHOW_RATINGS,
                self.random(ItemId::Show(show), 11),
            )),
            year: Some(year),
            released: Some(self.release_date(id, year)),
            duration_ms,
            audience_rating: self.tenths(id, 81),
            external: vec![format!(
                "tmdb://{}",
                7_000_000 + id.rating_key() % 1_000_000
            )],
            directors: self.people(id, 82, 1),
            writers: self.people(id, 83, 2),
            updated_at: self.updated_at(id),
            index: Some(u32::from(episode)),
            parent: Some(self.ancestor(ItemId::Season(show, season), u32::from(season))),
            grandparent: Some(self.ancestor(ItemId::Show(show), 1)),
            media: Some(self.file(id, &path, duration_ms)),
            ..Item::bare(id, title, self.plex_guid(id), self.added_at(id))
        }
    }

    fn ancestor(&self, id: ItemId, index: u32) -> Ancestor {
        Ancestor {
            id,
            guid: self.plex_guid(id),
            title: self.title(id),
            index,
            picture: self.updated_at(id).unwrap_or_else(|| self.added_at(id)),
        }
    }

    fn show_guids(show: u32) -> Vec<String> {
        let (imdb, tmdb, tvdb) = famous::show(show).map_or_else(
            || (format!("tt8{show:07}"), 6_000_000 + show, 900_000 + show),
            |famous| (famous.imdb.to_owned(), famous.tmdb, famous.tvdb),
        );
        vec![
            format!("imdb://{imdb}"),
            format!("tmdb://{tmdb}"),
            format!("tvdb://{tvdb}"),
        ]
    }

    fn show_folder(&self, show: u32) -> String {
        format!(
            "/data/TV Shows/{} ({})",
            file_name(&self.show_title(show)),
            self.show_year(show)
        )
    }

    fn episode_length(&self, show: u32) -> u64 {
        [1_320_000, 1_620_000, 2_700_000, 3_420_000]
            [hash::below(self.random(ItemId::Show(show), 17), 4) as usize]
    }
}
