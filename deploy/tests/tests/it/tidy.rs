//! What a reader may rely on in every file and in every service.

use std::collections::BTreeMap;

use crate::repository::{SERVICES, files, files_of_kind, names_in, root, text};

/// Most lines of a file that a person reads.
const MOST_LINES: usize = 600;
/// Most lines of a service's `main.rs`.
const MOST_LINES_OF_MAIN: usize = 15;
/// Files that a person writes and reads.
const SOURCES: [&str; 12] = [
    "css", "html", "js", "md", "mjs", "py", "rs", "sh", "sql", "toml", "ts", "tsx",
];
/// Generated, or tables that are long by nature.
const LONG_BY_NATURE: [&str; 4] = [
    "/src/store/schema.rs",
    "/src/api/schema.d.ts",
    "/src/routeTree.gen.ts",
    "deploy/docs/configuration.md",
];
/// The same inside in every service, so that who knows one knows all.
const INSIDE: [&str; 7] = [
    "README.md",
    "migrations",
    "src/app.rs",
    "src/config.rs",
    "src/error.rs",
    "src/lib.rs",
    "src/routes/mod.rs",
];
/// The gateway has no database and no domain: its problems come from `shared_http` as they are.
const NOT_IN_THE_GATEWAY: [&str; 2] = ["migrations", "src/error.rs"];

#[test]
fn no_file_is_too_long_to_read() {
    let mut too_long = Vec::new();
    for path in files().into_iter().filter(|path| is_read_by_people(path)) {
        let lines = text(&path).unwrap_or_default().lines().count();
        if lines > MOST_LINES {
            too_long.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(too_long.is_empty(), "split by noun: {too_long:#?}");
}

#[test]
fn nothing_unfinished_lands() {
    // Put together here, so that this file does not find itself.
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["to", "do!("].concat(),
        ["unimplemen", "ted!("].concat(),
        ["db", "g!("].concat(),
    ];
    let found = lines_where(|line| marks.iter().any(|mark| has_word(line, mark)));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_rust_module_says_what_it_is_for() {
    let mut silent = files_of_kind("rs");
    silent.retain(|path| {
        let text = text(path).expect("Rust is text");
        !text.starts_with("//!") && !text.starts_with("#![doc")
    });
    assert!(
        silent.is_empty(),
        "these do not start with `//!`: {silent:#?}"
    );
}

#[test]
fn no_file_knows_the_folder_of_one_machine() {
    let homes = ["work", "root", "home"].map(|home| format!("/{home}/"));
    let found = lines_where(|line| homes.iter().any(|home| starts_a_path(line, home)));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut broken = Vec::new();
    for path in files_of_kind("md") {
        let folder = root().join(&path);
        let folder = folder.parent().expect("a file is in a folder");
        let text = text(&path).expect("a document is text");
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#', ' ']).next().unwrap_or_default();
            let is_ours = !target.is_empty() && !target.contains("://");
            if is_ours && !folder.join(target).exists() {
                broken.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_service_has_the_same_inside() {
    for service in SERVICES {
        for part in INSIDE {
            let expected = service != "gateway" || !NOT_IN_THE_GATEWAY.contains(&part);
            let exists = root().join(service).join(part).exists();
            assert_eq!(exists, expected, "{service}/{part}");
        }
        let main = text(&format!("{service}/src/main.rs")).expect("Rust is text");
        assert!(
            main.lines().count() <= MOST_LINES_OF_MAIN,
            "{service}/src/main.rs does more than to start"
        );
    }
}

#[test]
fn every_migration_exists_for_both_databases_and_can_be_undone() {
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files_of_kind("sql") {
        if let Some((owner, rest)) = path.split_once("migrations/") {
            owners
                .entry(format!("{owner}migrations"))
                .or_default()
                .push(rest.to_owned());
        }
    }
    for (folder, scripts) in owners {
        let [sqlite, postgres] =
            ["sqlite", "postgres"].map(|back_end| names_in(&format!("{folder}/{back_end}")));
        assert_eq!(sqlite, postgres, "{folder}");
        for back_end in ["sqlite", "postgres"] {
            for name in &sqlite {
                for script in ["up.sql", "down.sql"] {
                    let script = format!("{back_end}/{name}/{script}");
                    assert!(scripts.contains(&script), "{folder}/{script} is missing");
                }
            }
        }
    }
}

fn is_read_by_people(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    SOURCES.contains(&extension) && !LONG_BY_NATURE.iter().any(|end| path.ends_with(end))
}

/// Lines of all text files that are so, each with its place.
fn lines_where(is_so: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in files() {
        let text = text(&path).unwrap_or_default();
        let lines = text.lines().enumerate().filter(|(_, line)| is_so(line));
        found.extend(lines.map(|(index, line)| format!("{path}:{}: {line}", index + 1)));
    }
    found
}

/// Whether `mark` stands in the line as a word of its own.
fn has_word(line: &str, mark: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(mark).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + mark.len()..]);
        let follows = mark.ends_with('(') || !after.starts_with(is_part);
        follows && !before.ends_with(is_part)
    })
}

/// Whether a path in the line begins with `folder`, which a longer path may only contain.
fn starts_a_path(line: &str, folder: &str) -> bool {
    let is_part = |character: char| {
        character.is_alphanumeric() || ['.', '_', '-', '}', ')'].contains(&character)
    };
    line.match_indices(folder)
        .any(|(at, _)| !line[..at].ends_with(is_part))
}

#[test]
fn marks_and_folders_are_told_from_what_looks_like_them() {
    let mark = ["TO", "DO"].concat();
    assert!(has_word(&format!("// {mark}: later"), &mark));
    assert!(!has_word(&format!("{mark}S"), &mark));
    let folder = ["/wo", "rk/"].concat();
    assert!(starts_a_path(&format!("cd {folder}main"), &folder));
    assert!(!starts_a_path(&format!("docs{folder}main"), &folder));
}
