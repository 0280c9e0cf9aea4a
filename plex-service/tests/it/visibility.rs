//! Everybody sees what Plex shows them, and nothing else.

use std::time::Duration;

use serde_json::json;
use shared_testkit::eventually;
use shared_types::{access::Role, ids::UserId};
use simulator::{Fault, FaultTarget};

use crate::stage::{Stage, list, text};

#[tokio::test]
async fn two_people_see_what_plex_shares_with_each() {
    let stage = Stage::mirrored().await;
    let (alice, bob) = (stage.member("alice").await, stage.member("bob").await);
    assert!(stage.library(&alice, "Movies").await.is_some());
    assert!(stage.library(&alice, "TV Shows").await.is_none());
    assert!(stage.library(&bob, "Movies").await.is_none());
    assert!(stage.library(&bob, "TV Shows").await.is_some());

    let movies = stage.library(&stage.admin, "Movies").await.expect("movies");
    let movie = &stage.items("Movies").await[0];
    let id = text(&movie["id"]);
    let hidden = [
        format!("/api/v1/plex/libraries/{}/items", text(&movies["id"])),
        format!("/api/v1/plex/items/{id}"),
        format!("/api/v1/plex/items/{id}/children"),
        format!("/api/v1/plex/images/{id}/poster"),
        format!(
            "/api/v1/plex/collections?library_id={}",
            text(&movies["id"])
        ),
    ];
    for path in hidden {
        assert_eq!(bob.get(&path).await.problem_code(), "not-found", "{path}");
    }
    eventually("the search index has the library", || async {
        let found = alice.get("/api/v1/plex/search?q=matrix").await.json();
        !list(&found["items"]).is_empty()
    })
    .await;
    let found = bob.get("/api/v1/plex/search?q=matrix").await.json();
    assert_eq!(found["items"], json!([]));
    let recent = bob.get("/api/v1/plex/recently-added").await.json();
    assert!(
        list(&recent["items"])
            .iter()
            .all(|item| item["library_id"] != movies["id"])
    );
}

#[tokio::test]
async fn accounts_without_plex_or_without_a_share_see_nothing() {
    let stage = Stage::mirrored().await;
    for nobody in [
        stage.member("stranger").await,
        stage.world.member(&stage.app),
    ] {
        let libraries = nobody.get("/api/v1/plex/libraries").await;
        assert_eq!(libraries.expect_status(200).json(), json!([]));
        let recent = nobody.get("/api/v1/plex/recently-added").await.json();
        assert_eq!(recent["items"], json!([]));
    }
}

#[tokio::test]
async fn what_a_person_may_see_is_asked_again_after_ten_minutes() {
    let stage = Stage::mirrored().await;
    let alice = stage.member("alice").await;
    assert!(stage.library(&alice, "Movies").await.is_some());

    stage.plex.revoke_access("alice");

    assert!(
        stage.library(&alice, "Movies").await.is_some(),
        "not asked yet"
    );
    stage.world.clock.advance(Duration::from_mins(11));
    assert!(stage.library(&alice, "Movies").await.is_none());
}

#[tokio::test]
async fn the_last_answer_is_used_for_a_while_when_plex_is_away() {
    let stage = Stage::mirrored().await;
    let alice = stage.member("alice").await;
    assert!(stage.library(&alice, "Movies").await.is_some());
    stage
        .plex
        .set_fault(FaultTarget::Server(0), Some(Fault::InternalError));

    stage.world.clock.advance(Duration::from_mins(11));
    assert!(stage.library(&alice, "Movies").await.is_some());
    stage.world.clock.advance(Duration::from_mins(30));
    assert!(stage.library(&alice, "Movies").await.is_none());
}

#[tokio::test]
async fn nothing_is_guessed_when_auth_does_not_answer() {
    let stage = Stage::mirrored().await;
    let user = UserId::generate(&*stage.world.clock);
    let path = format!("/internal/users/{user}/plex-access");
    stage.world.neighbors.answer(&path, 500, json!({}));
    let person = stage.world.person(&stage.app, user, Role::Member);
    let answer = person.get("/api/v1/plex/libraries").await;
    assert_eq!(answer.problem_code(), "unavailable");
}
