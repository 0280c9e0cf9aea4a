//! From a link to files in the library folder and to Plex.

use serde_json::json;
use shared_types::event::{DownloadFinished, DownloadInPlex};

use crate::rig::{Rig, download, items, submit, submit_with, until, wait_for};

#[tokio::test]
async fn a_page_with_a_video_becomes_a_file_in_the_library_and_an_item_in_plex() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);

    let id = submit(&alice, &rig.page("/watch/alpha")).await;
    let importing = wait_for(&alice, &id, &["importing"]).await;

    assert_eq!(importing["title"], "Alpha Clip");
    assert_eq!(importing["library_id"], rig.library_id.to_string());
    let files = rig.files();
    assert_eq!(files.len(), 3, "{files:?}");
    let media = files
        .iter()
        .find(|file| file.ends_with(".mp4"))
        .expect("a media file");
    assert!(
        media.starts_with("Alpha Clip") && media.contains('['),
        "{media}"
    );
    assert!(
        files.contains(&media.replace(".mp4", ".nfo"))
            && files.contains(&media.replace(".mp4", ".jpg"))
    );
    let nfo =
        std::fs::read_to_string(rig.library.join(media.replace(".mp4", ".nfo"))).expect("readable");
    assert!(nfo.contains("<title>Alpha Clip</title>"), "{nfo}");
    until("staging is empty", || {
        std::fs::read_dir(rig.staging()).expect("there").count() == 0
    })
    .await;

    until("the outbox is drained", || {
        rig.world.has_event("download.finished.v1")
    })
    .await;
    assert!(
        rig.world.has_event("download.requested.v1") && rig.world.has_event("download.started.v1")
    );
    let finished: DownloadFinished = rig.world.events_of("download.finished.v1")[0]
        .fact()
        .expect("the fact");
    assert_eq!(finished.files.len(), 1);
    assert_eq!(finished.files[0].path, format!("/plex/Home Videos/{media}"));

    let item = finished.files[0].download_item_id.to_string();
    rig.tell_found(&id, &item).await;
    let done = wait_for(&alice, &id, &["in_plex"]).await;
    assert_eq!(done["plex_url"], "https://app.plex.tv/desktop/#!/x");
    shared_testkit::eventually("one event", || async {
        rig.world.has_event("download.in_plex.v1")
    })
    .await;
    let told = rig.world.events_of("download.in_plex.v1");
    assert_eq!(told.len(), 1);
    let told: DownloadInPlex = told[0].fact().expect("the fact");
    assert_eq!(told.item_ids.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_playlist_becomes_a_collection_of_its_videos() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);

    let id = submit(&alice, &rig.page("/feed.rss")).await;
    let importing = wait_for(&alice, &id, &["importing"]).await;

    assert_eq!(
        (&importing["item_count"], &importing["items_done"]),
        (&json!(3), &json!(3)),
        "{importing}"
    );
    assert_eq!(
        (&importing["title"], &importing["collection"]),
        (&json!("Short Clips"), &json!("Short Clips"))
    );
    let positions: Vec<_> = items(&alice, &id)
        .await
        .iter()
        .map(|item| item["position"].clone())
        .collect();
    assert_eq!(positions, [1, 2, 3]);
    let media = rig
        .files()
        .into_iter()
        .filter(|file| file.ends_with(".mp4"))
        .count();
    assert_eq!(media, 3);
    until("the outbox is drained", || {
        rig.world.has_event("download.finished.v1")
    })
    .await;
    let finished: DownloadFinished = rig.world.events_of("download.finished.v1")[0]
        .fact()
        .expect("the fact");
    assert_eq!(
        (finished.files.len(), finished.collection.as_deref()),
        (3, Some("Short Clips"))
    );
    app.stop().await;
}

#[tokio::test]
async fn a_video_that_is_gone_does_not_spoil_the_rest_of_its_playlist() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);

    let body = json!({"url": rig.page("/mixed.rss"), "collection": null});
    let id = submit_with(&alice, &body).await;
    let importing = wait_for(&alice, &id, &["importing"]).await;

    assert_eq!(
        (&importing["items_done"], &importing["items_failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&importing["error"]["class"], &importing["collection"]),
        (&json!("partial"), &json!(null))
    );
    let gone = items(&alice, &id).await.remove(1);
    assert_eq!(
        (&gone["state"], &gone["error"]["class"]),
        (&json!("failed"), &json!("removed")),
        "{gone}"
    );
    app.stop().await;
}

#[tokio::test]
async fn sound_alone_goes_to_the_fallback_folder_when_no_library_is_known() {
    let rig = Rig::start().await;
    rig.world
        .neighbors
        .answer("/internal/libraries", 200, json!([]));
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);

    let body = json!({"url": rig.page("/files/bravo.mp4"), "preset": "audio"});
    let id = submit_with(&alice, &body).await;
    let finished = wait_for(&alice, &id, &["finished"]).await;

    assert_eq!(finished["library_id"], json!(null));
    let item = items(&alice, &id).await.remove(0);
    let name = item["file_name"].as_str().expect("a file").to_owned();
    assert!(name.ends_with(".m4a"), "{name}");
    let folder = rig
        .world
        .dir()
        .join("downloads")
        .join(name.trim_end_matches(".m4a"));
    assert!(folder.join(&name).is_file());

    let delete = format!("/api/v1/downloads/{id}?files=true");
    assert_eq!(alice.delete(&delete).await.status, 204);
    assert!(!folder.exists());
    assert_eq!(
        alice.get(&format!("/api/v1/downloads/{id}")).await.status,
        404
    );
    app.stop().await;
}

#[tokio::test]
async fn progress_is_told_while_bytes_come() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.config()).await;
    let alice = rig.world.member(&app);
    rig.site.set_slow_rate(400 * 1024);

    let id = submit(&alice, &rig.page("/slow-watch/big")).await;
    until("progress with bytes", || {
        let told = rig.world.events_of("download.progress.v1");
        told.iter()
            .any(|event| event.data["progress"]["downloaded_bytes"].as_i64() > Some(100_000))
    })
    .await;

    let now = download(&alice, &id).await;
    assert_eq!(now["state"], "downloading", "{now}");
    rig.site.set_slow_rate(100 * 1024 * 1024);
    wait_for(&alice, &id, &["importing"]).await;
    app.stop().await;
}
