//! From a committed change to the bus.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use shared_db::{
    Db, Error,
    outbox::{OutboxDepth, append, depth, relay},
};
use shared_types::{
    bus::{Bus, BusError},
    event::Event,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::support::{RecordingBus, StoppedClock, TestDb, clock, event, eventually, on_both};

on_both!(
    an_event_is_published_when_and_only_when_its_change_commits,
    events_of_a_subject_keep_their_order_while_others_pass_a_failing_one,
    two_relays_share_the_work_and_publish_each_event_once,
    published_events_are_forgotten_after_a_day,
    a_stopped_relay_ends_and_leaves_the_rest_pending,
);

/// A running relay; it ends with the test.
struct Running {
    task: JoinSet<()>,
    stop: CancellationToken,
}

impl Running {
    fn start(db: &Db, bus: &Arc<RecordingBus>, clock: StoppedClock) -> Self {
        let stop = CancellationToken::new();
        let bus = Arc::clone(bus) as Arc<dyn Bus>;
        let mut task = JoinSet::new();
        task.spawn(relay(db.clone(), bus, Arc::new(clock), stop.clone()));
        Self { task, stop }
    }

    async fn stop(mut self) {
        self.stop.cancel();
        self.task.join_next().await.unwrap().unwrap();
    }
}

async fn append_all(db: &Db, events: &[Event]) {
    let events = events.to_vec();
    let appended = db.tx(move |conn| events.iter().try_for_each(|event| append(conn, event)));
    appended.await.unwrap();
}

async fn depth_of(db: &Db) -> OutboxDepth {
    db.run(depth).await.unwrap()
}

async fn an_event_is_published_when_and_only_when_its_change_commits(test: TestDb) {
    let bus = RecordingBus::willing();
    let _relay = Running::start(&test.db, &bus, clock());
    let rolled_back = test.db.tx(|conn| {
        append(conn, &event("film-1"))?;
        Err::<(), _>(Error::Configuration("the change failed".to_owned()))
    });
    rolled_back.await.unwrap_err();
    let committed = event("film-1");

    append_all(&test.db, std::slice::from_ref(&committed)).await;

    eventually("the outbox is empty", async || {
        depth_of(&test.db).await.pending == 0
    })
    .await;
    assert_eq!(bus.published(), [committed.id]);
}

async fn events_of_a_subject_keep_their_order_while_others_pass_a_failing_one(test: TestDb) {
    let bus = Arc::new(RecordingBus::new(|event, nth| {
        if event.subject == "bad" && nth < 2 {
            return Err(BusError::Unavailable("not now".to_owned()));
        }
        Ok(())
    }));
    let events: Vec<_> = ["bad", "good", "bad", "good", "bad"].map(event).into();
    append_all(&test.db, &events).await;

    let _relay = Running::start(&test.db, &bus, clock());

    eventually("all are published", async || bus.published().len() == 5).await;
    let ids = |subject| {
        let about = events.iter().filter(move |event| event.subject == subject);
        about.map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(bus.published_about("bad"), ids("bad"));
    assert_eq!(bus.published_about("good"), ids("good"));
    assert_eq!(
        bus.published()[..2],
        ids("good"),
        "a failing subject does not hold up the others"
    );
}

async fn two_relays_share_the_work_and_publish_each_event_once(test: TestDb) {
    let bus = RecordingBus::willing();
    let replica = test.replica().await;
    let _relays = [&test.db, &replica].map(|db| Running::start(db, &bus, clock()));
    let events: Vec<_> = (0..200)
        .map(|n| event(&format!("film-{}", n % 20)))
        .collect();

    for (n, some) in events.chunks(10).enumerate() {
        append_all(if n % 2 == 0 { &test.db } else { &replica }, some).await;
    }

    eventually("the outbox is empty", async || {
        depth_of(&test.db).await.pending == 0
    })
    .await;
    assert_eq!(bus.published().len(), 200);
    assert_eq!(bus.overlaps(), 0);
    for n in 0..20 {
        let subject = format!("film-{n}");
        let expected: Vec<_> = events
            .iter()
            .filter(|event| event.subject == subject)
            .map(|event| event.id)
            .collect();
        assert_eq!(bus.published_about(&subject), expected);
    }
}

async fn published_events_are_forgotten_after_a_day(test: TestDb) {
    let bus = RecordingBus::willing();
    let first = event("film-1");
    append_all(&test.db, std::slice::from_ref(&first)).await;
    let relay = Running::start(&test.db, &bus, clock());
    eventually("it is published", async || {
        depth_of(&test.db).await.pending == 0
    })
    .await;
    relay.stop().await;

    let tomorrow = StoppedClock(clock().0 + TimeDelta::hours(25));
    let _relay = Running::start(&test.db, &bus, tomorrow);

    // The id is free again only when the row is gone.
    eventually("it is forgotten", async || {
        let again = first.clone();
        test.db.tx(move |conn| append(conn, &again)).await.is_ok()
    })
    .await;
}

async fn a_stopped_relay_ends_and_leaves_the_rest_pending(test: TestDb) {
    let mut bus = RecordingBus::new(|_, _| Ok(()));
    bus.latency = Duration::from_millis(100);
    let bus = Arc::new(bus);
    let events: Vec<_> = (0..50).map(|_| event("film-1")).collect();
    append_all(&test.db, &events).await;
    let relay = Running::start(&test.db, &bus, clock());
    eventually("one is published", async || !bus.published().is_empty()).await;

    relay.stop().await;

    let published = bus.published().len();
    let pending = depth_of(&test.db).await.pending;
    assert!(published < 50);
    assert_eq!(pending, 50 - published as u64);
}
