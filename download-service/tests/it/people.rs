//! Owners, quotas, repeated requests, and people who leave.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared_types::{
    access::Role,
    event::{Event, UserDeleted},
    ids::UserId,
};

use crate::rig::{Rig, submit};

const LINK: &str = "https://example.org/video";

#[tokio::test]
async fn a_foreign_download_does_not_exist() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let (alice, bob, admin) = (
        rig.world.member(&app),
        rig.world.member(&app),
        rig.world.admin(&app),
    );
    let id = submit(&alice, LINK).await;

    for path in ["", "/items", "/log"] {
        let path = format!("/api/v1/downloads/{id}{path}");
        assert_eq!(bob.get(&path).await.problem_code(), "not-found", "{path}");
        assert_eq!(app.anon.get(&path).await.status, 401);
        assert_eq!(admin.get(&path).await.status, 200);
        assert_eq!(alice.get(&path).await.status, 200);
    }
    for order in ["pause", "resume", "cancel", "retry"] {
        assert_eq!(
            bob.post(&format!("/api/v1/downloads/{id}/{order}"))
                .await
                .status,
            404,
            "{order}"
        );
    }
    assert_eq!(
        bob.delete(&format!("/api/v1/downloads/{id}?files=true"))
            .await
            .status,
        404
    );
    assert_eq!(
        bob.get("/api/v1/downloads").await.json()["items"],
        json!([])
    );
    assert_eq!(
        admin.get("/api/v1/downloads").await.json()["items"][0]["id"],
        id
    );
    assert_eq!(alice.get("/api/v1/downloads/nonsense").await.status, 404);
    assert_eq!(
        alice
            .delete(&format!("/api/v1/downloads/{id}"))
            .await
            .status,
        204
    );
    app.stop().await;
}

#[tokio::test]
async fn the_quota_holds_even_when_many_requests_come_at_once() {
    let rig = Rig::start().await;
    let mut config = rig.held();
    config.quotas.downloads_per_hour = 3;
    let app = rig.serve(config).await;
    let alice = rig.world.member(&app);

    let body = json!({"url": LINK});
    let answers =
        join_all((0..8).map(|_request| alice.post_json("/api/v1/downloads", &body))).await;

    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(taken, 3);
    let refused = answers
        .iter()
        .find(|answer| answer.status != 201)
        .expect("one too many");
    assert_eq!(
        (refused.status, refused.problem_code().as_str()),
        (429, "quota-exceeded")
    );
    let seconds: u64 = refused.headers["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((3500..=3601).contains(&seconds), "{seconds}");

    let usage = alice
        .get("/api/v1/downloads/usage")
        .await
        .expect_status(200)
        .json();
    assert_eq!(usage["items"][0]["name"], "downloads_per_hour");
    assert_eq!(
        (&usage["items"][0]["used"], &usage["items"][0]["limit"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(
        rig.world
            .member(&app)
            .post_json("/api/v1/downloads", &body)
            .await
            .status,
        201
    );
    rig.world
        .clock
        .advance(std::time::Duration::from_secs(3601));
    assert_eq!(
        alice.post_json("/api/v1/downloads", &body).await.status,
        201
    );
    app.stop().await;
}

#[tokio::test]
async fn a_repeated_request_with_the_same_key_submits_once() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);
    let post = |url: &str| {
        let request = alice.request(Method::POST, "/api/v1/downloads");
        alice.send(
            request
                .header("Idempotency-Key", "k-1")
                .json(&json!({"url": url})),
        )
    };

    let first = post(LINK).await.expect_status(201).json();
    let second = post(LINK).await.expect_status(202).json();
    let other = post("https://example.org/other").await;

    assert_eq!(first["id"], second["id"]);
    assert_eq!(
        (other.status, other.problem_code().as_str()),
        (409, "idempotency-conflict")
    );
    assert_eq!(
        alice.get("/api/v1/downloads").await.json()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    app.stop().await;
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let alice = rig.world.member(&app);
    let mut ids = Vec::new();
    for name in ["one", "two", "100%25"] {
        ids.push(submit(&alice, &format!("https://example.org/{name}")).await);
    }
    alice
        .post(&format!("/api/v1/downloads/{}/cancel", ids[0]))
        .await
        .expect_status(200);

    let first = alice
        .get("/api/v1/downloads?limit=2")
        .await
        .expect_status(200)
        .json();
    let cursor = first["next_cursor"].as_str().expect("more");
    let rest = alice
        .get(&format!("/api/v1/downloads?limit=2&cursor={cursor}"))
        .await
        .json();

    assert_eq!(
        (&first["items"][0]["id"], &rest["items"][0]["id"]),
        (&json!(ids[2]), &json!(ids[0]))
    );
    assert_eq!(rest["next_cursor"], json!(null));
    let cancelled = alice.get("/api/v1/downloads?state=cancelled").await.json();
    assert_eq!(cancelled["items"][0]["id"], ids[0]);
    let found = alice.get("/api/v1/downloads?q=TWO").await.json();
    assert_eq!(
        (
            found["items"].as_array().map(Vec::len),
            &found["items"][0]["id"]
        ),
        (Some(1), &json!(ids[1]))
    );
    assert_eq!(
        alice.get("/api/v1/downloads?cursor=x").await.problem_code(),
        "invalid-cursor"
    );
    assert_eq!(
        alice.get("/api/v1/downloads?page=2").await.problem_code(),
        "unknown-field"
    );
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_kept_of_a_person_who_left() {
    let rig = Rig::start().await;
    let app = rig.serve(rig.held()).await;
    let gone = UserId::generate(&*rig.world.clock);
    let (alice, admin) = (
        rig.world.person(&app, gone, Role::Member),
        rig.world.admin(&app),
    );
    submit(&alice, LINK).await;
    let kept = submit(&admin, LINK).await;

    let event = Event::new(
        &*rig.world.clock,
        "auth-service",
        &UserDeleted { user_id: gone },
    );
    rig.world.bus.publish(&event).await.expect("handled");

    let left = admin.get("/api/v1/downloads").await.json();
    assert_eq!(
        (
            left["items"].as_array().map(Vec::len),
            &left["items"][0]["id"]
        ),
        (Some(1), &json!(kept))
    );
    let usage = alice.get("/api/v1/downloads/usage").await.json();
    assert_eq!(usage["items"][0]["used"], 0);
    app.stop().await;
}

#[test]
fn every_route_is_documented() {
    let api = serde_json::to_value(download_service::openapi()).expect("serializes");
    let paths: Vec<_> = api["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .cloned()
        .collect();
    assert_eq!(paths.len(), 12, "{paths:?}");
    assert!(
        paths
            .iter()
            .all(|path| path.starts_with("/api/v1/downloads")),
        "{paths:?}"
    );
}
