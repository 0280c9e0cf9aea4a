//! Sources: who may manage them, and what a change does to their senders.

use std::time::Duration;

use serde_json::json;
use shared_testkit::eventually;

use crate::support::Inbox;

#[tokio::test(flavor = "multi_thread")]
async fn members_and_strangers_may_not_look_at_the_inbox() {
    let inbox = Inbox::start().await;
    let member = inbox.world.member(&inbox.app);
    for path in ["kinds", "sources", "deliveries", "events", "rejects"] {
        let path = format!("/api/v1/webhooks/{path}");
        inbox.app.anon.get(&path).await.expect_status(401);
        member.get(&path).await.expect_status(403);
        inbox.admin.get(&path).await.expect_status(200);
    }
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_can_be_added_in_its_default_mode() {
    let inbox = Inbox::start().await;
    let kinds = inbox.admin.get("/api/v1/webhooks/kinds").await.json();
    for kind in kinds["items"].as_array().unwrap() {
        let wish = json!({"kind": kind["kind"], "name": kind["title"]});
        let answer = inbox
            .admin
            .post_json("/api/v1/webhooks/sources", &wish)
            .await;
        let made = answer.expect_status(201).json();
        assert_eq!(made["auth_mode"], kind["auth_modes"][0]);
        assert!(made["secret"].as_str().unwrap().len() >= 32);
    }
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_wishes_are_explained_by_field() {
    let inbox = Inbox::start().await;
    inbox.sonarr().await;
    for (wish, status, pointer) in [
        (json!({"kind": "sonarr", "name": "Sonarr"}), 409, "#/name"),
        (json!({"kind": "sonarr", "name": " "}), 422, "#/name"),
        (
            json!({"kind": "plex", "name": "P", "auth_mode": "github"}),
            422,
            "#/auth_mode",
        ),
        (
            json!({"kind": "sonarr", "name": "S", "header_name": "Host"}),
            422,
            "#/header_name",
        ),
        (
            json!({"kind": "generic", "name": "G", "secret": "short"}),
            422,
            "#/secret",
        ),
        (
            json!({"kind": "standard", "name": "W", "secret": "no base64 at all!"}),
            422,
            "#/secret",
        ),
        (
            json!({"kind": "sonarr", "name": "S", "admin": true}),
            400,
            "#/admin",
        ),
    ] {
        let answer = inbox
            .admin
            .post_json("/api/v1/webhooks/sources", &wish)
            .await;
        let body = answer.expect_status(status).json();
        assert_eq!(body["errors"][0]["pointer"], pointer, "{wish}");
    }
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_both_secrets_work_until_the_old_one_expires() {
    let inbox = Inbox::start().await;
    let old = inbox.sonarr().await;
    let path = format!("/api/v1/webhooks/sources/{}/rotate", old.id);
    let rotated = inbox.admin.post(&path).await.expect_status(200).json();
    let mut new = old.clone();
    new.secret = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(new.secret, old.secret);

    inbox
        .send(&old, r#"{"eventType":"Test"}"#)
        .await
        .expect_status(202);
    inbox
        .send(&new, r#"{"eventType":"Test"}"#)
        .await
        .expect_status(202);

    inbox.world.clock.advance(Duration::from_hours(25));
    let inbox = inbox.restart().await;
    inbox
        .send(&old, r#"{"eventType":"Test"}"#)
        .await
        .expect_status(401);
    inbox
        .send(&new, r#"{"eventType":"Test"}"#)
        .await
        .expect_status(202);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_off_or_gone_takes_nothing() {
    let inbox = Inbox::start().await;
    let source = inbox.sonarr().await;
    let path = format!("/api/v1/webhooks/sources/{}", source.id);

    let changed = inbox
        .admin
        .patch_json(&path, &json!({"enabled": false}))
        .await;
    assert_eq!(changed.expect_status(200).json()["enabled"], false);
    inbox.send(&source, "{}").await.expect_status(410);
    let mut stranger = source.clone();
    stranger.secret = "f".repeat(64);
    inbox.send(&stranger, "{}").await.expect_status(401);

    inbox.admin.delete(&path).await.expect_status(204);
    inbox.admin.delete(&path).await.expect_status(404);
    inbox.send(&source, "{}").await.expect_status(401);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_button_makes_a_delivery_that_ends_as_a_test_event() {
    let inbox = Inbox::start().await;
    let source = inbox.source(json!({"kind": "plex", "name": "Plex"})).await;
    let path = format!("/api/v1/webhooks/sources/{}/test", source.id);

    let made = inbox.admin.post(&path).await.expect_status(202).json();

    let id = made["id"].as_str().unwrap();
    eventually("the test is processed", || async {
        inbox.delivery(id).await["state"] == "done"
    })
    .await;
    assert_eq!(
        inbox.delivery(id).await["events"][0]["type"],
        "webhook.test"
    );
    inbox.app.stop().await;
}

#[test]
fn every_route_of_the_reference_is_where_the_gateway_sends_it() {
    let document = serde_json::to_value(webhook_service::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/api/v1/webhooks/sources/{id}/rotate"));
    for (path, operations) in paths {
        assert!(
            path.starts_with("/api/v1/") || path.starts_with("/hooks/v1/"),
            "{path}"
        );
        for operation in operations.as_object().unwrap().values() {
            assert!(operation["operationId"].is_string(), "{path}");
        }
    }
}
