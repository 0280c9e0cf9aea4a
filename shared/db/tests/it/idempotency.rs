//! Repeated requests.

use serde_json::json;
use shared_db::{
    Error,
    idempotency::{Lookup, Reply, find, store},
};
use shared_types::Clock;

use crate::support::{TestDb, clock, on_both};

on_both!(
    a_repeated_request_gets_the_first_answer,
    a_key_answers_only_one_request
);

fn reply() -> Reply {
    Reply {
        status: 201,
        body: json!({ "id": 7 }),
    }
}

async fn a_repeated_request_gets_the_first_answer(test: TestDb) {
    let lookups = test.db.tx(|conn| {
        let before = find(conn, "create_film", "key", "hash")?;
        store(conn, "create_film", "key", "hash", &reply(), clock().now())?;
        Ok::<_, Error>([
            before,
            find(conn, "create_film", "key", "hash")?,
            find(conn, "create_film", "key", "other hash")?,
            find(conn, "create_show", "key", "hash")?,
        ])
    });

    assert_eq!(
        lookups.await.unwrap(),
        [
            Lookup::New,
            Lookup::Same(reply()),
            Lookup::Conflict,
            Lookup::New
        ]
    );
}

async fn a_key_answers_only_one_request(test: TestDb) {
    let store = || {
        test.db
            .tx(|conn| store(conn, "create_film", "key", "hash", &reply(), clock().now()))
    };
    store().await.unwrap();

    let error = store().await.unwrap_err();

    assert!(
        error.violates(&["idempotency_pkey", "idempotency.scope, idempotency.key"]),
        "{error:?}"
    );
}
