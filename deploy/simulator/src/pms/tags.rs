//! Genres, people, external ids of an item.

use serde_json::{Map, Value, json};

use super::row::{View, put};
use crate::{catalog::Item, hash, library::genre_id};

/// Lists carry two or three tags of each kind by name, the detail all of them with ids.
pub(super) fn add(row: &mut Map<String, Value>, item: &Item, view: &View) {
    let limit = |few: usize| if view.detail { usize::MAX } else { few };
    let named = |filter: &str, names: &mut dyn Iterator<Item = &str>, few: usize| {
        names
            .take(limit(few))
            .map(|name| tag(filter, name, view.detail))
            .collect::<Vec<_>>()
    };
    let lists = [
        ("Genre", named("genre", &mut item.genres.iter().copied(), 2)),
        (
            "Country",
            named("country", &mut item.countries.iter().copied(), 1),
        ),
        (
            "Director",
            named(
                "director",
                &mut item.directors.iter().map(String::as_str),
                2,
            ),
        ),
        (
            "Writer",
            named("writer", &mut item.writers.iter().map(String::as_str), 2),
        ),
        (
            "Role",
            named(
                "actor",
                &mut item.cast.iter().map(|(name, _)| name.as_str()),
                3,
            ),
        ),
    ];
    for (key, mut list) in lists {
        if key == "Role" && view.detail {
            for (tag, (_, role)) in list.iter_mut().zip(&item.cast) {
                tag["role"] = json!(role);
            }
        }
        if !list.is_empty() {
            put(row, key, list);
        }
    }
    if view.guids && !item.external.is_empty() {
        put(
            row,
            "Guid",
            item.external
                .iter()
                .map(|id| json!({"id": id}))
                .collect::<Vec<_>>(),
        );
    }
    if let (true, Some(location)) = (view.detail, &item.location) {
        put(row, "Location", json!([{"path": location}]));
    }
}

fn tag(filter: &str, name: &str, detail: bool) -> Value {
    if !detail {
        return json!({"tag": name});
    }
    let id = if filter == "genre" {
        genre_id(name) as u64
    } else {
        1_000 + hash::text(2, &format!("{filter} {name}")) % 900_000
    };
    json!({"id": id, "filter": format!("{filter}={id}"), "tag": name})
}
