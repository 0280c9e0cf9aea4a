//! The public behavior of the crate, on SQLite and, when `MEDIANEST_TEST_POSTGRES_URL` is set, on PostgreSQL.

#[cfg(test)]
mod db;
#[cfg(test)]
mod example;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod outbox;
#[expect(
    dead_code,
    reason = "the tests of the outbox inside the crate use the rest"
)]
#[cfg(test)]
mod support;
