//! What every bus does.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, StreamExt};
use shared_types::bus::{Bus, BusError, Outcome};
use tokio::{sync::Semaphore, time::timeout};

use crate::rig::{Consuming, LIMIT, Recorder, event, eventually, next_subjects, relay};

fn retry() -> Outcome {
    Outcome::Retry {
        after: Duration::from_millis(10),
        reason: "not yet".to_owned(),
    }
}

fn dead() -> Outcome {
    Outcome::Dead {
        reason: "makes no sense".to_owned(),
    }
}

pub(crate) async fn a_consumer_gets_the_events_of_its_topics(bus: Arc<dyn Bus>) {
    let recorder = Recorder::content();
    let topics = ["download.*.v1", "webhook.#"];
    let consuming = Consuming::start(&bus, "one", &topics, &recorder).await;
    let wanted = event("download.finished.v1", "d1").with_traceparent(Some(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
    ));

    bus.publish(&wanted).await.unwrap();
    bus.publish(&event("library.synced.v1", "l1"))
        .await
        .unwrap();
    bus.publish(&event("webhook.received.v1", "w1"))
        .await
        .unwrap();

    eventually("both events", || recorder.seen().len() == 2).await;
    assert!(recorder.seen().contains(&wanted));
    assert!(recorder.subjects().contains(&"w1".to_owned()));
    consuming.stop().await;
}

pub(crate) async fn every_consumer_gets_its_own_copy(bus: Arc<dyn Bus>) {
    let (one, two) = (Recorder::content(), Recorder::content());
    let first = Consuming::start(&bus, "one", &["user.#"], &one).await;
    let second = Consuming::start(&bus, "two", &["#.v1"], &two).await;

    bus.publish(&event("user.created.v1", "u1")).await.unwrap();

    eventually("both copies", || {
        one.seen().len() == 1 && two.seen().len() == 1
    })
    .await;
    first.stop().await;
    second.stop().await;
}

pub(crate) async fn an_event_is_handed_over_until_it_is_done(bus: Arc<dyn Bus>) {
    let recorder = Recorder::new(|_, earlier| if earlier < 3 { retry() } else { Outcome::Done });
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;

    relay(&*bus, &event("user.created.v1", "u1")).await.unwrap();
    eventually("four attempts", || recorder.seen().len() == 4).await;

    relay(&*bus, &event("user.created.v1", "u2")).await.unwrap();
    eventually("the next event", || {
        recorder.subjects().contains(&"u2".to_owned())
    })
    .await;
    assert_eq!(recorder.subjects().iter().filter(|s| *s == "u1").count(), 4);
    consuming.stop().await;
}

pub(crate) async fn a_handler_that_panics_is_asked_again(bus: Arc<dyn Bus>) {
    let recorder = Recorder::new(|_, earlier| {
        assert!(earlier > 0, "the first attempt fails on purpose");
        Outcome::Done
    });
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;

    relay(&*bus, &event("user.created.v1", "u1")).await.unwrap();

    eventually("a second attempt", || recorder.seen().len() == 2).await;
    consuming.stop().await;
}

pub(crate) async fn poison_does_not_hold_others_up(bus: Arc<dyn Bus>) {
    let recorder = Recorder::new(|event, _| {
        let is_poison = event.routing_key() == "user.broken.v1";
        if is_poison { dead() } else { Outcome::Done }
    });
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;

    let rejected = relay(&*bus, &event("user.broken.v1", "u1")).await;
    if let Err(error) = rejected {
        assert!(matches!(error, BusError::Rejected { .. }), "{error}");
        assert!(error.to_string().contains("one rejected"), "{error}");
    }
    relay(&*bus, &event("user.created.v1", "u1")).await.unwrap();
    relay(&*bus, &event("user.created.v1", "u2")).await.unwrap();

    eventually("all three", || recorder.seen().len() == 3).await;
    consuming.stop().await;
}

pub(crate) async fn replicas_share_the_work(bus: Arc<dyn Bus>) {
    let (left, right) = (Recorder::content(), Recorder::content());
    let first = Consuming::start(&bus, "one", &["user.#"], &left).await;
    let second = Consuming::start(&bus, "one", &["user.#"], &right).await;

    for i in 0..100 {
        bus.publish(&event("user.created.v1", &format!("u{i}")))
            .await
            .unwrap();
    }

    eventually("a hundred events", || {
        left.seen().len() + right.seen().len() == 100
    })
    .await;
    assert!(left.seen().len() >= 10, "left: {}", left.seen().len());
    assert!(right.seen().len() >= 10, "right: {}", right.seen().len());
    first.stop().await;
    second.stop().await;
}

pub(crate) async fn one_subject_keeps_its_order_through_retries(bus: Arc<dyn Bus>) {
    let recorder = Recorder::new(|event, earlier| {
        let is_shaky = event.subject == "shaky" && event.routing_key() == "step.n3.v1";
        if is_shaky && earlier < 2 {
            retry()
        } else {
            Outcome::Done
        }
    });
    let consuming = Consuming::start(&bus, "one", &["step.#"], &recorder).await;

    for step in 0..10 {
        for subject in ["steady", "shaky"] {
            let event = event(&format!("step.n{step}.v1"), subject);
            relay(&*bus, &event).await.unwrap();
        }
    }

    eventually("all steps", || recorder.seen().len() == 22).await;
    let steps = |subject: &str| {
        let seen = recorder.seen();
        let of_subject = seen.iter().filter(|event| event.subject == subject);
        of_subject
            .map(|event| event.routing_key()[6..7].to_owned())
            .collect::<String>()
    };
    assert_eq!(steps("steady"), "0123456789");
    assert_eq!(steps("shaky"), "012333456789");
    consuming.stop().await;
}

pub(crate) async fn a_subject_that_waits_holds_no_other_up(bus: Arc<dyn Bus>) {
    let gate = Arc::new(Semaphore::new(0));
    let recorder = Recorder::slow({
        let gate = Arc::clone(&gate);
        move |event, _| {
            let gate = Arc::clone(&gate);
            let is_slow = event.subject == "slow";
            async move {
                if is_slow {
                    gate.acquire().await.unwrap().forget();
                }
                Outcome::Done
            }
            .boxed()
        }
    });
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
    let slow = event("user.created.v1", "slow");

    let both = async {
        tokio::join!(bus.publish(&slow), async {
            eventually("the slow one to start", || !recorder.seen().is_empty()).await;
            bus.publish(&event("user.created.v1", "quick"))
                .await
                .unwrap();
            eventually("the quick one", || recorder.seen().len() == 2).await;
            gate.add_permits(1);
        })
    };
    timeout(LIMIT, both).await.unwrap().0.unwrap();
    consuming.stop().await;
}

pub(crate) async fn taps_see_everything_and_consumers_no_broadcasts(bus: Arc<dyn Bus>) {
    let recorder = Recorder::content();
    let consuming = Consuming::start(&bus, "one", &["download.#"], &recorder).await;
    let mut all = bus.tap(&["download.#"]).await.unwrap();
    let mut some = bus.tap(&["*.progress.*", "user.#"]).await.unwrap();

    bus.publish(&event("download.started.v1", "started"))
        .await
        .unwrap();
    bus.broadcast(&event("download.progress.v1", "half")).await;
    bus.broadcast(&event("library.synced.v1", "other")).await;
    bus.publish(&event("download.finished.v1", "finished"))
        .await
        .unwrap();

    assert_eq!(
        next_subjects(&mut all, 3).await,
        ["started", "half", "finished"]
    );
    assert_eq!(next_subjects(&mut some, 1).await, ["half"]);
    eventually("both durable events", || recorder.seen().len() == 2).await;
    assert_eq!(recorder.subjects(), ["started", "finished"]);
    consuming.stop().await;
}

pub(crate) async fn a_tap_that_nobody_reads_holds_nobody_up(bus: Arc<dyn Bus>) {
    let mut lazy = bus.tap(&["download.#"]).await.unwrap();
    let mut eager = bus.tap(&["download.last.v1"]).await.unwrap();

    let publishing = async {
        for i in 0..3_000 {
            bus.broadcast(&event("download.progress.v1", &format!("p{i}")))
                .await;
        }
        bus.broadcast(&event("download.last.v1", "last")).await;
    };
    timeout(LIMIT, publishing)
        .await
        .expect("the publisher was held up");

    assert_eq!(next_subjects(&mut eager, 1).await, ["last"]);
    let reading = async { while lazy.next().await.unwrap().subject != "last" {} };
    timeout(LIMIT, reading)
        .await
        .expect("the newest event was lost");
}

pub(crate) async fn stopping_lets_a_running_handler_finish(bus: Arc<dyn Bus>) {
    let gate = Arc::new(Semaphore::new(0));
    let recorder = Recorder::slow({
        let gate = Arc::clone(&gate);
        move |_, _| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                Outcome::Done
            }
            .boxed()
        }
    });
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
    let (first, waiting) = (
        event("user.created.v1", "u1"),
        event("user.updated.v1", "u1"),
    );

    let publishing = async { tokio::join!(bus.publish(&first), bus.publish(&waiting)) };
    let stopping = async {
        eventually("the handler to start", || !recorder.seen().is_empty()).await;
        consuming.stop.cancel();
        gate.add_permits(100);
        consuming.stop().await;
    };
    let ((first_result, _), ()) = timeout(LIMIT, async { tokio::join!(publishing, stopping) })
        .await
        .unwrap();

    first_result.unwrap();
    let again = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
    relay(&*bus, &waiting).await.unwrap();
    eventually("the waiting event", || recorder.seen().contains(&waiting)).await;
    let firsts = recorder
        .seen()
        .iter()
        .filter(|event| event.id == first.id)
        .count();
    assert_eq!(firsts, 1, "what was finished must not come again");
    again.stop().await;
}

pub(crate) async fn what_is_published_while_a_consumer_is_stopped_is_not_lost(bus: Arc<dyn Bus>) {
    let recorder = Recorder::content();
    Consuming::start(&bus, "one", &["user.#"], &recorder)
        .await
        .stop()
        .await;
    let missed = event("user.created.v1", "u1");

    let published = bus.publish(&missed).await;
    assert!(recorder.seen().is_empty());

    let again = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
    if published.is_err() {
        relay(&*bus, &missed).await.unwrap();
    }
    eventually("the missed event", || recorder.seen() == [missed.clone()]).await;
    again.stop().await;
}
