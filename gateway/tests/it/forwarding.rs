//! What a service gets to see, and what happens when it is away.

use reqwest::Method;
use serde_json::json;
use shared_testkit::TestWorld;
use shared_types::access::Role;

use crate::start;

#[tokio::test(flavor = "multi_thread")]
async fn identity_headers_of_clients_never_reach_a_service() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/api/v1/downloads", 200, json!({"items": []}));
    let app = start(&world).await;
    let user = shared_types::ids::UserId::generate(&*world.clock);
    let token = world.neighbors.person_token(user, Role::Member);
    let alice = app.anon.with_token(token.clone());
    let request = alice
        .request(Method::GET, "/api/v1/downloads?state=queued")
        .header("x-user-id", "admin")
        .header("x-mn-role", "admin")
        .header("x-auth-request-user", "admin")
        .header("x-forwarded-for", "8.8.8.8")
        .header("forwarded", "for=8.8.8.8")
        .header("x_user", "admin")
        .header("connection", "x-forwarded-for, authorization")
        .header("x-request-id", "chosen-by-the-client")
        .header("cookie", "mn_session=x")
        .header("accept-language", "de");
    alice.send(request).await.expect_status(200);
    let seen = world
        .neighbors
        .requests()
        .into_iter()
        .find(|seen| seen.path.starts_with("/api/v1/downloads"))
        .expect("it arrived");
    assert_eq!(seen.path, "/api/v1/downloads?state=queued");
    assert_eq!(seen.header("authorization"), [format!("Bearer {token}")]);
    assert_eq!(seen.header("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(seen.header("accept-language"), ["de"]);
    assert_ne!(seen.header("x-request-id"), ["chosen-by-the-client"]);
    for name in [
        "x-user-id",
        "x-mn-role",
        "x-auth-request-user",
        "forwarded",
        "x_user",
        "cookie",
    ] {
        assert!(seen.header(name).is_empty(), "{name} got through");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_gives_503_and_the_others_keep_answering() {
    let mut world = TestWorld::start().await;
    world.common.services.plex_url = None;
    world
        .neighbors
        .answer("/api/v1/downloads", 200, json!({"items": []}));
    let app = world
        .serve(|mut parts| {
            parts.urls.plex = "http://127.0.0.1:9".to_owned();
            gateway::build(gateway::Config::default(), parts)
        })
        .await;
    let alice = world.member(&app);
    for _ in 0..8 {
        let answer = alice.get("/api/v1/plex/libraries").await;
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (503, "unavailable")
        );
        assert!(answer.headers.contains_key("retry-after"));
    }
    alice.get("/api/v1/downloads").await.expect_status(200);
    let services = world
        .admin(&app)
        .get("/api/v1/system/services")
        .await
        .expect_status(200)
        .json();
    let plex = services["items"]
        .as_array()
        .and_then(|all| {
            all.iter()
                .find(|one| one["name"] == "plex-service")
                .cloned()
        })
        .expect("listed");
    assert_eq!(
        (plex["state"].as_str(), plex["breaker"].as_str()),
        (Some("down"), Some("open")),
        "{plex}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_reaches_the_inbox_with_its_own_credentials() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/hooks/v1/some-source", 202, json!({"status": "accepted"}));
    let app = start(&world).await;
    let sender = app.anon.with_token("the-sources-own-secret");
    sender
        .post_json("/hooks/v1/some-source", &json!({"a": 1}))
        .await
        .expect_status(202);
    let seen = world.neighbors.requests();
    let seen = seen
        .iter()
        .find(|seen| seen.path.starts_with("/hooks"))
        .expect("it arrived");
    assert_eq!(
        seen.header("authorization"),
        ["Bearer the-sources-own-secret"]
    );
    assert_eq!(seen.body, br#"{"a":1}"#);
}
