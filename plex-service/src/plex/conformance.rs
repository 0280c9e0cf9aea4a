//! The recorded answers of real servers decode. The folder is named by `MEDIANEST_FIXTURES`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::wire::{Container, decode};

#[expect(
    clippy::disallowed_methods,
    reason = "names the folder of recorded bodies, which is not part of the repository"
)]
fn fixtures() -> Option<PathBuf> {
    let folder = std::env::var("MEDIANEST_FIXTURES").ok();
    if folder.is_none() {
        println!("skipped: MEDIANEST_FIXTURES is not set");
    }
    folder.map(|folder| Path::new(&folder).join("plex"))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn assert_same_items(path: &Path, raw: &Value, container: &Container) {
    let Some(items) = raw.get("Metadata").and_then(Value::as_array) else {
        assert!(container.metadata.is_empty(), "{}", path.display());
        return;
    };
    assert_eq!(items.len(), container.metadata.len(), "{}", path.display());
    for (raw, item) in items.iter().zip(&container.metadata) {
        for (name, decoded) in [
            ("ratingKey", &item.rating_key),
            ("type", &item.kind),
            ("title", &item.title),
            ("thumb", &item.thumb),
            ("librarySectionID", &item.library_section_id),
        ] {
            assert_eq!(
                raw.get(name).and_then(text),
                *decoded,
                "{name} in {}",
                path.display()
            );
        }
    }
}

#[test]
fn every_recorded_answer_of_a_server_decodes() {
    let Some(folder) = fixtures() else { return };
    let mut decoded = 0;
    for entry in fs::read_dir(folder.join("pms")).expect("the folder pms") {
        let path = entry.expect("an entry").path();
        let body = fs::read(&path).expect("readable");
        let raw = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        let Some(raw) = raw.get("MediaContainer") else {
            assert!(decode(&body).is_err(), "{}", path.display());
            continue;
        };
        let container = decode(&body).unwrap_or_else(|err| panic!("{}: {err:?}", path.display()));
        assert_same_items(&path, raw, &container);
        let directories = raw.get("Directory").and_then(Value::as_array);
        assert_eq!(directories.map_or(0, Vec::len), container.directory.len());
        decoded += 1;
    }
    assert!(decoded > 50, "only {decoded} recorded answers were found");
}

#[test]
fn an_answer_in_a_broken_encoding_decodes() {
    let Some(folder) = fixtures() else { return };
    let body = fs::read(folder.join("quirks/metadata_latin1_encoding.json")).expect("readable");
    let container = decode(&body).expect("decodes");
    assert_eq!(container.library_section_id.as_deref(), Some("7"));
}
