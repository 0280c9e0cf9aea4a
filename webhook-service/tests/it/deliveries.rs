//! Looking at deliveries, and playing them again.

use serde_json::json;
use shared_testkit::eventually;

use crate::support::Inbox;

fn movie(id: u32) -> String {
    format!(
        r#"{{"eventType":"MovieAdded","movie":{{"id":{id},"title":"Film {id}","tmdbId":{id}}}}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_delivery_once_newest_first() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let mut sent = Vec::new();
    for n in 1..=5 {
        let receipt = inbox.send(&source, movie(n)).await.expect_status(202);
        sent.push(receipt.json()["delivery_id"].clone());
    }

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!(
            "/api/v1/webhooks/deliveries?source_id={}&limit=2{cursor}",
            source.id
        );
        let page = inbox.admin.get(&path).await.expect_status(200).json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }

    seen.sort_by_key(ToString::to_string);
    sent.sort_by_key(ToString::to_string);
    assert_eq!(seen, sent);
    let bad = inbox
        .admin
        .get("/api/v1/webhooks/deliveries?cursor=x")
        .await;
    assert_eq!(bad.expect_status(400).problem_code(), "invalid-cursor");
    inbox
        .admin
        .get("/api/v1/webhooks/deliveries?state=odd")
        .await
        .expect_status(422);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_has_its_effect_again() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let original = inbox.send(&source, movie(7)).await;
    let original = inbox.processed(&original).await;
    let path = format!(
        "/api/v1/webhooks/deliveries/{}/replay",
        original["id"].as_str().unwrap()
    );

    let copy = inbox.admin.post(&path).await.expect_status(202).json();

    assert_eq!(copy["replay_of"], original["id"]);
    eventually("the event is published twice", || async {
        inbox.world.events_of("catalog.added.v1").len() == 2
    })
    .await;
    let unknown = "/api/v1/webhooks/deliveries/01993f0e-0000-7000-8000-000000000000/replay";
    inbox.admin.post(unknown).await.expect_status(404);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_and_changes_nothing() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    for n in 1..=3 {
        let receipt = inbox.send(&source, movie(n)).await;
        inbox.processed(&receipt).await;
    }
    let path = "/api/v1/webhooks/deliveries/replay";
    let wish = json!({"source_id": source.id, "state": "done", "dry_run": true});

    let dry = inbox
        .admin
        .post_json(path, &wish)
        .await
        .expect_status(202)
        .json();
    assert_eq!((&dry["matched"], &dry["replayed"]), (&json!(3), &json!(0)));
    assert_eq!(inbox.deliveries().await.len(), 3);

    let wish = json!({"source_id": source.id, "state": "done"});
    let real = inbox
        .admin
        .post_json(path, &wish)
        .await
        .expect_status(202)
        .json();
    assert_eq!(
        (&real["matched"], &real["replayed"]),
        (&json!(3), &json!(3))
    );
    eventually("all are told again", || async {
        inbox.world.events_of("catalog.added.v1").len() == 6
    })
    .await;
    inbox.app.stop().await;
}
