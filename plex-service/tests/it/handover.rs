//! Files of a finished download become items of Plex, once.

use serde_json::{Value, json};
use shared_testkit::eventually;
use shared_types::{
    Clock,
    event::{DownloadFinished, Event, FinishedFile, LibraryItemAdded},
    ids::{DeliveryId, DownloadId, DownloadItemId, SourceId, UserId},
};
use simulator::{Fault, FaultTarget};

use crate::stage::{Stage, list, text};

fn finished(clock: &dyn Clock, paths: &[String], collection: Option<&str>) -> Event {
    let files = paths.iter().map(|path| FinishedFile {
        download_item_id: DownloadItemId::generate(clock),
        path: path.clone(),
        title: "A video".to_owned(),
    });
    let fact = DownloadFinished {
        download_id: DownloadId::generate(clock),
        user_id: UserId::generate(clock),
        title: "A playlist".to_owned(),
        library_id: None,
        collection: collection.map(str::to_owned),
        files: files.collect(),
    };
    Event::new(clock, "download-service", &fact)
}

fn added(stage: &Stage) -> Vec<LibraryItemAdded> {
    let events = stage.world.events_of("library.item_added.v1");
    events
        .iter()
        .map(|event| event.fact().expect("readable"))
        .collect()
}

async fn collections(stage: &Stage) -> Vec<Value> {
    list(&stage.admin.get("/api/v1/plex/collections").await.json()["items"])
}

#[tokio::test]
async fn downloaded_files_become_items_of_a_collection_exactly_once() {
    let stage = Stage::mirrored().await;
    let paths = ["Talks/one.mp4", "Talks/two.mp4"].map(|name| stage.add_video(name));
    let event = finished(&*stage.world.clock, &paths, Some("Talks"));

    for _delivery in 0..2 {
        stage.world.bus.publish(&event).await.expect("published");
    }
    eventually("both files are told", || async { added(&stage).len() == 2 }).await;

    let facts = added(&stage);
    let wanted: DownloadFinished = event.fact().expect("readable");
    for file in &wanted.files {
        let fact = facts
            .iter()
            .find(|fact| fact.download_item_id == Some(file.download_item_id))
            .expect("an event for each file");
        assert_eq!(fact.download_id, Some(wanted.download_id));
        assert_eq!(fact.collection.as_deref(), Some("Talks"));
        assert!(
            fact.plex_url
                .as_ref()
                .expect("a link")
                .contains("/details?key=%2Flibrary%2Fmetadata%2F")
        );
        let item = stage
            .admin
            .get(&format!("/api/v1/plex/items/{}", fact.item_id))
            .await;
        assert_eq!(item.expect_status(200).json()["title"], fact.title);
    }
    eventually("the collection has both", || async {
        let found = collections(&stage).await;
        found
            .iter()
            .any(|one| one["title"] == "Talks" && one["item_count"] == 2)
    })
    .await;
    let videos = stage
        .library(&stage.admin, "Home Videos")
        .await
        .expect("it");
    assert_eq!(videos["item_count"], 2);

    // A second playlist of the same name joins the collection that is there.
    let more = [stage.add_video("Talks/three.mp4")];
    let event = finished(&*stage.world.clock, &more, Some("Talks"));
    stage.world.bus.publish(&event).await.expect("published");
    eventually("the third is told", || async { added(&stage).len() == 3 }).await;
    let sync = stage.sync_again(&stage.server_id().await).await;
    assert_eq!(sync["state"], "done", "{sync}");
    let talks: Vec<_> = collections(&stage)
        .await
        .into_iter()
        .filter(|one| one["title"] == "Talks")
        .collect();
    assert_eq!(talks.len(), 1);
    let path = format!("/api/v1/plex/collections/{}", text(&talks[0]["id"]));
    assert_eq!(list(&stage.admin.get(&path).await.json()["items"]).len(), 3);
}

#[tokio::test]
async fn a_hand_over_waits_for_plex_and_survives_a_restart() {
    let stage = Stage::mirrored().await;
    stage
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::InternalError));
    let path = stage.add_video("late.mp4");
    let event = finished(&*stage.world.clock, &[path], None);
    stage.world.bus.publish(&event).await.expect("published");
    eventually("the outage is told", || async {
        stage.world.has_event("plex.server_down.v1")
    })
    .await;
    assert!(added(&stage).is_empty());

    let stage = stage.restart().await;
    stage.plex.set_fault(FaultTarget::Server(0), None);

    eventually("the file is told", || async { added(&stage).len() == 1 }).await;
    assert_eq!(added(&stage)[0].collection, None);
}

#[tokio::test]
async fn a_webhook_about_something_new_makes_it_appear_soon() {
    let stage = Stage::mirrored().await;
    let _path = stage.add_video("fresh.mp4");
    let plex = shared_testkit::Client::new(&stage.plex.server_url(0), None);
    let scan = plex.request(
        "GET".parse().expect("a method"),
        "/library/sections/5/refresh",
    );
    drop(
        plex.send(scan.header("x-plex-token", stage.plex.owner_token()))
            .await,
    );
    let clock = &*stage.world.clock;

    eventually("the video is in the mirror", || async {
        let hint = json!({
            "delivery_id": DeliveryId::generate(clock), "source_id": SourceId::generate(clock),
            "source_kind": "plex", "name": "media.added", "occurred_at": clock.now(),
            "degraded": false,
            "fields": {"server": {"id": stage.plex.machine_identifier(0)}, "library": "Home Videos"},
        });
        let kind = "medianest.media.added.v1";
        let event = Event::of_kind(clock, "webhook-service", kind, "item/1".to_owned(), &hint);
        stage.world.bus.publish(&event).await.expect("published");
        stage.items("Home Videos").await.len() == 1
    })
    .await;
}
