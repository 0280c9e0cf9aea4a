//! API keys.

use std::time::Duration;

use serde_json::{Value, json};
use shared_testkit::{TestResponse, eventually};
use shared_types::access::service;

use crate::rig::{Person, Rig, text};

const PATH: &str = "/api/v1/me/api-keys";

async fn exchange(rig: &Rig, key: &str) -> TestResponse {
    let gateway = rig.service(service::GATEWAY).await;
    let body = json!({"key": key});
    gateway
        .post_json("/internal/api-keys/exchange", &body)
        .await
}

async fn create(person: &Person, scopes: Value) -> Value {
    let body = json!({"name": "script", "scopes": scopes});
    person
        .client
        .post_json(PATH, &body)
        .await
        .expect_status(201)
        .json()
}

#[actix_web::test]
async fn key_01_a_key_is_shown_once_works_and_can_be_removed() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    let created = create(&bob, json!(["downloads", "library:read"])).await;
    let key = text(&created, "key");
    assert!(key.starts_with(&text(&created, "prefix")));

    let exchanged = exchange(&rig, &key).await.expect_status(200).json();
    assert_eq!(exchanged["user_id"], json!(bob.id));
    let script = rig.app.anon.with_token(text(&exchanged, "access_token"));
    let _me = script.get("/api/v1/me").await.expect_status(200);

    let list = bob.client.get(PATH).await.expect_status(200);
    assert!(!list.text().contains(&key));
    assert_eq!(
        list.json()["items"][0]["scopes"],
        json!(["downloads", "library:read"])
    );
    assert!(list.json()["items"][0]["last_used_at"].is_string());

    let path = format!("{PATH}/{}", text(&created, "id"));
    assert_eq!(admin.client.delete(&path).await.problem_code(), "not-found");
    let _gone = bob.client.delete(&path).await.expect_status(204);
    assert_eq!(exchange(&rig, &key).await.status, 401);
    eventually("everybody is told", || async {
        let told = rig.world.events_of("session.revoked.v1");
        told.iter()
            .any(|event| event.data["session_id"] == exchanged["session_id"])
    })
    .await;
}

#[actix_web::test]
async fn key_02_a_key_has_no_more_rights_than_its_owner_and_none_over_accounts() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let bob = rig.member(&admin, "bob").await;
    for scopes in [json!(["audit:read"]), json!(["account"]), json!([])] {
        let body = json!({"name": "script", "scopes": scopes});
        let refused = bob.client.post_json(PATH, &body).await;
        assert_eq!(refused.problem_code(), "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], "#/scopes");
    }
    let key = text(&create(&bob, json!(["downloads"])).await, "key");
    let exchanged = exchange(&rig, &key).await.expect_status(200).json();
    let script = rig.app.anon.with_token(text(&exchanged, "access_token"));
    for path in [
        "/api/v1/me/sessions",
        PATH,
        "/api/v1/users",
        "/api/v1/audit",
    ] {
        assert_eq!(script.get(path).await.problem_code(), "forbidden", "{path}");
    }

    let path = format!("/api/v1/users/{}", bob.id);
    let suspended = admin
        .client
        .patch_json(&path, &json!({"suspended": true}))
        .await;
    let _suspended = suspended.expect_status(200);
    assert_eq!(exchange(&rig, &key).await.status, 401);
}

#[actix_web::test]
async fn key_02_a_key_expires_and_a_wrong_one_is_refused() {
    let rig = Rig::start().await;
    let admin = rig.admin().await;
    let key = text(&create(&admin, json!(["downloads"])).await, "key");
    let parts: Vec<_> = key.split('_').collect();
    let other = format!("mnk_{}_{}_{}", parts[1], "0".repeat(64), parts[3]);
    for wrong in ["", "mnk_", &key[..key.len() - 1], &other] {
        assert_eq!(
            exchange(&rig, wrong).await.problem_code(),
            "unauthenticated"
        );
    }
    rig.world.clock.advance(Duration::from_hours(24 * 91));
    assert_eq!(exchange(&rig, &key).await.status, 401);
}
