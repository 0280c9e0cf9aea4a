//! The suite over RabbitMQ, and what only a broker does.

use std::{sync::Arc, time::Duration};

use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, QueueDeclareOptions},
    types::FieldTable,
};
use shared_types::bus::Outcome;
use tokio::time::{Instant, sleep};

use crate::{
    conformance,
    rig::{Consuming, LIMIT, Rabbit, Recorder, event, eventually, next_subjects},
};

#[tokio::test]
async fn a_consumer_gets_the_events_of_its_topics() {
    Rabbit::with(|rabbit| {
        conformance::a_consumer_gets_the_events_of_its_topics(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn every_consumer_gets_its_own_copy() {
    Rabbit::with(|rabbit| conformance::every_consumer_gets_its_own_copy(Arc::clone(&rabbit.bus)))
        .await;
}

#[tokio::test]
async fn an_event_is_handed_over_until_it_is_done() {
    Rabbit::with(|rabbit| {
        conformance::an_event_is_handed_over_until_it_is_done(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_panics_is_asked_again() {
    Rabbit::with(|rabbit| {
        conformance::a_handler_that_panics_is_asked_again(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn poison_does_not_hold_others_up() {
    Rabbit::with(|rabbit| conformance::poison_does_not_hold_others_up(Arc::clone(&rabbit.bus)))
        .await;
}

#[tokio::test]
async fn replicas_share_the_work() {
    Rabbit::with(|rabbit| conformance::replicas_share_the_work(Arc::clone(&rabbit.bus))).await;
}

#[tokio::test]
async fn one_subject_keeps_its_order_through_retries() {
    Rabbit::with(|rabbit| {
        conformance::one_subject_keeps_its_order_through_retries(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn a_subject_that_waits_holds_no_other_up() {
    Rabbit::with(|rabbit| {
        conformance::a_subject_that_waits_holds_no_other_up(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn taps_see_everything_and_consumers_no_broadcasts() {
    Rabbit::with(|rabbit| {
        conformance::taps_see_everything_and_consumers_no_broadcasts(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn a_tap_that_nobody_reads_holds_nobody_up() {
    Rabbit::with(|rabbit| {
        conformance::a_tap_that_nobody_reads_holds_nobody_up(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn stopping_lets_a_running_handler_finish() {
    Rabbit::with(|rabbit| {
        conformance::stopping_lets_a_running_handler_finish(Arc::clone(&rabbit.bus))
    })
    .await;
}

#[tokio::test]
async fn what_is_published_while_a_consumer_is_stopped_is_not_lost() {
    Rabbit::with(|rabbit| {
        conformance::what_is_published_while_a_consumer_is_stopped_is_not_lost(Arc::clone(
            &rabbit.bus,
        ))
    })
    .await;
}

#[tokio::test]
async fn an_event_that_nobody_wants_is_kept_for_a_consumer_that_comes_later() {
    Rabbit::with(|rabbit| async move {
        let mut tap = rabbit.bus.tap(&["#"]).await.unwrap();
        for subject in ["u1", "u2"] {
            rabbit
                .bus
                .publish(&event("user.created.v1", subject))
                .await
                .unwrap();
        }
        rabbit
            .bus
            .publish(&event("library.synced.v1", "l1"))
            .await
            .unwrap();
        next_subjects(&mut tap, 3).await;
        assert_eq!(rabbit.contents("unrouted").await.len(), 3);

        let recorder = Recorder::content();
        let consuming = Consuming::start(&rabbit.bus, "one", &["user.#"], &recorder).await;

        eventually("the old events", || recorder.seen().len() == 2).await;
        assert_eq!(recorder.subjects(), ["u1", "u2"]);
        rabbit.eventually_contains("unrouted", "l1").await;
        consuming.stop().await;
    })
    .await;
}

#[tokio::test]
async fn rejected_events_and_garbage_are_visible_among_the_dead() {
    Rabbit::with(|rabbit| async move {
        let recorder = Recorder::new(|_, _| Outcome::Dead {
            reason: "makes no sense".to_owned(),
        });
        let consuming = Consuming::start(&rabbit.bus, "one", &["user.#"], &recorder).await;

        publish_garbage(&rabbit).await;
        rabbit
            .bus
            .publish(&event("user.created.v1", "u1"))
            .await
            .unwrap();

        eventually("the event", || recorder.seen().len() == 1).await;
        eventually_dead(&rabbit, 2).await;
        consuming.stop().await;
    })
    .await;
}

async fn publish_garbage(rabbit: &Rabbit) {
    let channel = rabbit.admin_channel().await;
    let exchange = format!("{}events", rabbit.prefix);
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default();
    channel
        .basic_publish(
            exchange.into(),
            "user.created.v1".into(),
            options,
            b"{",
            properties,
        )
        .await
        .unwrap();
}

async fn eventually_dead(rabbit: &Rabbit, expected: u32) {
    let channel = rabbit.admin_channel().await;
    let queue = format!("{}dead", rabbit.prefix);
    let limit = Instant::now() + LIMIT;
    loop {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let queue = channel
            .queue_declare(queue.as_str().into(), options, FieldTable::default())
            .await
            .unwrap();
        if queue.message_count() == expected {
            return;
        }
        let count = queue.message_count();
        assert!(Instant::now() < limit, "{count} dead, not {expected}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_event_that_always_fails_ends_among_the_dead_and_frees_its_subject() {
    Rabbit::with(|rabbit| async move {
        let recorder = Recorder::new(|event, _| {
            if event.routing_key() == "user.created.v1" {
                return Outcome::Retry {
                    after: Duration::ZERO,
                    reason: "never".to_owned(),
                };
            }
            Outcome::Done
        });
        let consuming = Consuming::start(&rabbit.bus, "one", &["user.#"], &recorder).await;

        rabbit
            .bus
            .publish(&event("user.created.v1", "u1"))
            .await
            .unwrap();
        rabbit
            .bus
            .publish(&event("user.updated.v1", "u1"))
            .await
            .unwrap();

        rabbit.eventually_contains("dead", "u1").await;
        let contents = rabbit.contents("dead").await;
        assert_eq!(contents, [("u1".to_owned(), "user.created.v1".to_owned())]);
        eventually("the later event", || recorder.seen().len() == 22).await;
        assert_eq!(recorder.seen()[21].routing_key(), "user.updated.v1");
        consuming.stop().await;
    })
    .await;
}
