//! Plex or a neighbor is away: what is known is still shown.

use serde_json::json;
use shared_testkit::eventually;
use simulator::{Fault, FaultTarget};

use crate::stage::{Stage, text};

#[tokio::test]
async fn a_server_that_goes_away_is_noticed_and_its_mirror_still_answers() {
    let stage = Stage::mirrored().await;
    let id = stage.server_id().await;
    stage
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::Reset));
    eventually("the outage is told", || async {
        stage.world.has_event("plex.server_down.v1")
    })
    .await;

    let server = stage.admin.get("/api/v1/plex/servers").await.json();
    assert_eq!(server["items"][0]["state"], "down");
    assert!(server["items"][0]["detail"].is_string());
    let items = stage.items("Movies").await;
    assert_eq!(items.len(), 30);
    let detail = stage
        .admin
        .get(&format!("/api/v1/plex/items/{}", text(&items[0]["id"])))
        .await;
    assert_eq!(detail.expect_status(200).json()["title"], items[0]["title"]);
    let found = stage.admin.get("/api/v1/plex/search?q=matrix").await.json();
    assert_eq!(found["stale"], true);

    stage.plex.set_fault(FaultTarget::Server(0), None);
    eventually("the return is told", || async {
        let path = format!("/api/v1/plex/servers/{id}/test");
        drop(stage.admin.post(&path).await.expect_status(200));
        stage.world.has_event("plex.server_up.v1")
    })
    .await;
    assert_eq!(stage.world.events_of("plex.server_down.v1").len(), 1);
}

#[tokio::test]
async fn a_token_that_is_not_taken_any_more_is_told_apart_from_an_outage() {
    let stage = Stage::mirrored().await;
    let id = stage.server_id().await;
    stage
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::Unauthorized));
    let tested = stage
        .admin
        .post(&format!("/api/v1/plex/servers/{id}/test"))
        .await;
    assert_eq!(tested.expect_status(200).json()["state"], "unauthorized");
}

#[tokio::test]
async fn a_failed_sync_says_why_and_removes_nothing() {
    let stage = Stage::mirrored().await;
    let id = stage.server_id().await;
    stage
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::InternalError));

    let sync = stage.sync_again(&id).await;

    assert_eq!(sync["state"], "failed");
    assert!(sync["error"].is_string());
    assert_eq!(stage.items("Movies").await.len(), 30);
    assert_eq!(stage.items("TV Shows").await.len(), 3);
}

#[tokio::test]
async fn what_plex_has_no_more_is_gone_after_a_sync() {
    let stage = Stage::empty().await;
    for name in ["one.mp4", "two.mp4"] {
        let _path = stage.add_video(name);
    }
    let id = stage.add_server().await;
    stage.sync_is_done(&id).await;
    let scan = async || {
        let plex = shared_testkit::Client::new(&stage.plex.server_url(0), None);
        let request = plex.request(
            "GET".parse().expect("a method"),
            "/library/sections/5/refresh",
        );
        let token = stage.plex.owner_token();
        drop(
            plex.send(request.header("x-plex-token", token))
                .await
                .expect_status(200),
        );
    };
    scan().await;
    eventually("both are mirrored", || async {
        drop(stage.sync_again(&id).await);
        stage.items("Home Videos").await.len() == 2
    })
    .await;

    std::fs::remove_file(stage.videos.path().join("one.mp4")).expect("removed");
    scan().await;

    eventually("one is gone", || async {
        drop(stage.sync_again(&id).await);
        stage.items("Home Videos").await.len() == 1
    })
    .await;
    let left = stage
        .library(&stage.admin, "Home Videos")
        .await
        .expect("it");
    assert_eq!(left["item_count"], json!(1));
}
