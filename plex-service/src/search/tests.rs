//! Searching: typing errors, other scripts, people and years, and what is not found.

use shared_db::Id;
use shared_types::ids::ItemId;
use uuid::Uuid;

use super::segment::{Builder, Entry, Segment};
use super::text::{fold, words};

const TITLES: [(&str, i32, &str); 8] = [
    ("The Matrix", 1999, "Lana Wachowski"),
    ("The Matrix Reloaded", 2003, "Lana Wachowski"),
    ("Amélie", 2001, "Jean-Pierre Jeunet"),
    ("2001: A Space Odyssey", 1968, "Stanley Kubrick"),
    ("The Shining", 1980, "Stanley Kubrick"),
    ("Мастер и Маргарита", 2005, ""),
    ("千と千尋の神隠し", 2001, "宮崎 駿"),
    ("Alien", 1979, "Ridley Scott"),
];

fn segment() -> Segment {
    let mut builder = Builder::default();
    for (number, (title, year, person)) in TITLES.into_iter().enumerate() {
        builder.add(&Entry {
            id: id(number),
            kind: "movie".to_owned(),
            title: title.to_owned(),
            original_title: None,
            year,
            people: vec![person.to_owned()],
        });
    }
    builder.build()
}

fn id(number: usize) -> ItemId {
    Id(Uuid::from_u128(number as u128 + 1)).into()
}

fn found(query: &str) -> Vec<(&'static str, &'static str)> {
    let mut hits = segment().search(&words(&fold(query)));
    hits.sort_by(|left, right| right.score.total_cmp(&left.score));
    hits.iter()
        .map(|hit| {
            let number = hit.id.as_uuid().as_u128() - 1;
            let title = TITLES[usize::try_from(number).expect("small")].0;
            (title, hit.matched.as_str())
        })
        .collect()
}

#[test]
fn a_typing_error_still_finds_the_film() {
    assert_eq!(found("matrx").first(), Some(&("The Matrix", "title")));
    assert_eq!(found("the martix").first(), Some(&("The Matrix", "title")));
    assert_eq!(found("matrxi reloadd"), [("The Matrix Reloaded", "title")]);
}

#[test]
fn beginnings_accents_and_other_scripts_are_found() {
    assert_eq!(found("mat").first(), Some(&("The Matrix", "title")));
    assert_eq!(found("amelie"), [("Amélie", "title")]);
    assert_eq!(found("маргар"), [("Мастер и Маргарита", "title")]);
    assert_eq!(found("千尋"), [("千と千尋の神隠し", "title")]);
}

#[test]
fn people_and_years_narrow_down() {
    assert_eq!(found("kubrick 1968"), [("2001: A Space Odyssey", "person")]);
    assert_eq!(found("matrix 2003"), [("The Matrix Reloaded", "title")]);
    assert_eq!(
        found("2001").first(),
        Some(&("2001: A Space Odyssey", "title"))
    );
}

#[test]
fn nonsense_finds_nothing() {
    assert!(found("zzzzqqqq").is_empty());
    assert!(found("matrix kubrick").is_empty());
    assert!(found("!?").is_empty());
}
