//! The suite in process, and what is particular to it.

use futures_util::{FutureExt, future};
use shared_types::bus::BusError;
use tokio::time::Instant;

use crate::{
    conformance,
    rig::{Consuming, Recorder, event, memory, next_subjects},
};

#[tokio::test]
async fn a_consumer_gets_the_events_of_its_topics() {
    conformance::a_consumer_gets_the_events_of_its_topics(memory().await).await;
}

#[tokio::test]
async fn every_consumer_gets_its_own_copy() {
    conformance::every_consumer_gets_its_own_copy(memory().await).await;
}

#[tokio::test]
async fn an_event_is_handed_over_until_it_is_done() {
    conformance::an_event_is_handed_over_until_it_is_done(memory().await).await;
}

#[tokio::test]
async fn a_handler_that_panics_is_asked_again() {
    conformance::a_handler_that_panics_is_asked_again(memory().await).await;
}

#[tokio::test]
async fn poison_does_not_hold_others_up() {
    conformance::poison_does_not_hold_others_up(memory().await).await;
}

#[tokio::test]
async fn replicas_share_the_work() {
    conformance::replicas_share_the_work(memory().await).await;
}

#[tokio::test]
async fn one_subject_keeps_its_order_through_retries() {
    conformance::one_subject_keeps_its_order_through_retries(memory().await).await;
}

#[tokio::test]
async fn a_subject_that_waits_holds_no_other_up() {
    conformance::a_subject_that_waits_holds_no_other_up(memory().await).await;
}

#[tokio::test]
async fn taps_see_everything_and_consumers_no_broadcasts() {
    conformance::taps_see_everything_and_consumers_no_broadcasts(memory().await).await;
}

#[tokio::test]
async fn a_tap_that_nobody_reads_holds_nobody_up() {
    conformance::a_tap_that_nobody_reads_holds_nobody_up(memory().await).await;
}

#[tokio::test]
async fn stopping_lets_a_running_handler_finish() {
    conformance::stopping_lets_a_running_handler_finish(memory().await).await;
}

#[tokio::test]
async fn what_is_published_while_a_consumer_is_stopped_is_not_lost() {
    conformance::what_is_published_while_a_consumer_is_stopped_is_not_lost(memory().await).await;
}

#[tokio::test]
async fn publishing_what_nobody_consumes_is_fine() {
    let bus = memory().await;

    bus.publish(&event("user.created.v1", "u1")).await.unwrap();

    assert!(bus.is_healthy());
}

#[tokio::test]
async fn a_tap_sees_an_event_once_however_often_it_is_published() {
    let bus = memory().await;
    let recorder = Recorder::content();
    let topics = ["user.created.v1"];
    Consuming::start(&bus, "one", &topics, &recorder)
        .await
        .stop()
        .await;
    let mut tap = bus.tap(&["user.#"]).await.unwrap();
    let refused = event("user.created.v1", "u1");

    for _ in 0..3 {
        let error = bus.publish(&refused).await.unwrap_err();
        assert!(matches!(error, BusError::Unavailable(_)), "{error}");
    }
    bus.publish(&event("user.updated.v1", "u2")).await.unwrap();

    assert_eq!(next_subjects(&mut tap, 2).await, ["u1", "u2"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_gets_stuck_is_given_up_after_fifteen_seconds() {
    let bus = memory().await;
    let recorder = Recorder::slow(|_, _| future::pending().boxed());
    let consuming = Consuming::start(&bus, "one", &["user.#"], &recorder).await;
    let started = Instant::now();

    let error = bus
        .publish(&event("user.created.v1", "u1"))
        .await
        .unwrap_err();

    assert!(
        error.to_string().contains("took longer than 15 s"),
        "{error}"
    );
    assert_eq!(started.elapsed().as_secs(), 15);
    consuming.stop().await;
}
