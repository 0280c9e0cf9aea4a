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

pub use columns::{Id, IdSql, Json, JsonSql, Ts, TsSql};
pub use conn::AnyConn;
pub use db::{Backend, Db, DbOptions};
pub use error::Error;
pub use migrate::{Migrations, assert_migrations_agree};
