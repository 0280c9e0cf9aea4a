//! Compares the shape of our answers with recorded ones: every key we send was seen with that
//! type, and the keys that matter are there. Needs the recordings in `$MEDIANEST_FIXTURES`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use reqwest::Method;
use serde_json::Value;
use simulator::Simulator;

use crate::{
    webhooks::Inbox,
    world::{Asker, at_plex_tv, owner, settings, start},
};

type Shape = BTreeMap<String, BTreeSet<&'static str>>;

/// Recorded bodies.
struct Recordings(PathBuf);

#[expect(
    clippy::disallowed_methods,
    reason = "names the recordings; a test has no settings"
)]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn recordings() -> Option<Recordings> {
    let folder = std::env::var("MEDIANEST_FIXTURES").ok();
    if folder.is_none() {
        println!("skipped: MEDIANEST_FIXTURES does not name the recorded bodies");
    }
    folder.map(|folder| Recordings(PathBuf::from(folder).join("plex")))
}

impl Recordings {
    /// The united shape of all files whose path starts so.
    fn shape(&self, prefixes: &[&str]) -> Shape {
        let mut shape = Shape::new();
        for prefix in prefixes {
            let (folder, start) = prefix.split_once('/').expect("folder/start");
            let bodies = bodies(&self.0.join(folder), start);
            assert!(!bodies.is_empty(), "no recording {prefix}");
            for body in &bodies {
                collect(&mut shape, "", body);
            }
        }
        shape
    }

    /// Fails for keys or types that were never seen, and for missing core keys.
    fn compare(&self, what: &str, ours: &Value, prefixes: &[&str], core: &[&str]) {
        let known = self.shape(prefixes);
        let mut own = Shape::new();
        collect(&mut own, "", ours);
        let unseen: Vec<_> = own
            .iter()
            .filter(|(path, types)| known.get(*path).is_none_or(|seen| !types.is_subset(seen)))
            .map(|(path, types)| format!("{path} {types:?}, recorded {:?}", known.get(path)))
            .collect();
        assert!(
            unseen.is_empty(),
            "{what}: not seen on real servers:\n{}",
            unseen.join("\n")
        );
        for key in core {
            assert!(own.contains_key(*key), "{what}: {key} is missing");
        }
    }
}

/// All JSON files of a folder whose names start so.
fn bodies(folder: &Path, start: &str) -> Vec<Value> {
    let files = fs::read_dir(folder).expect("the folder of recordings");
    let paths = files.map(|file| file.expect("a readable folder").path());
    let wanted = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start)
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
    });
    let read = |path| serde_json::from_slice(&fs::read(path).expect("readable")).expect("JSON");
    wanted.map(read).collect()
}

/// Paths such as `MediaContainer.Metadata[].title` with the types found there.
fn collect(shape: &mut Shape, path: &str, value: &Value) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(items) => {
            for item in items {
                collect(shape, &format!("{path}[]"), item);
            }
            "list"
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(shape, &below, field);
            }
            "object"
        }
    };
    shape.entry(path.to_owned()).or_default().insert(kind);
}

async fn world() -> (Simulator, Asker) {
    let simulator = start(settings(80)).await;
    let owner = owner(&simulator);
    (simulator, owner)
}

fn item(keys: &str) -> Vec<String> {
    keys.split(' ')
        .map(|key| format!("MediaContainer.Metadata[].{key}"))
        .collect()
}

#[actix_web::test]
async fn movies_have_the_shape_of_recorded_ones() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (_simulator, owner) = world().await;
    let core = item(
        "ratingKey key guid type title summary year thumb addedAt updatedAt duration \
        rating originalTitle titleSort Media[].Part[].file Genre[].tag",
    );
    let core: Vec<&str> = core.iter().map(String::as_str).collect();

    let page = "&X-Plex-Container-Start=0&X-Plex-Container-Size=80";
    let list = owner
        .json(&format!(
            "/library/sections/1/all?type=1&includeGuids=1{page}"
        ))
        .await;
    recordings.compare("movies", &list, &["pms/section_all__movies"], &core);
    for total in [
        "totalSize",
        "offset",
        "librarySectionID",
        "librarySectionUUID",
    ] {
        assert!(list["MediaContainer"].get(total).is_some(), "{total}");
    }

    let detail = owner.json("/library/metadata/1000001").await;
    let detailed = item("Guid[].id Role[].role Genre[].id Media[].Part[].Stream[].codec");
    let detailed: Vec<&str> = detailed.iter().map(String::as_str).collect();
    recordings.compare(
        "movie",
        &detail,
        &["pms/metadata_movie", "pms/section_all__movies"],
        &detailed,
    );
}

#[actix_web::test]
async fn shows_have_the_shape_of_recorded_ones() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (_simulator, owner) = world().await;
    let show = "/library/metadata/100000000";

    let shows = owner.json("/library/sections/2/all?type=2").await;
    let shows_seen = [
        "pms/section_all__shows",
        "pms/metadata_show",
        "pms/section_all__episodes",
    ];
    recordings.compare("shows", &shows, &shows_seen, &[]);
    let detail = owner.json(show).await;
    recordings.compare("show", &detail, &shows_seen, &[]);
    let seasons = owner.json(&format!("{show}/children")).await;
    let seasons_seen = ["pms/children__show_to_seasons", "pms/metadata_season"];
    let all = [
        "MediaContainer.Directory[].title",
        "MediaContainer.Metadata[].index",
    ];
    recordings.compare("seasons", &seasons, &seasons_seen, &all);
    let season = seasons["MediaContainer"]["Metadata"][0]["key"]
        .as_str()
        .unwrap();
    let episodes = owner.json(season).await;
    let episodes_seen = [
        "pms/children__season_to_episodes",
        "pms/section_all__episodes",
        "pms/section_all__shows",
    ];
    let above = ["MediaContainer.Metadata[].grandparentRatingKey"];
    recordings.compare("episodes", &episodes, &episodes_seen, &above);
}

#[actix_web::test]
async fn libraries_collections_and_search_have_the_shape_of_recorded_ones() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (_simulator, owner) = world().await;
    let section = [
        "key",
        "type",
        "title",
        "uuid",
        "refreshing",
        "Location[].path",
    ]
    .map(|key| format!("MediaContainer.Directory[].{key}"));
    let section: Vec<&str> = section.iter().map(String::as_str).collect();

    let sections = owner.json("/library/sections").await;
    recordings.compare("sections", &sections, &["pms/library_sections"], &section);
    let collections = owner.json("/library/sections/1/collections").await;
    let child_count = ["MediaContainer.Metadata[].childCount"];
    let collections_seen = ["pms/collections__", "pms/metadata_collection"];
    recordings.compare("collections", &collections, &collections_seen, &child_count);
    let key = collections["MediaContainer"]["Metadata"][0]["ratingKey"]
        .as_str()
        .unwrap();
    let one = owner.json(&format!("/library/collections/{key}")).await;
    recordings.compare(
        "collection",
        &one,
        &["pms/metadata_collection"],
        &child_count,
    );
    let children = owner
        .json(&format!("/library/collections/{key}/children"))
        .await;
    let items_seen = ["pms/collection_children", "pms/section_all__movies"];
    recordings.compare("items of a collection", &children, &items_seen, &[]);
    let found = owner.json("/library/search?query=matrix").await;
    let search_seen = ["pms/library_search"];
    recordings.compare("search", &without_section_ids(found), &search_seen, &[]);
    let recent = owner
        .json("/library/recentlyAdded?X-Plex-Container-Size=3")
        .await;
    assert!(recent["MediaContainer"]["Metadata"][0]["librarySectionID"].is_number());
}

/// The recorded search was made on a server that names libraries only by title.
fn without_section_ids(mut found: Value) -> Value {
    let results = found["MediaContainer"]["SearchResult"]
        .as_array_mut()
        .expect("results");
    for result in results {
        let item = result["Metadata"].as_object_mut().expect("an item");
        item.remove("librarySectionID");
        item.remove("librarySectionKey");
    }
    found
}

#[actix_web::test]
async fn the_server_and_its_history_have_the_shape_of_recorded_ones() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (_simulator, owner) = world().await;

    let identity = owner.json("/identity").await;
    let identity_seen = ["pms/identity", "documented/identity"];
    let machine = ["MediaContainer.machineIdentifier", "MediaContainer.version"];
    recordings.compare("identity", &identity, &identity_seen, &machine);
    recordings.compare("root", &owner.json("/").await, &["pms/root"], &machine);
    let history = owner.json("/status/sessions/history/all").await;
    let history_seen = ["pms/status_sessions_history_all", "documented/history"];
    let row = [
        "MediaContainer.Metadata[].historyKey",
        "MediaContainer.Metadata[].accountID",
    ];
    recordings.compare("history", &history, &history_seen, &row);
}

#[actix_web::test]
async fn plex_tv_has_the_shape_of_recorded_answers() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (simulator, _owner) = world().await;
    let olivia = at_plex_tv(&simulator, &simulator.owner_token());
    let alice = at_plex_tv(&simulator, &simulator.account_token("alice"));

    let pin = olivia
        .json_of(Method::POST, "/api/v2/pins?strong=true")
        .await;
    let pin_core = ["id", "code", "authToken", "expiresAt"];
    recordings.compare("pin", &pin, &["plextv/pins__"], &pin_core);
    let user = olivia.json("/api/v2/user").await;
    let user_seen = ["plextv/user__", "plextv/signin_v2"];
    recordings.compare(
        "user",
        &user,
        &user_seen,
        &["id", "uuid", "username", "email", "thumb"],
    );
    for person in [&olivia, &alice] {
        let resources = person.json("/api/v2/resources").await;
        let core = [
            "[].clientIdentifier",
            "[].accessToken",
            "[].connections[].uri",
        ];
        recordings.compare("resources", &resources, &["plextv/resources_v2"], &core);
    }
    let home = olivia.json("/api/v2/home/users").await;
    recordings.compare("home", &home, &["plextv/home_users"], &["users[].uuid"]);
    let machine = simulator.machine_identifier(0);
    let server = olivia.json(&format!("/api/v2/servers/{machine}")).await;
    recordings.compare(
        "server",
        &server,
        &["plextv/servers_machine"],
        &["librarySections[].key"],
    );
    simulator.add_webhook("http://127.0.0.1:9/none".to_owned());
    let hooks = olivia.json("/api/v2/user/webhooks").await;
    recordings.compare("web hooks", &hooks, &["plextv/user_webhooks"], &["[].url"]);
    let error: Value = alice.get("/api/v2/pins/1").await.json().await.unwrap();
    recordings.compare("error", &error, &["plextv/error_pin"], &["errors[].code"]);
}

#[actix_web::test]
async fn web_hooks_have_the_shape_of_known_ones() {
    let Some(recordings) = recordings() else {
        return;
    };
    let (simulator, _owner) = world().await;
    let inbox = Inbox::default();
    simulator.add_webhook(inbox.open());

    for (event, key) in [("library.new", "1000001"), ("media.play", "100000101")] {
        simulator.send_webhook(0, event, key).await.unwrap();
    }

    let seen = ["webhooks_derived/", "webhooks/"];
    let core = [
        "event",
        "Account.id",
        "Server.uuid",
        "Metadata.ratingKey",
        "Metadata.Guid[].id",
    ];
    for index in 0..2 {
        recordings.compare("web hook", &inbox.payload(index), &seen, &core);
    }
}
