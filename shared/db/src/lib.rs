#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod columns;
mod conn;
mod db;
pub mod dialect;
mod error;
pub mod idempotency;
pub mod inbox;
mod migrate;
pub mod outbox;
mod pool;
mod schema;
#[cfg(test)]
#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod support;

// So that the tests' support is the same text here and in tests/it.
#[cfg(test)]
extern crate self as shared_db;

pub use columns::{Id, IdSql, Json, JsonSql, Ts, TsSql};
pub use conn::AnyConn;
pub use db::{Backend, Db, DbOptions};
pub use error::Error;
pub use migrate::{Migrations, assert_migrations_agree};
