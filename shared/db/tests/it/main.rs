//! The public behavior of the crate, on SQLite and, when `MEDIANEST_TEST_POSTGRES_URL` is set, on PostgreSQL.

mod db;
mod example;
mod idempotency;
mod inbox;
mod migrations;
mod outbox;
#[expect(dead_code, reason = "the tests of the outbox inside the crate use the rest")]
mod support;
