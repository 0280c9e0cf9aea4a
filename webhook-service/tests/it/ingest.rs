//! What senders get, and what is there when they get it.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared_testkit::eventually;

use crate::support::Inbox;

const GRAB: &str = r#"{"eventType":"Grab","instanceName":"Sonarr","series":{"id":1,"title":"Dark Harbor","tvdbId":4711},
    "episodes":[{"seasonNumber":2,"episodeNumber":3}],"release":{"releaseTitle":"Dark.Harbor.S02E03"},"downloadId":"A1"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_stored_when_it_is_answered_and_then_told_once() {
    let inbox = Inbox::start().await;
    let source = inbox.sonarr().await;

    let receipt = inbox.send(&source, GRAB).await.expect_status(202);

    assert_eq!(receipt.json()["status"], "accepted");
    let id = receipt.json()["delivery_id"].clone();
    assert!(
        inbox
            .deliveries()
            .await
            .iter()
            .any(|delivery| delivery["id"] == id)
    );
    let delivery = inbox.processed(&receipt).await;
    assert_eq!(
        (&delivery["state"], &delivery["event_type"]),
        (&json!("done"), &json!("Grab"))
    );
    assert_eq!(delivery["body_text"], GRAB);
    let event = &delivery["events"][0];
    assert_eq!(event["type"], "download.grabbed");
    assert_eq!(event["data"]["title"], "Dark Harbor");
    assert_eq!(
        (&event["data"]["season"], &event["data"]["episode"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(event["data"]["ids"]["tvdb"], "4711");
    let topic = "webhook.download.grabbed.v1";
    eventually("both events are published", || async {
        inbox.world.has_event(topic) && inbox.world.has_event("webhook.received.v1")
    })
    .await;
    assert_eq!(inbox.world.events_of(topic).len(), 1);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_source_and_wrong_secret_look_alike_and_leave_nothing_but_a_reject() {
    let inbox = Inbox::start().await;
    let mut wrong = inbox.sonarr().await;
    wrong.secret = "0".repeat(64);
    let mut unknown = wrong.clone();
    unknown.path = "/hooks/v1/01993f0e-0000-7000-8000-000000000000".to_owned();
    let mut nonsense = wrong.clone();
    nonsense.path = "/hooks/v1/nonsense/".to_owned();

    let mut seen = Vec::new();
    for source in [&wrong, &unknown, &nonsense] {
        let answer = inbox.send(source, GRAB).await.expect_status(401);
        let mut body = answer.json();
        body["request_id"] = json!(null);
        seen.push(body);
    }

    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
    assert_eq!(seen[0]["code"], "invalid-signature");
    assert!(inbox.deliveries().await.is_empty());
    eventually("the rejects are noted", || async {
        inbox.rejects().await.len() == 3
    })
    .await;
    let rejects = inbox.rejects().await;
    let known = rejects
        .iter()
        .filter(|reject| reject["source_id"] == wrong.id.as_str());
    assert_eq!(known.count(), 1);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_identical_deliveries_at_once_have_one_effect() {
    let inbox = Inbox::start().await;
    let source = inbox.sonarr().await;

    let answers = join_all((0..200).map(|_| inbox.send(&source, GRAB))).await;

    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.json()["status"].clone())
        .collect();
    assert!(answers.iter().all(|answer| answer.status == 202));
    assert_eq!(
        statuses
            .iter()
            .filter(|status| *status == "accepted")
            .count(),
        1
    );
    let deliveries = inbox.deliveries().await;
    let first = deliveries
        .iter()
        .find(|delivery| delivery["duplicate_of"].is_null())
        .unwrap();
    let duplicates = deliveries
        .iter()
        .filter(|delivery| delivery["duplicate_of"] == first["id"]);
    assert_eq!(duplicates.count(), 199);
    eventually("the one event is published", || async {
        inbox.world.has_event("webhook.download.grabbed.v1")
    })
    .await;
    assert_eq!(
        inbox.world.events_of("webhook.download.grabbed.v1").len(),
        1
    );
    assert_eq!(inbox.world.events_of("webhook.received.v1").len(), 1);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_thing_said_in_other_words_is_told_once() {
    let inbox = Inbox::start().await;
    let source = inbox.sonarr().await;

    let first = inbox.send(&source, GRAB).await;
    let second = inbox
        .send(&source, GRAB.replace(": ", ":").replace('\n', " "))
        .await;

    assert_eq!(second.json()["status"], "accepted");
    let first = inbox.processed(&first).await;
    let second = inbox.processed(&second).await;
    assert_eq!(
        second["events"][0]["duplicate_of"],
        first["events"][0]["id"]
    );
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_takes_post_and_put_with_and_without_a_slash_and_explains_itself_to_browsers() {
    let inbox = Inbox::start().await;
    let wish = json!({"kind": "plex", "name": "Plex"});
    let source = inbox.source(wish).await;
    for (method, path) in [
        (Method::POST, source.path.clone()),
        (Method::PUT, format!("{}/", source.path)),
    ] {
        let body = format!(r#"{{"event":"media.play","nonce":"{method}"}}"#);
        let request = inbox.app.anon.request(method, &path).body(body);
        inbox.app.anon.send(request).await.expect_status(202);
    }

    let answer = inbox.app.anon.get(&source.path).await.expect_status(405);

    assert_eq!(answer.headers["allow"], "POST, PUT");
    assert_eq!(answer.problem_code(), "method-not-allowed");
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_size_encoding_type_and_framing_are_refused_after_the_secret_was_right() {
    let inbox = Inbox::start().await;
    let source = inbox.sonarr().await;
    let send = |headers: &'static [(&'static str, &'static str)], body: Vec<u8>| {
        inbox.send_with(&source, headers, body)
    };

    send(&[], vec![b' '; 1024 * 1024 + 1])
        .await
        .expect_status(413);
    send(&[], vec![b' '; 5 * 1024 * 1024])
        .await
        .expect_status(413);
    send(&[("content-encoding", "gzip")], b"x".to_vec())
        .await
        .expect_status(415);
    send(&[("content-type", "text/xml")], b"<a/>".to_vec())
        .await
        .expect_status(415);
    let multipart = &[("content-type", "multipart/form-data; boundary=b")];
    send(multipart, b"--b\r\nno end".to_vec())
        .await
        .expect_status(400);
    assert!(inbox.deliveries().await.is_empty());

    let nonsense = send(
        &[("content-type", "application/json")],
        b"nonsense".to_vec(),
    )
    .await;
    let delivery = inbox.processed(&nonsense).await;
    assert_eq!(delivery["state"], "dead");
    assert!(delivery["error"].as_str().unwrap().starts_with("not json"));
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_sends_too_fast_is_slowed_down_and_others_are_not() {
    let inbox = Inbox::start().await;
    let fast = inbox.sonarr().await;
    let other = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;

    let answers =
        join_all((0..400).map(|n| inbox.send(&fast, format!(r#"{{"eventType":"{n}"}}"#)))).await;

    let slowed = answers
        .iter()
        .find(|answer| answer.status == 429)
        .expect("a limit");
    assert!(slowed.headers.contains_key("retry-after"));
    assert!(answers.iter().filter(|answer| answer.status == 202).count() >= 200);
    inbox.send(&other, GRAB).await.expect_status(202);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_sender_is_shown_again() {
    let inbox = Inbox::start().await;
    let header = inbox.sonarr().await;
    let in_url = inbox.source(json!({"kind": "plex", "name": "Plex"})).await;
    let signed = inbox
        .source(json!({"kind": "github", "name": "GitHub"}))
        .await;
    let first = inbox.send(&header, GRAB).await;
    inbox.send(&in_url, GRAB).await.expect_status(202);
    inbox.processed(&first).await;

    let mut shown = String::new();
    for path in [
        "/api/v1/webhooks/sources".to_owned(),
        format!("/api/v1/webhooks/sources/{}", header.id),
        "/api/v1/webhooks/deliveries".to_owned(),
        "/api/v1/webhooks/rejects".to_owned(),
    ] {
        shown.push_str(&inbox.admin.get(&path).await.expect_status(200).text());
    }
    for delivery in inbox.deliveries().await {
        shown.push_str(
            &inbox
                .delivery(delivery["id"].as_str().unwrap())
                .await
                .to_string(),
        );
    }

    for source in [header, in_url, signed] {
        assert!(!shown.contains(&source.secret));
    }
    inbox.app.stop().await;
}
