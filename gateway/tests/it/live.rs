//! The event stream: everybody hears what they may know, and a stream that comes back misses nothing.

use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use serde_json::json;
use shared_testkit::{Running, TestWorld, eventually};
use shared_types::{
    access::Role,
    event::{DownloadProgress, DownloadRequested, Event, Progress},
    ids::{DownloadId, UserId},
};

use crate::start;

/// Opens a stream and records its text.
async fn listen(
    world: &TestWorld,
    app: &Running,
    user: UserId,
    last: Option<&str>,
) -> Arc<Mutex<String>> {
    let client = world.person(app, user, Role::Member);
    let mut request = client.request(reqwest::Method::GET, "/api/v1/events");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = request.send().await.expect("the stream opens");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&text);
    app.supervisor.spawn("reader", async move {
        let mut stream = response.bytes_stream();
        while let Some(Ok(chunk)) = stream.next().await {
            heard
                .lock()
                .expect("not poisoned")
                .push_str(&String::from_utf8_lossy(&chunk));
        }
    });
    eventually("the stream says hello", || async {
        contains(&text, "event: hello")
    })
    .await;
    text
}

fn contains(text: &Mutex<String>, part: &str) -> bool {
    text.lock().expect("not poisoned").contains(part)
}

fn requested(world: &TestWorld, user_id: UserId, url: &str) -> Event {
    let download_id = DownloadId::generate(&*world.clock);
    Event::new(
        &*world.clock,
        "download-service",
        &DownloadRequested {
            download_id,
            user_id,
            url: url.to_owned(),
        },
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_hears_of_their_own_downloads_and_of_nobody_elses() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/api/v1/plex/libraries", 200, json!([]));
    let app = start(&world).await;
    let (alice, bob) = (
        UserId::generate(&*world.clock),
        UserId::generate(&*world.clock),
    );
    let (hers, his) = (
        listen(&world, &app, alice, None).await,
        listen(&world, &app, bob, None).await,
    );
    world
        .bus
        .publish(&requested(&world, alice, "https://example.org/hers"))
        .await
        .expect("published");
    let download_id = DownloadId::generate(&*world.clock);
    let progress = DownloadProgress {
        download_id,
        user_id: bob,
        state: "downloading".into(),
        progress: Progress::default(),
    };
    world
        .bus
        .broadcast(&Event::new(&*world.clock, "download-service", &progress))
        .await;
    eventually("both hear their own", || async {
        contains(&hers, "example.org/hers") && contains(&his, "medianest.download.progress.v1")
    })
    .await;
    assert!(!contains(&hers, "download.progress"));
    assert!(!contains(&his, "example.org/hers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_comes_back_gets_what_it_missed_or_is_told_to_reload() {
    let world = TestWorld::start().await;
    let app = start(&world).await;
    let alice = UserId::generate(&*world.clock);
    let first = requested(&world, alice, "https://example.org/first");
    let second = requested(&world, alice, "https://example.org/second");
    let live = listen(&world, &app, alice, None).await;
    for event in [&first, &second] {
        world.bus.publish(event).await.expect("published");
    }
    eventually("both are heard", || async {
        contains(&live, "example.org/second")
    })
    .await;
    let back = listen(&world, &app, alice, Some(&first.id.to_string())).await;
    eventually("the second is replayed", || async {
        contains(&back, "example.org/second")
    })
    .await;
    assert!(!contains(&back, "example.org/first"));
    let stale = listen(
        &world,
        &app,
        alice,
        Some("0199a000-0000-7000-8000-000000000000"),
    )
    .await;
    eventually("a reload is asked for", || async {
        contains(&stale, "event: resync")
    })
    .await;
}
