//! People, managed by administrators.

use serde_json::json;
use shared_testkit::eventually;

use crate::rig::{PASSWORD, Rig, text};

#[actix_web::test]
async fn an_administrator_makes_lists_and_changes_people() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let page = admin
        .client
        .get("/api/v1/users?limit=1")
        .await
        .expect_status(200)
        .json();
    assert_eq!(page["items"][0]["username"], "Root");
    let cursor = text(&page, "next_cursor");
    let path = format!("/api/v1/users?limit=1&cursor={cursor}");
    let page = admin.client.get(&path).await.expect_status(200).json();
    assert_eq!(page["items"][0]["username"], "bob");
    assert_eq!(page["items"][0]["status"], "active");
    assert_eq!(page["next_cursor"], json!(null));

    let body = json!({"username": "BOB", "password": PASSWORD});
    let taken = admin.client.post_json("/api/v1/users", &body).await;
    assert_eq!(taken.problem_code(), "conflict");
    let path = format!("/api/v1/users/{}", bob.id);
    let answer = admin
        .client
        .patch_json(&path, &json!({"role": "admin"}))
        .await;
    assert_eq!(answer.expect_status(200).json()["role"], "admin");
    assert_eq!(
        rig.refresh(&bob.refresh_token).await.status,
        401,
        "must sign in again"
    );
    eventually("everybody is told", || async {
        let told = rig.world.events_of("user.updated.v1");
        told.iter().any(|event| event.data["role"] == "admin")
    })
    .await;
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let own = format!("/api/v1/users/{}", admin.id);
    for change in [json!({"role": "member"}), json!({"suspended": true})] {
        let refused = admin.client.patch_json(&own, &change).await;
        assert_eq!(refused.problem_code(), "wrong-state");
    }
    let path = format!("/api/v1/users/{}", bob.id);
    let _two = admin
        .client
        .patch_json(&path, &json!({"role": "admin"}))
        .await
        .expect_status(200);
    let demoted = admin
        .client
        .patch_json(&own, &json!({"role": "member"}))
        .await;
    assert_eq!(demoted.expect_status(200).json()["role"], "member");
}

#[actix_web::test]
async fn az_01_members_manage_nobody_and_nobody_does_nothing() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let user = format!("/api/v1/users/{}", admin.id);
    for path in ["/api/v1/users", &user, "/api/v1/audit"] {
        assert_eq!(
            bob.client.get(path).await.problem_code(),
            "forbidden",
            "{path}"
        );
        assert_eq!(
            rig.app.anon.get(path).await.problem_code(),
            "unauthenticated",
            "{path}"
        );
    }
    let refused = bob
        .client
        .patch_json(&user, &json!({"suspended": true}))
        .await;
    assert_eq!(refused.problem_code(), "forbidden");
    let own = json!({"role": "admin"});
    assert_eq!(
        bob.client
            .patch_json("/api/v1/me", &own)
            .await
            .problem_code(),
        "unknown-field"
    );
    let name = json!({"display_name": " Bob the Builder "});
    let me = bob
        .client
        .patch_json("/api/v1/me", &name)
        .await
        .expect_status(200);
    assert_eq!(me.json()["display_name"], "Bob the Builder");
}
