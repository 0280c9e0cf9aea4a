//! What takes long with the real delays: leases that end, and events that are given up.

use std::{sync::Arc, time::Duration};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use shared_types::{
    Clock,
    bus::{Bus, BusError},
    event::Event,
    ids::EventId,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    append, depth,
    queue::{Failure, FailureKind, Finished, Policy, Run, claim, settle},
    relay::Relay,
};
use crate::{
    Db, Error, Id, on_db,
    schema::outbox,
    support::{RecordingBus, TestDb, clock, event, eventually, on_both},
};

on_both!(
    an_event_published_by_a_relay_that_died_is_published_again_with_its_id,
    an_event_refused_too_often_is_dead_and_lets_the_next_pass,
    a_bus_that_is_away_for_long_kills_no_event,
    a_commit_wakes_the_relay,
    a_relay_that_slept_past_its_lease_changes_nothing,
);

fn quick() -> Policy {
    Policy {
        lease: Duration::from_millis(300),
        run_time: Duration::from_millis(100),
        publish_timeout: Duration::from_secs(10),
        unavailable_cap: Duration::from_millis(2),
        rejected_cap: Duration::from_millis(2),
        poll: Duration::from_millis(10),
        ..Policy::default()
    }
}

fn start(db: &Db, bus: &Arc<RecordingBus>, policy: Policy) -> JoinSet<()> {
    let bus = Arc::clone(bus) as Arc<dyn Bus>;
    let relay = Relay::new(db.clone(), bus, Arc::new(clock()), policy);
    let mut task = JoinSet::new();
    task.spawn(relay.run(CancellationToken::new()));
    task
}

async fn append_to(db: &Db, event: &Event) {
    let event = event.clone();
    db.tx(move |conn| append(conn, &event)).await.unwrap();
}

async fn claim_all(db: &Db, policy: Policy) -> Vec<Run> {
    db.tx(move |conn| claim(conn, 10, &policy)).await.unwrap()
}

async fn settle_one(db: &Db, finished: Finished) {
    let settled = db.tx(move |conn| settle(conn, &finished, &quick(), clock().now()));
    settled.await.unwrap();
}

/// State, rejections and last error.
async fn row(db: &Db, event: EventId) -> (String, i32, Option<String>) {
    let columns = (outbox::state, outbox::rejections, outbox::last_error);
    let row = db.run(move |conn| {
        Ok::<_, Error>(on_db!(conn, c => outbox::table
            .filter(outbox::id.eq(Id::from(event)))
            .select(columns)
            .first(c))?)
    });
    row.await.unwrap()
}

async fn an_event_published_by_a_relay_that_died_is_published_again_with_its_id(test: TestDb) {
    let event = event("film-1");
    append_to(&test.db, &event).await;
    let bus = RecordingBus::willing();
    // The first relay claims and publishes, and dies before it can note it.
    let claimed = claim_all(&test.db, quick()).await;
    assert_eq!(claimed.len(), 1);
    bus.publish(&event).await.unwrap();

    let _relay = start(&test.db, &bus, quick());

    eventually("it is published again", async || {
        bus.published() == [event.id, event.id]
    })
    .await;
}

async fn an_event_refused_too_often_is_dead_and_lets_the_next_pass(test: TestDb) {
    let bad = event("film-1");
    let good = event("film-1");
    append_to(&test.db, &bad).await;
    append_to(&test.db, &good).await;
    let refused = bad.id;
    let bus = Arc::new(RecordingBus::new(move |event, _| {
        if event.id != refused {
            return Ok(());
        }
        Err(BusError::Rejected {
            consumer: "indexer".to_owned(),
            reason: "no such film".to_owned(),
        })
    }));

    let _relay = start(&test.db, &bus, quick());

    eventually("the next one passes", async || bus.published() == [good.id]).await;
    let (state, rejections, error) = row(&test.db, bad.id).await;
    assert_eq!(
        (state.as_str(), rejections, bus.tries(bad.id)),
        ("dead", 8, 8)
    );
    assert!(error.unwrap().contains("no such film"));
    assert_eq!(test.db.run(depth).await.unwrap().dead, 1);
}

async fn a_bus_that_is_away_for_long_kills_no_event(test: TestDb) {
    let event = event("film-1");
    append_to(&test.db, &event).await;
    let bus = Arc::new(RecordingBus::new(|_, nth| {
        if nth < 20 {
            return Err(BusError::Unavailable("connection refused".to_owned()));
        }
        Ok(())
    }));

    let _relay = start(&test.db, &bus, quick());

    eventually("it is published", async || bus.published() == [event.id]).await;
}

async fn a_commit_wakes_the_relay(test: TestDb) {
    let bus = RecordingBus::willing();
    let never = Policy {
        poll: Duration::from_hours(1),
        ..quick()
    };
    let _relay = start(&test.db, &bus, never);
    for _ in 0..3 {
        let event = event("film-1");

        append_to(&test.db, &event).await;

        eventually("it is published", async || {
            bus.published().contains(&event.id)
        })
        .await;
    }
}

async fn a_relay_that_slept_past_its_lease_changes_nothing(test: TestDb) {
    let event = event("film-1");
    append_to(&test.db, &event).await;
    let ended = Policy {
        lease: Duration::ZERO,
        ..quick()
    };
    let mut sleeper = claim_all(&test.db, ended).await;
    let late = sleeper.remove(0);
    // SQLite's clock has milliseconds: the lease ends with the next one.
    eventually("another relay takes over", async || {
        !claim_all(&test.db, Policy::default()).await.is_empty()
    })
    .await;

    let row_of_sleeper = late.rows[0].clone();
    settle_one(
        &test.db,
        Finished {
            head: row_of_sleeper.seq,
            lease: late.lease,
            published: Vec::new(),
            failure: Some(Failure {
                row: row_of_sleeper,
                kind: FailureKind::Unreadable,
                error: "woke up too late".to_owned(),
            }),
        },
    )
    .await;

    assert_eq!(
        row(&test.db, event.id).await,
        ("pending".to_owned(), 0, None)
    );
    let still_leased = claim_all(&test.db, Policy::default()).await;
    assert!(still_leased.is_empty(), "the other relay keeps its lease");
}
