//! Cookies and keys: exchanged for a token, guarded against other sites, dead at once when revoked.

use reqwest::Method;
use serde_json::json;
use shared_testkit::{Client, Running, TestWorld, eventually};
use shared_types::{
    access::{Claims, Role},
    event::{Event, SessionRevoked},
    ids::{SessionId, UserId},
};

use crate::{start, start_with};
use gateway::Config;

/// A world in which auth-service knows one session; gives its user and session id.
fn with_session(world: &TestWorld) -> (UserId, SessionId) {
    let user = UserId::generate(&*world.clock);
    let token = world.neighbors.person_token(user, Role::Member);
    let claims: Claims = decode(&token);
    let answer = json!({"access_token": token, "expires_in": 600, "user_id": user, "session_id": claims.sid});
    world
        .neighbors
        .answer("/internal/sessions/exchange", 200, answer.clone());
    world
        .neighbors
        .answer("/internal/api-keys/exchange", 200, answer);
    world
        .neighbors
        .answer("/api/v1/me", 200, json!({"id": user}));
    (user, claims.sid)
}

fn decode(token: &str) -> Claims {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("claims")
}

fn with_cookie(app: &Running, method: Method) -> (Client, reqwest::RequestBuilder) {
    let client = app.anon.clone();
    let request = client
        .request(method, "/api/v1/me")
        .header("cookie", "theme=dark; mn_session=abc");
    (client, request)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_exchanged_once_and_the_service_sees_only_the_token() {
    let world = TestWorld::start().await;
    with_session(&world);
    let app = start(&world).await;
    for _ in 0..3 {
        let (client, request) = with_cookie(&app, Method::GET);
        client.send(request).await.expect_status(200);
    }
    let seen = world.neighbors.requests();
    assert_eq!(
        seen.iter()
            .filter(|seen| seen.path == "/internal/sessions/exchange")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_cookie_must_come_from_our_own_page() {
    let world = TestWorld::start().await;
    with_session(&world);
    let app = start(&world).await;
    let (client, bare) = with_cookie(&app, Method::PATCH);
    assert_eq!(client.send(bare).await.problem_code(), "cross-site");
    let (client, foreign) = with_cookie(&app, Method::PATCH);
    let foreign = foreign
        .header("origin", "http://evil.example")
        .header("x-medianest", "1");
    assert_eq!(client.send(foreign).await.problem_code(), "cross-site");
    let (client, ours) = with_cookie(&app, Method::PATCH);
    let ours = ours
        .header("sec-fetch-site", "same-origin")
        .header("x-medianest", "1");
    client.send(ours).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_is_refused_although_its_token_is_cached() {
    let world = TestWorld::start().await;
    let (user_id, session_id) = with_session(&world);
    let app = start(&world).await;
    let (client, request) = with_cookie(&app, Method::GET);
    client.send(request).await.expect_status(200);
    let event = Event::new(
        &*world.clock,
        "auth-service",
        &SessionRevoked {
            session_id,
            user_id,
        },
    );
    world.bus.publish(&event).await.expect("published");
    eventually("the session is refused", || async {
        let (client, request) = with_cookie(&app, Method::GET);
        client.send(request).await.status == 401
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_stands_for_its_owner() {
    let world = TestWorld::start().await;
    with_session(&world);
    let app = start(&world).await;
    app.anon
        .with_token("mnk_id_secret_crc")
        .get("/api/v1/me")
        .await
        .expect_status(200);
    world
        .neighbors
        .answer("/internal/api-keys/exchange", 401, json!({}));
    let answer = app
        .anon
        .with_token("mnk_other_secret_crc")
        .get("/api/v1/me")
        .await;
    assert_eq!(answer.problem_code(), "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_auth_is_away_a_cookie_gives_503_and_never_access() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/internal/sessions/exchange", 500, json!({}));
    let app = start(&world).await;
    let (client, request) = with_cookie(&app, Method::GET);
    assert_eq!(client.send(request).await.problem_code(), "unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_key_that_is_still_good_works_again_after_a_change_of_role() {
    let world = TestWorld::start().await;
    let (user_id, session_id) = with_session(&world);
    let app = start(&world).await;
    let script = app.anon.with_token("mnk_id_secret_crc");
    script.get("/api/v1/me").await.expect_status(200);
    let mut event = Event::new(
        &*world.clock,
        "auth-service",
        &SessionRevoked {
            session_id,
            user_id,
        },
    );
    event.time -= chrono::TimeDelta::seconds(5);
    world.bus.publish(&event).await.expect("published");
    eventually("the key is exchanged again", || async {
        script.get("/api/v1/me").await.expect_status(200);
        let requests = world.neighbors.requests();
        let exchanges = requests
            .iter()
            .filter(|seen| seen.path.contains("api-keys"));
        exchanges.count() >= 2
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_session_cookies_is_limited_before_auth_is_asked() {
    let world = TestWorld::start().await;
    world
        .neighbors
        .answer("/internal/sessions/exchange", 401, json!({}));
    let config = Config {
        exchange_per_minute: 60,
        exchange_burst: 5,
        ..Config::default()
    };
    let app = start_with(&world, config).await;
    let mut statuses = Vec::new();
    for number in 0..12 {
        let cookie = format!("mn_session=guess-{number}");
        let request = app
            .anon
            .request(Method::GET, "/api/v1/me")
            .header("cookie", cookie);
        statuses.push(app.anon.send(request).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let asked = world.neighbors.requests();
    assert!(
        asked
            .iter()
            .filter(|seen| seen.path.contains("exchange"))
            .count()
            <= 6
    );
}
