//! A few real titles that come first, so that a demonstration and searches feel familiar. Only
//! public facts (names, years, identifiers) in `famous.json`; the rest is invented like everything
//! else.

use std::sync::LazyLock;

use serde::Deserialize;

/// A well-known movie.
#[derive(Deserialize)]
pub(super) struct FamousMovie {
    pub(super) title: &'static str,
    pub(super) original: Option<&'static str>,
    pub(super) year: u32,
    pub(super) minutes: u32,
    pub(super) genres: Vec<&'static str>,
    pub(super) directors: Vec<&'static str>,
    pub(super) cast: Vec<(&'static str, &'static str)>,
    pub(super) country: &'static str,
    pub(super) imdb: &'static str,
    pub(super) tmdb: u32,
}

/// A well-known show.
#[derive(Deserialize)]
pub(super) struct FamousShow {
    pub(super) title: &'static str,
    pub(super) original: Option<&'static str>,
    pub(super) year: u32,
    pub(super) seasons: u8,
    pub(super) genres: Vec<&'static str>,
    pub(super) cast: Vec<(&'static str, &'static str)>,
    pub(super) imdb: &'static str,
    pub(super) tmdb: u32,
    pub(super) tvdb: u32,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct Famous {
    movies: Vec<FamousMovie>,
    shows: Vec<FamousShow>,
}

static FAMOUS: LazyLock<Famous> = LazyLock::new(|| {
    serde_json::from_str(include_str!("famous.json")).expect("our own well-formed file")
});

pub(super) fn movie(index: u32) -> Option<&'static FamousMovie> {
    FAMOUS.movies.get(index as usize)
}

pub(super) fn show(index: u32) -> Option<&'static FamousShow> {
    FAMOUS.shows.get(index as usize)
}
