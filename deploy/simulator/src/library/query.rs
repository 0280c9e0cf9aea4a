//! Plex's media query: `sort=addedAt:desc`, `addedAt>>=1700000000`, `title=matrix` and so on.

use std::cmp::Ordering;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Library;
use crate::{
    catalog::{Catalog, GENRES, ItemId},
    clock,
};

/// What a list can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SortKey {
    Title,
    AddedAt,
    UpdatedAt,
    Year,
    Rating,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) key: SortKey,
    pub(crate) descending: bool,
}

impl Order {
    pub(crate) const TITLE: Self = Self {
        key: SortKey::Title,
        descending: false,
    };
    pub(crate) const NEWEST: Self = Self {
        key: SortKey::AddedAt,
        descending: true,
    };

    /// Reads the `sort` parameter; what is unknown is ignored, as the server does.
    pub(crate) fn parse(sort: &str) -> Self {
        sort.split(',')
            .find_map(Self::parse_one)
            .unwrap_or(Self::TITLE)
    }

    fn parse_one(sort: &str) -> Option<Self> {
        let mut parts = sort.split(':');
        let key = match parts.next()? {
            "titleSort" | "title" => SortKey::Title,
            "addedAt" => SortKey::AddedAt,
            "updatedAt" => SortKey::UpdatedAt,
            "year" | "originallyAvailableAt" => SortKey::Year,
            "rating" | "audienceRating" => SortKey::Rating,
            _ => return None,
        };
        Some(Self {
            key,
            descending: parts.any(|part| part == "desc"),
        })
    }
}

/// One condition of a media query.
#[derive(Debug)]
pub(crate) enum Filter {
    AddedAt(Comparison, i64),
    UpdatedAt(Comparison, i64),
    Year(Comparison, i64),
    TitleContains(String),
    TitleIs(String),
    File(String),
    Guid(String),
    Genre(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Above,
    Below,
    AtLeast,
    AtMost,
}

impl Filter {
    /// Reads one query parameter. The operator is part of the key: `addedAt>>=5` arrives as the
    /// key `addedAt>>` with the value `5`, `title==x` as `title` with `=x`.
    pub(crate) fn parse(key: &str, value: &str) -> Option<Self> {
        let (field, comparison) = split_operator(key);
        match field {
            "addedAt" => Some(Self::AddedAt(comparison, time(value)?)),
            "updatedAt" => Some(Self::UpdatedAt(comparison, time(value)?)),
            "year" => Some(Self::Year(comparison, value.parse().ok()?)),
            "title" => Some(match value.strip_prefix('=') {
                Some(exact) => Self::TitleIs(fold(exact)),
                None => Self::TitleContains(fold(value)),
            }),
            "file" => Some(Self::File(value.to_owned())),
            "guid" => Some(Self::Guid(value.to_owned())),
            "genre" => Some(Self::Genre(value.split(',').map(str::to_owned).collect())),
            _ => None,
        }
    }

    pub(crate) fn accepts(&self, library: &Library, id: ItemId) -> bool {
        match self {
            Self::AddedAt(comparison, time) => comparison.holds(library.added_at(id), *time),
            Self::UpdatedAt(comparison, time) => library
                .updated_at(id)
                .is_some_and(|updated| comparison.holds(updated, *time)),
            Self::Year(comparison, year) => comparison.holds(i64::from(library.year(id)), *year),
            Self::TitleContains(part) => title_contains(library, id, part),
            Self::TitleIs(title) => fold(&library.title(id)) == *title,
            Self::File(name) => file_of(library, id).is_some_and(|file| file.contains(name)),
            Self::Guid(guid) => library.item(id).is_some_and(|item| item.guid == *guid),
            Self::Genre(wanted) => {
                let has = |genre: &&str| wanted.iter().any(|id| *id == genre_id(genre).to_string());
                library.catalog.genres(id).iter().any(has)
            }
        }
    }
}

impl Comparison {
    fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Unequal => left != right,
            Self::Above => left > right,
            Self::Below => left < right,
            Self::AtLeast => left.cmp(&right) != Ordering::Less,
            Self::AtMost => left.cmp(&right) != Ordering::Greater,
        }
    }
}

/// Lower case without accents: `Amélie` is found as `amelie`.
pub(crate) fn fold(text: &str) -> String {
    text.nfd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether the title, in the library's or the original language, contains folded text.
pub(crate) fn title_contains(library: &Library, id: ItemId, folded: &str) -> bool {
    let original = Catalog::original_title(id);
    fold(&library.title(id)).contains(folded)
        || original.is_some_and(|title| fold(title).contains(folded))
}

/// The id of a genre tag.
pub(crate) fn genre_id(genre: &str) -> usize {
    100 + GENRES
        .iter()
        .position(|&known| known == genre)
        .unwrap_or_default()
}

fn file_of(library: &Library, id: ItemId) -> Option<String> {
    library.item(id)?.media.map(|media| media.file)
}

fn split_operator(key: &str) -> (&str, Comparison) {
    const OPERATORS: [(&str, Comparison); 5] = [
        (">>", Comparison::Above),
        ("<<", Comparison::Below),
        (">", Comparison::AtLeast),
        ("<", Comparison::AtMost),
        ("!", Comparison::Unequal),
    ];
    let found = OPERATORS
        .iter()
        .find_map(|&(suffix, comparison)| Some((key.strip_suffix(suffix)?, comparison)));
    found.unwrap_or((key, Comparison::Equal))
}

/// Epoch seconds, or relative to now such as `-30d`.
fn time(value: &str) -> Option<i64> {
    let Some(relative) = value.strip_prefix('-') else {
        return value.parse().ok();
    };
    let digits = relative.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &relative[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        "mon" => 2_592_000,
        "y" => 31_536_000,
        _ => return None,
    };
    Some(clock::now() - digits.parse::<i64>().ok()? * unit)
}
