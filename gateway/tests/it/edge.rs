//! What never gets past the gateway.

use gateway::Config;
use shared_testkit::{Forgery, TestWorld};

use crate::{start, start_with};

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_are_refused_before_any_service_hears_of_them() {
    let world = TestWorld::start().await;
    let app = start(&world).await;
    for forgery in [
        Forgery::NoAlgorithm,
        Forgery::Expired,
        Forgery::WrongAudience,
        Forgery::WrongKind,
        Forgery::ForeignKey,
    ] {
        let answer = app
            .anon
            .with_token(world.neighbors.forged_token(forgery))
            .get("/api/v1/downloads")
            .await;
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (401, "unauthenticated"),
            "{forgery:?}"
        );
    }
    assert_eq!(app.anon.get("/api/v1/downloads").await.status, 401);
    let reached: Vec<_> = world
        .neighbors
        .requests()
        .into_iter()
        .filter(|seen| seen.path.contains("downloads"))
        .collect();
    assert!(reached.is_empty(), "{reached:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_internal_api_is_not_reachable_from_outside() {
    let world = TestWorld::start().await;
    world.neighbors.answer(
        "/internal/servers",
        200,
        serde_json::json!([{"id": "secret"}]),
    );
    let app = start(&world).await;
    let admin = world.admin(&app);
    for path in [
        "/internal/servers",
        "/internal/tokens",
        "/api/v1/internal/servers",
        "/hooks/internal/servers",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.problem_code(), "not-found", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_over_the_limit_is_told_when_to_come_back_and_others_are_not_affected() {
    let world = TestWorld::start().await;
    world.neighbors.answer(
        "/api/v1/downloads",
        200,
        serde_json::json!({"items": [], "next_cursor": null}),
    );
    let config = Config {
        user_per_minute: 60,
        user_burst: 3,
        ..Config::default()
    };
    let app = start_with(&world, config).await;
    let (alice, bob) = (world.member(&app), world.member(&app));
    for left in ["2", "1", "0"] {
        let answer = alice.get("/api/v1/downloads").await.expect_status(200);
        assert!(
            answer.headers["ratelimit"]
                .to_str()
                .is_ok_and(|text| text.contains(&format!("r={left}")))
        );
    }
    let refused = alice.get("/api/v1/downloads").await;
    assert_eq!(
        (refused.status, refused.problem_code().as_str()),
        (429, "rate-limited")
    );
    assert_eq!(refused.headers["retry-after"], "1");
    bob.get("/api/v1/downloads").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_with_or_without_a_declared_length() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/api/v1/downloads", 200, serde_json::json!({}));
    let app = start_with(
        &world,
        Config {
            max_body_bytes: 1000,
            ..Config::default()
        },
    )
    .await;
    let alice = world.member(&app);
    let post = || alice.request(reqwest::Method::POST, "/api/v1/downloads");
    assert_eq!(
        alice
            .send(post().body(vec![b'x'; 1001]))
            .await
            .problem_code(),
        "too-large"
    );
    let chunks =
        futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 500])));
    let chunked = post().body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(alice.send(chunked).await.problem_code(), "too-large");
    alice
        .send(post().body(vec![b'x'; 1000]))
        .await
        .expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers_and_a_request_id() {
    let world = TestWorld::start().await;
    let app = start(&world).await;
    for path in [
        "/",
        "/api/v1/downloads",
        "/api/v1/nothing",
        "/api/v1/openapi.json",
    ] {
        let answer = app.anon.get(path).await;
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert!(
            answer.headers.contains_key("content-security-policy"),
            "{path}"
        );
        assert_eq!(answer.headers["x-request-id"].len(), 32, "{path}");
        assert!(!answer.headers.contains_key("server"), "{path}");
    }
}
