//! Nothing that was answered with 202 is lost or happens twice.

use std::path::PathBuf;

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};
use serde_json::json;
use shared_db::assert_migrations_agree;
use shared_testkit::{TestWorld, eventually};

use crate::support::{Inbox, build};

fn movie(id: u32) -> String {
    format!(
        r#"{{"eventType":"MovieAdded","movie":{{"id":{id},"title":"Film {id}","tmdbId":{id}}}}}"#
    )
}

#[test]
fn migrations_agree() {
    assert_migrations_agree(&webhook_service::MIGRATIONS);
}

/// The service's database file; `None` (and a word about it) when the tests run on PostgreSQL.
fn sqlite_file(world: &TestWorld) -> Option<PathBuf> {
    let file = world.dir().join("webhook-service.db");
    if file.exists() {
        return Some(file);
    }
    println!("skipped: this test locks SQLite's file");
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_before_a_crash_is_processed_once_after_it() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let mut ids = Vec::new();
    for n in 1..=20 {
        let receipt = inbox.send(&source, movie(n)).await.expect_status(202);
        ids.push(receipt.json()["delivery_id"].as_str().unwrap().to_owned());
    }
    let Inbox { world, app, .. } = inbox;
    app.crash();

    let app = world.serve(build).await;
    let admin = world.admin(&app);
    let inbox = Inbox { world, app, admin };

    // A lease that the crashed process left behind ends after 20 s.
    let limit = std::time::Duration::from_secs(40);
    shared_testkit::eventually_within(limit, "everything is processed", || async {
        inbox
            .deliveries()
            .await
            .iter()
            .all(|delivery| delivery["state"] == "done")
    })
    .await;
    for id in ids {
        assert_eq!(
            inbox.delivery(&id).await["events"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
    eventually("everything is told", || async {
        inbox.world.events_of("catalog.added.v1").len() >= 20
    })
    .await;
    let mut told: Vec<_> = inbox.world.events_of("catalog.added.v1");
    told.sort_by_key(|event| event.id);
    // A relay that dies between publishing and noting it publishes again: with the same id.
    told.dedup_by_key(|event| event.id);
    assert_eq!(told.len(), 20);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_the_disk_takes_over_and_is_drained_in_order() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    inbox.send(&source, movie(1)).await.expect_status(202);
    let Some(file) = sqlite_file(&inbox.world) else {
        return;
    };
    let mut lock = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    lock.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
        .unwrap();

    let mut sent = Vec::new();
    for n in 2..=6 {
        let receipt = inbox.send(&source, movie(n)).await.expect_status(202);
        sent.push(receipt.json()["delivery_id"].clone());
    }
    assert_eq!(inbox.deliveries().await.len(), 1, "they wait on disk");
    lock.batch_execute("ROLLBACK").unwrap();

    eventually("all of them are processed", || async {
        let deliveries = inbox.deliveries().await;
        deliveries.len() == 6
            && deliveries
                .iter()
                .all(|delivery| delivery["state"] == "done")
    })
    .await;
    let mut stored: Vec<_> = inbox.deliveries().await;
    stored.reverse();
    let stored: Vec<_> = stored[1..]
        .iter()
        .map(|delivery| delivery["id"].clone())
        .collect();
    assert_eq!(stored, sent);
    let spool = inbox.world.dir().join("webhook-spool-0.bin");
    eventually("the file is empty again", || async {
        std::fs::metadata(&spool).unwrap().len() == 0
    })
    .await;
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_on_disk_survives_a_restart() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let Some(file) = sqlite_file(&inbox.world) else {
        return;
    };
    let mut lock = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    lock.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE")
        .unwrap();
    inbox.send(&source, movie(1)).await.expect_status(202);
    let Inbox { world, app, .. } = inbox;
    app.crash();
    lock.batch_execute("ROLLBACK").unwrap();

    let app = world.serve(build).await;
    let admin = world.admin(&app);
    let inbox = Inbox { world, app, admin };

    eventually("it is processed", || async {
        inbox
            .deliveries()
            .await
            .iter()
            .any(|delivery| delivery["state"] == "done")
    })
    .await;
    eventually("it is told", || async {
        inbox.world.has_event("catalog.added.v1")
    })
    .await;
    assert_eq!(inbox.deliveries().await.len(), 1);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_processed_is_tried_again_until_it_works() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let Some(file) = sqlite_file(&inbox.world) else {
        return;
    };
    let mut db = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let broken = "PRAGMA busy_timeout = 5000; CREATE TRIGGER broken BEFORE INSERT ON events \
                  BEGIN SELECT RAISE(ABORT, 'on purpose'); END";
    db.batch_execute(broken).unwrap();
    let receipt = inbox.send(&source, movie(1)).await.expect_status(202);
    let id = receipt.json()["delivery_id"].as_str().unwrap().to_owned();
    eventually("it is tried again", || async {
        let delivery = inbox.delivery(&id).await;
        delivery["attempts_log"].as_array().unwrap().len() >= 2
    })
    .await;
    assert!(!inbox.world.has_event("catalog.added.v1"));

    db.batch_execute("DROP TRIGGER broken").unwrap();
    let delivery = inbox.processed(&receipt).await;

    assert_eq!(delivery["state"], "done");
    let attempts = delivery["attempts_log"].as_array().unwrap();
    assert_eq!(attempts[0]["outcome"], "retry_wait");
    assert_eq!(attempts.last().unwrap()["outcome"], "done");
    assert_eq!(delivery["events"].as_array().unwrap().len(), 1);
    inbox.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_takes_processes_down_is_set_aside() {
    let inbox = Inbox::start().await;
    let source = inbox
        .source(json!({"kind": "radarr", "name": "Radarr"}))
        .await;
    let receipt = inbox.send(&source, movie(1)).await;
    inbox.processed(&receipt).await;
    let Some(file) = sqlite_file(&inbox.world) else {
        return;
    };
    // As three processes that died in the middle of it would have left it.
    let mut db = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    db.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
    let broken = "UPDATE deliveries SET state = 'processing', lease_until = 1, lost_leases = 2";
    assert_eq!(sql_query(broken).execute(&mut db).unwrap(), 1);

    let delivery = inbox.processed(&receipt).await;

    assert_eq!(delivery["state"], "dead");
    assert!(delivery["error"].as_str().unwrap().starts_with("poison"));
    inbox.app.stop().await;
}
