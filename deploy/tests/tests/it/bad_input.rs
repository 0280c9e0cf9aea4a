//! What goes wrong gives a clear answer, and nothing else suffers.

use e2e::{House, Person, Shape};
use reqwest::Method;
use serde_json::{Value, json};
use shared_testkit::{Client, Forgery, Neighbors};
use simulator::{Fault, FaultTarget};

use crate::{in_both_shapes, main_job::library_id};

in_both_shapes!(bad_input_gives_a_clear_problem_and_nothing_else_suffers);

async fn bad_input_gives_a_clear_problem_and_nothing_else_suffers(shape: Shape) {
    let house = House::start(shape).await;
    let admin = house.claim().await;
    house.add_plex_server(&admin).await;
    let bob = house.friend("bob").await;
    bad_tokens(&house).await;
    bad_bodies(&house, &bob).await;
    bad_links(&house, &admin, &bob).await;
    a_plex_server_that_is_down(&house, &admin, &bob).await;
    bob.client.get("/api/v1/me").await.expect_status(200);
}

async fn bad_tokens(house: &House) {
    let elsewhere = Neighbors::start();
    for forgery in [
        Forgery::NoAlgorithm,
        Forgery::Expired,
        Forgery::WrongAudience,
        Forgery::WrongKind,
        Forgery::ForeignKey,
    ] {
        let client = house.anon().with_token(elsewhere.forged_token(forgery));
        let answer = client.get("/api/v1/me").await;
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (401, "unauthenticated"),
            "{forgery:?}"
        );
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    for token in ["", "x", "a.b.c", "mnk_unknown_key_00000000"] {
        assert_eq!(
            house
                .anon()
                .with_token(token)
                .get("/api/v1/me")
                .await
                .status,
            401,
            "{token}"
        );
    }
    assert_eq!(
        house.anon().get("/api/v1/me").await.problem_code(),
        "unauthenticated"
    );
    assert_eq!(
        house.anon().get("/internal/tokens").await.problem_code(),
        "not-found"
    );
    assert_eq!(
        house
            .anon()
            .get("/api/v1/nothing-here")
            .await
            .problem_code(),
        "not-found"
    );
    assert_eq!(
        house.anon().get("/api//v1/me").await.problem_code(),
        "malformed"
    );
}

async fn bad_bodies(house: &House, bob: &Person) {
    let answer = bob
        .client
        .post_json(
            "/api/v1/downloads",
            &json!({"url": "https://example.org/v", "admin": true}),
        )
        .await;
    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (400, "unknown-field")
    );
    assert_eq!(answer.json()["errors"][0]["pointer"], "#/admin");
    let huge = json!({"url": "x".repeat(2 * 1024 * 1024)});
    assert_eq!(
        bob.client
            .post_json("/api/v1/downloads", &huge)
            .await
            .problem_code(),
        "too-large"
    );
    let request = bob
        .client
        .request(Method::POST, "/api/v1/downloads")
        .header("content-type", "text/plain")
        .body("{}");
    assert_eq!(
        bob.client.send(request).await.problem_code(),
        "unsupported-media-type"
    );
    let request = bob
        .client
        .request(Method::POST, "/api/v1/downloads")
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(bob.client.send(request).await.problem_code(), "malformed");
    let answer = house
        .anon()
        .post_json(
            "/api/v1/auth/login",
            &json!({"username": "admin", "password": "not the right one"}),
        )
        .await;
    assert_eq!(
        (answer.status, answer.problem_code().as_str()),
        (401, "invalid-credentials")
    );
}

async fn bad_links(house: &House, admin: &Person, bob: &Person) {
    for url in [
        "file:///etc/passwd",
        "http://127.0.0.1:1/x",
        "http://[::1]/x",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://user:password@example.org/x",
        "--exec=id",
        "ytsearch1:cats",
        "http://example.org/#__youtubedl_smuggle=x",
    ] {
        let answer = bob
            .client
            .post_json("/api/v1/downloads", &json!({"url": url}))
            .await;
        assert_eq!(answer.status, 422, "{url}: {}", answer.text());
        assert!(
            answer.json()["detail"]
                .as_str()
                .is_some_and(|detail| detail.len() > 10),
            "{url}: {}",
            answer.text()
        );
    }
    let videos = library_id(bob, "Home Videos").await;
    let no_video = json!({"url": format!("{}/no-video", house.media.url), "library_id": videos});
    let failed = fails(house, bob, &no_video).await;
    assert!(
        failed["error"]["message"]
            .as_str()
            .is_some_and(|text| text.len() > 15),
        "{failed}"
    );
    let to_private = json!({"url": format!("{}/redirect?to=http://127.0.0.1:1/private.mp4", house.media.url), "library_id": videos});
    let blocked = fails(house, admin, &to_private).await;
    assert_eq!(blocked["error"]["class"], "blocked_address", "{blocked}");
}

async fn fails(house: &House, person: &Person, body: &Value) -> Value {
    let download = person
        .client
        .post_json("/api/v1/downloads", body)
        .await
        .expect_status(201)
        .json();
    house
        .wait_for_download(person, download["id"].as_str().expect("an id"), "failed")
        .await
}

async fn a_plex_server_that_is_down(house: &House, admin: &Person, bob: &Person) {
    let nobody = json!({"name": "Nobody", "url": "http://127.0.0.1:9", "token": "x"});
    let answer = admin
        .client
        .post_json("/api/v1/plex/servers", &nobody)
        .await;
    assert!((400..=502).contains(&answer.status), "{}", answer.text());
    assert!(answer.json()["detail"].is_string(), "{}", answer.text());
    house
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::Reset));
    let shows = library_id(bob, "TV Shows").await;
    let page = bob
        .client
        .get(&format!("/api/v1/plex/libraries/{shows}/items"))
        .await
        .expect_status(200)
        .json();
    assert_eq!(page["total"], 5, "the mirror still answers");
    house.plex.set_fault(FaultTarget::Server(0), None);
    house
        .plex
        .set_fault(FaultTarget::PlexTv, Some(Fault::InternalError));
    let answer = house
        .anon()
        .post_json("/api/v1/auth/plex/pins", &json!({}))
        .await;
    assert!(
        [502, 503, 504].contains(&answer.status),
        "{}",
        answer.text()
    );
    house.plex.set_fault(FaultTarget::PlexTv, None);
    let _fine: Client = house.anon();
}
