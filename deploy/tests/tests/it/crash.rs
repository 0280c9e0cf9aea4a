//! Power cuts: SIGKILL in the middle of a download and in the middle of deliveries.

use std::{
    collections::{HashMap, HashSet},
    fs,
    future::Future,
    time::{Duration, Instant},
};

use e2e::{House, Person, Shape};
use serde_json::{Value, json};
use shared_testkit::{eventually_within, media::Clip};
use tokio::task::JoinHandle;

use crate::{
    in_both_shapes,
    main_job::{count, files_below, library_id},
    senders::{create_source, deliveries, path_of},
};

in_both_shapes!(
    a_download_survives_a_power_cut,
    no_acknowledged_webhook_is_lost_or_applied_twice
);

async fn a_download_survives_a_power_cut(shape: Shape) {
    let mut house = House::start(shape).await;
    let admin = house.claim().await;
    house.add_plex_server(&admin).await;
    let bob = house.friend("bob").await;
    let videos = library_id(&bob, "Home Videos").await;
    let body = json!({"url": format!("{}/slow-watch/{}", house.media.url, Clip::Big.name()), "library_id": videos});
    let download = bob
        .client
        .post_json("/api/v1/downloads", &body)
        .await
        .expect_status(201)
        .json();
    let id = download["id"].as_str().expect("an id").to_owned();
    eventually_within(
        Duration::from_mins(1),
        "some of the file is there",
        || async {
            files_below(&house.videos_dir()).iter().any(|file| {
                let is_part = file
                    .extension()
                    .is_some_and(|extension| extension == "part");
                is_part && fs::metadata(file).is_ok_and(|file| file.len() > 300_000)
            })
        },
    )
    .await;
    house.deployment.kill(None);
    house.media.set_slow_rate(50_000_000);
    house.deployment.restart().await;
    let done = house.wait_for_download(&bob, &id, "in_plex").await;
    assert_eq!(done["items_done"], 1, "{done}");
    let files = files_below(&house.videos_dir());
    assert_eq!(count(&files, "mp4"), 1, "{files:?}");
    assert_eq!(count(&files, "part"), 0, "{files:?}");
    assert!(
        continued_in_the_middle(&house),
        "the transfer started over instead of continuing"
    );
    let movies = library_id(&bob, "Home Videos").await;
    let page = bob
        .client
        .get(&format!("/api/v1/plex/libraries/{movies}/items"))
        .await
        .expect_status(200)
        .json();
    assert_eq!(page["total"], 1, "{page}");
    let inbox = bob
        .client
        .get("/api/v1/notifications")
        .await
        .expect_status(200)
        .json();
    assert!(
        inbox["items"]
            .as_array()
            .is_some_and(|items| items.len() <= 1),
        "told twice: {inbox}"
    );
}

/// Whether the site was asked for the rest of a file.
fn continued_in_the_middle(house: &House) -> bool {
    let requests = house.media.requests_for("/slow/");
    let ranges = requests
        .iter()
        .filter_map(|request| request.range.as_deref());
    ranges
        .filter_map(|range| {
            range
                .strip_prefix("bytes=")?
                .split('-')
                .next()?
                .parse::<u64>()
                .ok()
        })
        .any(|from| from > 0)
}

async fn no_acknowledged_webhook_is_lost_or_applied_twice(shape: Shape) {
    let mut house = House::start(shape).await;
    let admin = house.claim().await;
    let source = create_source(&admin, "generic", Some("bearer")).await;
    let secret = source["secret"].as_str().expect("a secret").to_owned();
    let (sender, path) = (house.anon().with_token(secret), path_of(&source));
    let mut acknowledged = HashSet::new();
    for round in 0..3 {
        let url = format!("{}{path}", house.deployment.url);
        let senders = (0..4).map(|lane| {
            send_until_cut(
                sender.request(reqwest::Method::POST, &path),
                url.clone(),
                round,
                lane,
            )
        });
        let senders: Vec<_> = senders.map(spawn).collect();
        eventually_within(
            Duration::from_secs(20),
            "deliveries are being stored",
            || async { deliveries(&admin).await.len() > acknowledged.len() + 20 },
        )
        .await;
        house.deployment.kill(None);
        for sender in senders {
            acknowledged.extend(sender.await.expect("the sender ends"));
        }
        house.deployment.restart().await;
    }
    assert!(
        acknowledged.len() > 60,
        "only {} were acknowledged",
        acknowledged.len()
    );
    let stored = all_deliveries_when_settled(&house, &admin).await;
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|id| !stored.contains_key(*id))
        .collect();
    assert!(
        lost.is_empty(),
        "{} acknowledged deliveries are lost",
        lost.len()
    );
    let applied = events_per_delivery(&admin).await;
    let twice: Vec<_> = applied.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "applied more than once: {twice:?}");
    assert!(
        acknowledged.iter().all(|id| applied.contains_key(id)),
        "some were stored but never applied"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test awaits its senders itself"
)]
fn spawn(sender: impl Future<Output = Vec<String>> + Send + 'static) -> JoinHandle<Vec<String>> {
    tokio::spawn(sender)
}

/// Sends numbered webhooks until the connection breaks; the ids of those that were acknowledged.
async fn send_until_cut(
    template: reqwest::RequestBuilder,
    url: String,
    round: usize,
    lane: usize,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0..2000 {
        let request = template.try_clone().expect("no body yet");
        let body = json!({"round": round, "lane": lane, "number": number, "to": url});
        let Ok(response) = request.json(&body).send().await else {
            break;
        };
        if response.status() != 202 {
            break;
        }
        let Ok(body) = response.json::<Value>().await else {
            break;
        };
        acknowledged.extend(body["delivery_id"].as_str().map(str::to_owned));
    }
    acknowledged
}

async fn all_deliveries_when_settled(house: &House, admin: &Person) -> HashMap<String, String> {
    const SETTLED: [&str; 4] = ["done", "ignored", "duplicate", "dead"];
    let started = Instant::now();
    loop {
        let deliveries = collect(admin, "/api/v1/webhooks/deliveries?limit=200").await;
        let text =
            |delivery: &Value, key: &str| delivery[key].as_str().unwrap_or_default().to_owned();
        let all: HashMap<_, _> = deliveries
            .iter()
            .map(|delivery| (text(delivery, "id"), text(delivery, "state")))
            .collect();
        if all.values().all(|state| SETTLED.contains(&state.as_str())) {
            assert!(
                !house.deployment.logs().contains("panicked"),
                "something panicked"
            );
            return all;
        }
        assert!(
            started.elapsed() < Duration::from_secs(90),
            "some deliveries never settle"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn events_per_delivery(admin: &Person) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for event in collect(admin, "/api/v1/webhooks/events?limit=200").await {
        let id = event["delivery_id"]
            .as_str()
            .or_else(|| event["data"]["delivery_id"].as_str())
            .unwrap_or_default();
        *counts.entry(id.to_owned()).or_default() += 1;
    }
    counts
}

/// All pages of a list, at the pace that the limits allow.
async fn collect(admin: &Person, path: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.client.get(&format!("{path}{cursor}")).await;
        if page.status == 429 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        }
        let page = page.expect_status(200).json();
        all.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
