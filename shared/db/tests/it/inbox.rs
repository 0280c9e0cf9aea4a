//! Effects happen once.

use shared_db::{Error, inbox::claim};
use shared_types::{Clock, ids::EventId};
use tokio::task::JoinSet;

use crate::support::{TestDb, clock, on_both};

on_both!(
    of_many_deliveries_of_one_event_one_has_the_effect,
    a_claim_is_taken_back_with_its_effect,
);

async fn of_many_deliveries_of_one_event_one_has_the_effect(test: TestDb) {
    let event = EventId::generate(&clock());
    let mut deliveries = JoinSet::new();
    for _ in 0..8 {
        let db = test.db.clone();
        deliveries.spawn(async move {
            db.tx(move |conn| claim(conn, "indexer", event, clock().now()))
                .await
                .unwrap()
        });
    }

    let claims = deliveries.join_all().await;

    assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1);
    let other = test
        .db
        .tx(move |conn| claim(conn, "notifier", event, clock().now()));
    assert!(other.await.unwrap(), "another consumer has its own claim");
}

async fn a_claim_is_taken_back_with_its_effect(test: TestDb) {
    let event = EventId::generate(&clock());
    let failed = test.db.tx(move |conn| {
        assert!(claim(conn, "indexer", event, clock().now())?);
        Err::<(), _>(Error::Configuration("the effect failed".to_owned()))
    });
    failed.await.unwrap_err();

    let again = test
        .db
        .tx(move |conn| claim(conn, "indexer", event, clock().now()));

    assert!(again.await.unwrap());
}
