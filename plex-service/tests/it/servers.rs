//! Adding, testing, changing and removing servers.

use serde_json::json;
use shared_testkit::eventually;
use shared_types::{access::Role, ids::UserId};

use crate::stage::{Stage, list, text};

async fn refusal(stage: &Stage, body: serde_json::Value) -> (u16, String) {
    let answer = stage.admin.post_json("/api/v1/plex/servers", &body).await;
    let pointer = answer.json()["errors"][0]["pointer"].clone();
    (
        answer.status,
        pointer.as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn a_server_is_added_and_its_token_is_never_shown() {
    let stage = Stage::empty().await;
    let token = stage.plex.owner_token();
    let body = json!({"url": stage.plex.server_url(0), "token": token});

    let answer = stage.admin.post_json("/api/v1/plex/servers", &body).await;

    let answer = answer.expect_status(201);
    let server = answer.json();
    assert_eq!(server["state"], "up");
    assert_eq!(server["name"], "Living Room");
    assert_eq!(
        server["machine_identifier"],
        stage.plex.machine_identifier(0)
    );
    assert!(!answer.text().contains(&token));
    let id = text(&server["id"]);
    stage.sync_is_done(&id).await;
    let listed = stage.admin.get("/api/v1/plex/servers").await;
    assert!(listed.json()["items"][0]["last_synced_at"].is_string());
    assert!(!listed.text().contains(&token));
    let again = stage.admin.post_json("/api/v1/plex/servers", &body).await;
    assert_eq!(again.problem_code(), "conflict");
    assert_eq!(stage.items("Movies").await.len(), 30);
    assert_eq!(stage.world.events_of("library.synced.v1").len(), 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_server_is_said_at_its_field() {
    let stage = Stage::empty().await;
    let token = stage.plex.owner_token();
    let plex = stage.plex.server_url(0);
    let nobody = json!({"url": "http://127.0.0.1:9", "token": token});
    assert_eq!(refusal(&stage, nobody).await, (422, "#/url".to_owned()));
    let refused = json!({"url": plex, "token": "wrong"});
    assert_eq!(refusal(&stage, refused).await, (422, "#/token".to_owned()));
    let other = json!({"url": stage.world.neighbors.url(), "token": token});
    assert_eq!(refusal(&stage, other).await, (422, "#/url".to_owned()));
    let odd = json!({"url": "file:///etc/passwd", "token": token});
    assert_eq!(refusal(&stage, odd).await, (422, "#/url".to_owned()));
    let unknown = json!({"url": plex, "token": token, "admin": true});
    assert_eq!(refusal(&stage, unknown).await, (400, "#/admin".to_owned()));
    let servers = stage.admin.get("/api/v1/plex/servers").await.json();
    assert_eq!(servers["items"], json!([]));
}

#[tokio::test]
async fn members_and_strangers_do_not_manage_servers() {
    let stage = Stage::mirrored().await;
    let id = stage.server_id().await;
    let member = stage.member("alice").await;
    for path in [
        "/api/v1/plex/servers".to_owned(),
        format!("/api/v1/plex/servers/{id}/sync"),
    ] {
        assert_eq!(member.get(&path).await.problem_code(), "forbidden");
        assert_eq!(
            stage.app.anon.get(&path).await.problem_code(),
            "unauthenticated"
        );
    }
    let path = format!("/api/v1/plex/servers/{id}");
    assert_eq!(member.delete(&path).await.status, 403);
    assert_eq!(
        member.patch_json(&path, &json!({"name": "x"})).await.status,
        403
    );
}

#[tokio::test]
async fn a_server_is_renamed_and_removed_with_its_libraries() {
    let stage = Stage::mirrored().await;
    let path = format!("/api/v1/plex/servers/{}", stage.server_id().await);

    let renamed = stage
        .admin
        .patch_json(&path, &json!({"name": "Attic"}))
        .await;
    let refused = stage
        .admin
        .patch_json(&path, &json!({"token": "wrong"}))
        .await;
    let elsewhere = stage
        .admin
        .patch_json(&path, &json!({"url": "http://127.0.0.1:9"}))
        .await;
    let removed = stage.admin.delete(&path).await;

    assert_eq!(
        elsewhere.json()["errors"][0]["pointer"],
        "#/token",
        "the stored token is not sent to another address"
    );
    assert_eq!(renamed.expect_status(200).json()["name"], "Attic");
    assert_eq!(refused.problem_code(), "invalid");
    assert_eq!(removed.status, 204);
    let libraries = stage.admin.get("/api/v1/plex/libraries").await.json();
    assert_eq!(libraries, json!([]));
    let found = stage.admin.get("/api/v1/plex/search?q=matrix").await.json();
    assert_eq!(found["items"], json!([]));
}

#[tokio::test]
async fn other_services_learn_servers_and_folders_and_people_do_not() {
    let stage = Stage::mirrored().await;
    let service = |from: &str| {
        let token = stage.world.neighbors.service_token(from, "plex-service");
        stage.app.anon.with_token(token)
    };
    let servers = service("auth-service")
        .get("/internal/servers")
        .await
        .json();
    assert_eq!(
        servers[0]["machine_identifier"],
        stage.plex.machine_identifier(0)
    );
    let libraries = service("download-service")
        .get("/internal/libraries")
        .await
        .json();
    let videos = list(&libraries)
        .into_iter()
        .find(|library| library["agent"] == "com.plexapp.agents.none")
        .expect("the home videos");
    assert_eq!(videos["locations"], json!([stage.videos.path()]));
    assert_eq!(
        service("gateway").get("/internal/libraries").await.status,
        403
    );
    assert_eq!(stage.admin.get("/internal/servers").await.status, 401);
}

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let stage = Stage::mirrored().await.restart().await;
    assert_eq!(stage.items("Movies").await.len(), 30);
    eventually("the search index is read again", || async {
        let found = stage.admin.get("/api/v1/plex/search?q=matrix").await.json();
        found["items"] != json!([])
    })
    .await;
    let user = UserId::generate(&*stage.world.clock);
    let admin = stage.world.person(&stage.app, user, Role::Admin);
    let id = stage.server_id().await;
    let tested = admin.post(&format!("/api/v1/plex/servers/{id}/test")).await;
    assert_eq!(tested.expect_status(200).json()["state"], "up");
}
