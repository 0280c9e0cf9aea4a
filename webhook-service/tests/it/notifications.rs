//! From an event to somebody's in-app inbox.

use serde_json::json;
use shared_testkit::{Client, eventually};
use shared_types::{
    Clock,
    access::Role,
    event::{DownloadFailed, DownloadInPlex, Event, UserCreated, UserDeleted},
    ids::{DownloadId, UserId},
};

use crate::support::Inbox;

async fn unread(person: &Client) -> Vec<serde_json::Value> {
    let page = person
        .get("/api/v1/notifications")
        .await
        .expect_status(200)
        .json();
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .filter(|item| item["read_at"].is_null())
        .cloned()
        .collect()
}

fn created(clock: &dyn Clock, user: UserId, role: Role) -> Event {
    let fact = UserCreated {
        user_id: user,
        username: "someone".to_owned(),
        display_name: "Someone".to_owned(),
        role,
    };
    Event::new(clock, "auth-service", &fact)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_download_is_told_once_and_nobody_else() {
    let inbox = Inbox::start().await;
    let clock = &*inbox.world.clock;
    let (alice, bob) = (UserId::generate(clock), UserId::generate(clock));
    let fact = DownloadInPlex {
        download_id: DownloadId::generate(clock),
        user_id: alice,
        title: "Tiny Concerts".to_owned(),
        item_ids: Vec::new(),
        plex_url: None,
    };
    let event = Event::new(clock, "download-service", &fact);
    inbox.world.bus.publish(&event).await.unwrap();
    inbox.world.bus.publish(&event).await.unwrap();

    let alice = inbox.world.person(&inbox.app, alice, Role::Member);
    let bob = inbox.world.person(&inbox.app, bob, Role::Member);
    let told = unread(&alice).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["title"], "“Tiny Concerts” is in Plex");
    assert!(unread(&bob).await.is_empty());
    eventually("the browser is told", || async {
        inbox.world.events_of("notification.created.v1").len() == 1
    })
    .await;

    let path = format!(
        "/api/v1/notifications/{}/read",
        told[0]["id"].as_str().unwrap()
    );
    bob.post(&path).await.expect_status(404);
    alice.post(&path).await.expect_status(204);
    assert!(unread(&alice).await.is_empty());
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_are_told_what_a_sender_says() {
    let inbox = Inbox::start().await;
    let clock = &*inbox.world.clock;
    let (boss, member) = (UserId::generate(clock), UserId::generate(clock));
    for (user, role) in [(boss, Role::Admin), (member, Role::Member)] {
        inbox
            .world
            .bus
            .publish(&created(clock, user, role))
            .await
            .unwrap();
    }
    let source = inbox
        .source(json!({"kind": "uptime-kuma", "name": "Kuma"}))
        .await;

    let down = json!({
        "heartbeat": {"monitorID": 3, "status": 0, "time": "2026-08-30 19:02:44.123", "msg": "timeout"},
        "monitor": {"id": 3, "name": "Plex"}, "msg": "down",
    });
    inbox
        .send(&source, down.to_string())
        .await
        .expect_status(202);

    let admin = inbox.world.person(&inbox.app, boss, Role::Admin);
    eventually("the administrator is told", || async {
        !unread(&admin).await.is_empty()
    })
    .await;
    let told = unread(&admin).await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["title"]),
        (&json!("service.down"), &json!("Plex is down"))
    );
    let member = inbox.world.person(&inbox.app, member, Role::Member);
    assert!(unread(&member).await.is_empty());
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_deleted_person_is_erased() {
    let inbox = Inbox::start().await;
    let clock = &*inbox.world.clock;
    let alice = UserId::generate(clock);
    let failed = DownloadFailed {
        download_id: DownloadId::generate(clock),
        user_id: alice,
        title: None,
        class: "private".to_owned(),
        message: "The video is private.".to_owned(),
    };
    let failed = Event::new(clock, "download-service", &failed);
    inbox.world.bus.publish(&failed).await.unwrap();
    let client = inbox.world.person(&inbox.app, alice, Role::Member);
    assert_eq!(unread(&client).await[0]["body"], "The video is private.");

    let gone = Event::new(clock, "auth-service", &UserDeleted { user_id: alice });
    inbox.world.bus.publish(&gone).await.unwrap();

    assert!(unread(&client).await.is_empty());
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_all_empties_only_my_inbox() {
    let inbox = Inbox::start().await;
    let clock = &*inbox.world.clock;
    let people = [UserId::generate(clock), UserId::generate(clock)];
    for user in people {
        let fact = DownloadFailed {
            download_id: DownloadId::generate(clock),
            user_id: user,
            title: Some("Lost".to_owned()),
            class: "gone".to_owned(),
            message: "The video is gone.".to_owned(),
        };
        let event = Event::new(clock, "download-service", &fact);
        inbox.world.bus.publish(&event).await.unwrap();
    }
    let clients = people.map(|user| inbox.world.person(&inbox.app, user, Role::Member));

    clients[0]
        .post("/api/v1/notifications/read-all")
        .await
        .expect_status(204);

    assert!(unread(&clients[0]).await.is_empty());
    assert_eq!(unread(&clients[1]).await.len(), 1);
    inbox.app.stop().await;
}
