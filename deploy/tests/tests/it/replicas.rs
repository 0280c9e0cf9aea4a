//! Two replicas of every service: they share the work, apply everything once, and know of each other's revocations.

use std::{collections::HashMap, time::Duration};

use e2e::{EventLog, House, Shape};
use serde_json::json;
use shared_testkit::{Client, eventually, eventually_within};

use crate::{
    main_job::{count, files_below, library_id},
    senders::{create_source, path_of},
};

const WEBHOOKS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_of_every_service_share_the_work_and_apply_it_once() {
    let mut house = House::start(Shape::Scaled).await;
    let admin = house.claim().await;
    let second = house.deployment.add_replicas().await;
    house.add_plex_server(&admin).await;
    let bob = house.friend("bob").await;
    let events = EventLog::open(&second, &bob.token).await;
    let videos = library_id(&bob, "Home Videos").await;
    let url = format!("{}/feed.rss", house.media.url);
    let body = json!({"url": url, "library_id": videos, "collection": "Shared"});
    let download = bob
        .client
        .post_json("/api/v1/downloads", &body)
        .await
        .expect_status(201)
        .json();
    let id = download["id"].as_str().expect("an id");
    house.wait_for_download(&bob, id, "in_plex").await;
    assert_eq!(count(&files_below(&house.videos_dir()), "mp4"), 3);
    eventually("the other gateway tells of the arrival", || async {
        !events.of("medianest.download.in_plex.v1").is_empty()
    })
    .await;
    assert_eq!(
        events.of("medianest.download.in_plex.v1").len(),
        1,
        "told more than once"
    );
    let inbox = bob
        .client
        .get("/api/v1/notifications")
        .await
        .expect_status(200)
        .json();
    let told = inbox["items"].as_array().into_iter().flatten();
    assert_eq!(
        told.filter(|item| item["kind"] == "download.in_plex")
            .count(),
        1,
        "{inbox}"
    );
    webhooks_are_applied_once(&house, &admin, &second).await;
    an_ended_session_is_refused_everywhere(&house, &second).await;
}

/// Webhooks that arrive at both gateways become one event each.
async fn webhooks_are_applied_once(house: &House, admin: &e2e::Person, second: &str) {
    let source = create_source(admin, "generic", Some("bearer")).await;
    let secret = source["secret"].as_str().expect("a secret");
    let path = path_of(&source);
    let doors = [house.deployment.url.as_str(), second]
        .map(|url| Client::new(url, Some(secret.to_owned())));
    for number in 0..WEBHOOKS {
        let body = json!({"number": number});
        doors[number % 2]
            .post_json(&path, &body)
            .await
            .expect_status(202);
    }
    eventually_within(
        Duration::from_secs(30),
        "every webhook has become an event",
        || async {
            let page = admin
                .client
                .get("/api/v1/webhooks/events?limit=200")
                .await
                .expect_status(200)
                .json();
            let mut counts: HashMap<String, usize> = HashMap::new();
            for event in page["items"].as_array().into_iter().flatten() {
                let delivery = event["delivery_id"]
                    .as_str()
                    .or_else(|| event["data"]["delivery_id"].as_str());
                *counts
                    .entry(delivery.unwrap_or_default().to_owned())
                    .or_default() += 1;
            }
            assert!(
                counts.values().all(|count| *count == 1),
                "applied twice: {counts:?}"
            );
            tokio::time::sleep(Duration::from_millis(300)).await;
            counts.len() >= WEBHOOKS
        },
    )
    .await;
}

/// A sign-out at one gateway is known at the other within two seconds.
async fn an_ended_session_is_refused_everywhere(house: &House, second: &str) {
    let admin = house.sign_in_admin().await;
    let elsewhere = Client::new(second, Some(admin.token.clone()));
    elsewhere.get("/api/v1/me").await.expect_status(200);
    admin
        .client
        .post("/api/v1/auth/logout")
        .await
        .expect_status(204);
    eventually_within(
        Duration::from_secs(2),
        "the other gateway refuses the token",
        || async { elsewhere.get("/api/v1/me").await.status == 401 },
    )
    .await;
}
