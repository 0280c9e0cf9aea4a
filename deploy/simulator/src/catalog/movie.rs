//! Generated movies.

use super::{Catalog, Item, ItemId, famous, file_name, words};
use crate::hash;

impl Catalog {
    pub(super) fn movie_title(&self, index: u32) -> String {
        if let Some(famous) = famous::movie(index) {
            return famous.title.to_owned();
        }
        let id = ItemId::Movie(index);
        let noun = hash::pick(words::NOUNS, self.random(id, 1));
        let other = hash::pick(words::NOUNS, self.random(id, 2));
        let adjective = hash::pick(words::ADJECTIVES, self.random(id, 3));
        let place = hash::pick(words::PLACES, self.random(id, 4));
        let name = hash::pick(words::FIRST_NAMES, self.random(id, 5));
        match self.random(id, 6) % 12 {
            0..=2 => format!("The {adjective} {noun}"),
            3 | 4 => format!("{adjective} {noun}"),
            5 => format!("The {noun} of {place}"),
            6 => format!("{} {noun} in {place}", article(noun)),
            7 => format!("{name} and the {adjective} {noun}"),
            8 => format!("The {noun}'s {other}"),
            9 => format!("{noun}: {adjective} {other}"),
            10 => format!("Goodbye, {place}"),
            _ => format!(
                "{adjective} {noun} {}",
                2 + hash::below(self.random(id, 7), 3)
            ),
        }
    }

    pub(super) fn movie_year(&self, index: u32) -> u32 {
        match famous::movie(index) {
            Some(famous) => famous.year,
            None => 1931 + hash::below(self.random(ItemId::Movie(index), 8), 95),
        }
    }

    pub(super) fn movie_genres(&self, index: u32) -> Vec<&'static str> {
        match famous::movie(index) {
            Some(famous) => famous.genres.clone(),
            None => self.invented_genres(ItemId::Movie(index)),
        }
    }

    pub(super) fn movie(&self, index: u32) -> Item {
        let mut movie = self.invented_movie(index);
        if let Some(famous) = famous::movie(index) {
            make_famous(&mut movie, famous);
        }
        let folder = format!(
            "{} ({})",
            file_name(&movie.title),
            movie.year.unwrap_or_default()
        );
        let path = format!("/data/Movies/{folder}/{folder}");
        movie.media = Some(self.file(movie.id, &path, movie.duration_ms));
        self.set_movie_guids(&mut movie, index);
        movie
    }

    fn invented_movie(&self, index: u32) -> Item {
        let id = ItemId::Movie(index);
        let year = self.movie_year(index);
        let directors = 1 + u64::from(hash::below(self.random(id, 14), 8) / 7);
        Item {
            summary: if index % 43 == 42 {
                String::new()
            } else {
                self.invented_summary(id)
            },
            tagline: (!index.is_multiple_of(3))
                .then(|| hash::pick(words::TAGLINES, self.random(id, 9))),
            studio: Some(hash::pick(words::STUDIOS, self.random(id, 10))),
            content_rating: (index % 13 != 12)
                .then(|| hash::pick(words::MOVIE_RATINGS, self.random(id, 11))),
            year: Some(year),
            released: Some(self.release_date(id, year)),
            duration_ms: u64::from(4_500_000 + hash::below(self.random(id, 12), 4_800_000)),
            rating: self.tenths(id, 80),
            audience_rating: self.tenths(id, 81),
            genres: self.movie_genres(index),
            directors: self.people(id, 82, directors),
            writers: self.people(id, 83, 1 + u64::from(index) % 3),
            countries: vec![hash::pick(words::COUNTRIES, self.random(id, 13))],
            cast: self.invented_cast(id),
            has_thumb: index % 49 != 48,
            has_art: index % 27 != 26,
            updated_at: self.updated_at(id),
            ..Item::bare(
                id,
                self.movie_title(index),
                self.plex_guid(id),
                self.added_at(id),
            )
        }
    }

    /// Most are matched by the modern agent, some by a legacy one, a few by none at all.
    fn set_movie_guids(&self, movie: &mut Item, index: u32) {
        let famous = famous::movie(index);
        let imdb = famous.map_or_else(
            || {
                format!(
                    "tt9{:07}",
                    hash::below(self.random(movie.id, 61), 10_000_000)
                )
            },
            |famous| famous.imdb.to_owned(),
        );
        let tmdb = famous.map_or(5_000_000 + index, |famous| famous.tmdb);
        match index % 40 {
            38 => movie.guid = format!("com.plexapp.agents.imdb://{imdb}?lang=en"),
            39 => movie.guid = format!("local://{}", movie.id.rating_key()),
            _ => movie.external = vec![format!("imdb://{imdb}"), format!("tmdb://{tmdb}")],
        }
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['A', 'E', 'I', 'O', 'U']) {
        "An"
    } else {
        "A"
    }
}

fn make_famous(movie: &mut Item, famous: &famous::FamousMovie) {
    movie.original_title = famous.original.map(str::to_owned);
    movie.duration_ms = u64::from(famous.minutes) * 60_000 + 7_040;
    movie.directors = famous
        .directors
        .iter()
        .map(|&name| name.to_owned())
        .collect();
    movie.writers.clone_from(&movie.directors);
    movie.countries = vec![famous.country];
    movie.cast = famous
        .cast
        .iter()
        .map(|&(name, role)| (name.to_owned(), role.to_owned()))
        .collect();
    movie.rating = movie.rating.map(|tenths| 80 + tenths % 10);
    movie.audience_rating = movie.audience_rating.map(|tenths| 80 + tenths % 10);
    movie.studio = None;
    movie.tagline = None;
    movie.summary = format!(
        "{} ({}), directed by {}.",
        famous.title,
        famous.year,
        famous.directors.join(" and ")
    );
}
