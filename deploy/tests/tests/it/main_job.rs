//! The main job of MediaNest, from the setup secret to a video in Plex, played over real HTTP.

use std::{
    fs,
    path::{Path, PathBuf},
};

use e2e::{House, Person, Shape};
use serde_json::{Value, json};
use shared_testkit::eventually;

use crate::{in_both_shapes, senders};

in_both_shapes!(the_main_job_from_setup_to_plex);

async fn the_main_job_from_setup_to_plex(shape: Shape) {
    let house = House::start(shape).await;
    let admin = setup(&house).await;
    house.add_plex_server(&admin).await;
    let (alice, bob) = friends(&house).await;
    browse(&house, &admin, &alice, &bob).await;
    images(&alice).await;
    download_a_playlist(&house, &admin, &bob, &alice).await;
    senders::all_senders_are_heard(&house, &admin).await;
    everything_is_visible(&house, &admin, &alice).await;
}

/// The setup secret makes exactly one administrator.
async fn setup(house: &House) -> Person {
    let status = house
        .anon()
        .get("/api/v1/system/status")
        .await
        .expect_status(200)
        .json();
    assert_eq!(status["setup_required"], true);
    let wrong = json!({"setup_secret": "wrong", "username": "mallory", "password": "a quiet harbour at dusk"});
    let answer = house.anon().post_json("/api/v1/auth/setup", &wrong).await;
    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (401, "invalid-setup-secret")
    );
    let secret = house.deployment.setup_secret();
    let admin = house.claim().await;
    let again = json!({"setup_secret": secret, "username": "second", "password": "a quiet harbour at dusk"});
    assert_eq!(
        house
            .anon()
            .post_json("/api/v1/auth/setup", &again)
            .await
            .status,
        409
    );
    let status = house.anon().get("/api/v1/system/status").await.json();
    assert_eq!(status["setup_required"], false);
    house.sign_in_admin().await;
    admin
}

/// Only accounts that really have access to the server get in.
async fn friends(house: &House) -> (Person, Person) {
    let refused = house.plex_sign_in("stranger").await;
    assert_eq!(
        (refused.status, refused.problem_code().as_str()),
        (403, "no_server_access")
    );
    (house.friend("alice").await, house.friend("bob").await)
}

/// Everybody sees exactly the sections that Plex shares with them, in every list.
async fn browse(house: &House, admin: &Person, alice: &Person, bob: &Person) {
    assert_eq!(
        library_titles(admin).await,
        ["Home Videos", "Movies", "TV Shows"]
    );
    assert_eq!(library_titles(alice).await, ["Movies"]);
    assert_eq!(library_titles(bob).await, ["Home Videos", "TV Shows"]);
    let found = alice
        .client
        .get("/api/v1/plex/search?q=matrx")
        .await
        .expect_status(200)
        .json();
    assert_eq!(found["items"][0]["item"]["title"], "The Matrix", "{found}");
    let hidden = bob
        .client
        .get("/api/v1/plex/search?q=matrix")
        .await
        .expect_status(200)
        .json();
    assert_eq!(hidden["items"], json!([]));
    let id = found["items"][0]["item"]["id"].as_str().expect("an id");
    let path = format!("/api/v1/plex/items/{id}");
    let detail = alice.client.get(&path).await.expect_status(200).json();
    assert_eq!(
        (detail["title"].as_str(), detail["year"].as_i64()),
        (Some("The Matrix"), Some(1999))
    );
    assert!(
        detail["plex_url"]
            .as_str()
            .is_some_and(|url| url.contains(&house.plex.machine_identifier(0)))
    );
    assert_eq!(bob.client.get(&path).await.status, 404);
    let movies = library_id(alice, "Movies").await;
    let page = alice
        .client
        .get(&format!("/api/v1/plex/libraries/{movies}/items?limit=25"))
        .await
        .json();
    assert_eq!(
        (
            page["items"].as_array().map(Vec::len),
            page["total"].as_i64()
        ),
        (Some(25), Some(60))
    );
    assert_eq!(
        bob.client
            .get(&format!("/api/v1/plex/libraries/{movies}/items"))
            .await
            .status,
        404
    );
}

/// Posters come from MediaNest, without a Plex token in sight.
async fn images(alice: &Person) {
    let movies = library_id(alice, "Movies").await;
    let page = alice
        .client
        .get(&format!("/api/v1/plex/libraries/{movies}/items?limit=5"))
        .await
        .json();
    let poster = page["items"]
        .as_array()
        .and_then(|items| items.iter().find_map(|item| item["poster_url"].as_str()))
        .expect("a poster");
    assert!(!poster.to_lowercase().contains("token"), "{poster}");
    let image = alice
        .client
        .get(&format!("{poster}&w=180&h=270"))
        .await
        .expect_status(200);
    assert!(
        image.headers["content-type"]
            .to_str()
            .is_ok_and(|kind| kind.starts_with("image/"))
    );
    assert!(image.headers.contains_key("etag"));
}

/// A playlist link becomes files, then items in Plex, then a collection; the owner hears of it live.
async fn download_a_playlist(house: &House, admin: &Person, bob: &Person, alice: &Person) {
    let (events, others) = (house.events(bob).await, house.events(alice).await);
    let videos = library_id(bob, "Home Videos").await;
    let url = format!("{}/feed.rss", house.media.url);
    let body =
        json!({"url": url, "library_id": videos, "collection": "Rig Picks", "preset": "best"});
    let refused = alice.client.post_json("/api/v1/downloads", &body).await;
    assert_eq!(
        refused.status,
        422,
        "alice cannot see that library: {}",
        refused.text()
    );
    let answer = bob.client.post_json("/api/v1/downloads", &body).await;
    let download = answer.expect_status(201).json();
    let id = text(&download["id"]);
    assert_eq!(
        alice
            .client
            .get(&format!("/api/v1/downloads/{id}"))
            .await
            .status,
        404
    );
    let done = house.wait_for_download(bob, &id, "in_plex").await;
    assert_eq!(
        (&done["item_count"], &done["items_done"]),
        (&json!(3), &json!(3)),
        "{done}"
    );
    assert!(
        done["plex_url"]
            .as_str()
            .is_some_and(|url| url.contains("metadata")),
        "{done}"
    );
    files_are_complete(house);
    collection_has_all(admin, bob).await;
    eventually("the owner heard progress and the arrival", || async {
        !events.of("medianest.download.progress.v1").is_empty()
            && !events.of("medianest.download.in_plex.v1").is_empty()
    })
    .await;
    assert!(
        !others.kinds().iter().any(|kind| kind.contains("download")),
        "alice was told"
    );
    eventually("the owner is notified", || async {
        let inbox = bob
            .client
            .get("/api/v1/notifications")
            .await
            .expect_status(200)
            .json();
        let mut items = inbox["items"].as_array().into_iter().flatten();
        items.any(|item| item["kind"] == "download.in_plex")
    })
    .await;
}

fn files_are_complete(house: &House) {
    let files = files_below(&house.videos_dir());
    assert_eq!(count(&files, "mp4"), 3, "{files:?}");
    assert_eq!(count(&files, "nfo"), 3, "{files:?}");
    assert_eq!(count(&files, "part"), 0, "{files:?}");
}

async fn collection_has_all(admin: &Person, bob: &Person) {
    let collections = admin
        .client
        .get("/api/v1/plex/collections")
        .await
        .expect_status(200)
        .json();
    let collection = find(&collections["items"], "title", "Rig Picks");
    let path = format!("/api/v1/plex/collections/{}", text(&collection["id"]));
    let items = bob.client.get(&path).await.expect_status(200).json();
    assert_eq!(items["items"].as_array().map(Vec::len), Some(3), "{items}");
}

/// The operator sees every part; a member does not. Nothing secret is in the logs.
async fn everything_is_visible(house: &House, admin: &Person, alice: &Person) {
    let services = admin
        .client
        .get("/api/v1/system/services")
        .await
        .expect_status(200)
        .json();
    let states: Vec<_> = services["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|part| part["state"].as_str())
        .collect();
    assert_eq!(states, [Some("up"); 4], "{services}");
    assert_eq!(
        alice.client.get("/api/v1/system/services").await.status,
        403
    );
    let limits = alice
        .client
        .get("/api/v1/me/limits")
        .await
        .expect_status(200)
        .json();
    assert!(
        limits["items"][0]["remaining"]
            .as_i64()
            .is_some_and(|left| left > 0),
        "{limits}"
    );
    let logs = house.deployment.logs();
    for secret in [
        house.plex.owner_token(),
        house.plex.account_token("alice"),
        admin.token.clone(),
    ] {
        assert!(!logs.contains(&secret), "a token is in the logs");
    }
}

async fn library_titles(person: &Person) -> Vec<String> {
    let libraries = person
        .client
        .get("/api/v1/plex/libraries")
        .await
        .expect_status(200)
        .json();
    let mut titles: Vec<_> = libraries
        .as_array()
        .expect("a list")
        .iter()
        .map(|library| text(&library["title"]))
        .collect();
    titles.sort();
    titles
}

/// The id of the library with this title.
pub(crate) async fn library_id(person: &Person, title: &str) -> String {
    let libraries = person
        .client
        .get("/api/v1/plex/libraries")
        .await
        .expect_status(200)
        .json();
    text(&find(&libraries, "title", title)["id"])
}

fn find(list: &Value, key: &str, value: &str) -> Value {
    let found = list
        .as_array()
        .and_then(|list| list.iter().find(|entry| entry[key] == value));
    found
        .cloned()
        .unwrap_or_else(|| panic!("no {key} {value} in {list}"))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// Every file below a folder, staging included.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// How many of them have this extension.
pub(crate) fn count(files: &[PathBuf], extension: &str) -> usize {
    files
        .iter()
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .count()
}
