//! The connection: an enum of both back ends, the macro that writes a query once for both, and transactions.

use diesel::{
    PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
    r2d2::R2D2Connection,
    result::QueryResult,
};

use crate::{Backend, Error};

/// A connection to one of the two back ends. Write queries with [`on_db!`](crate::on_db).
#[expect(
    missing_debug_implementations,
    reason = "diesel's connections have none"
)]
pub enum AnyConn {
    /// PostgreSQL
    Pg(PgConnection),
    /// SQLite
    Sqlite(SqliteConnection),
}

/// Runs the same diesel expression on whichever back end the connection has.
///
/// `on_db!(conn, c => downloads::table.find(id).first(c))`: the expression is compiled once per back end with `c` as the
/// concrete connection, so every feature that both have (`ON CONFLICT`, `RETURNING`, batch insert) can be used.
#[macro_export]
macro_rules! on_db {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::AnyConn::Pg($c) => $query,
            $crate::AnyConn::Sqlite($c) => $query,
        }
    };
}

impl AnyConn {
    /// Which back end this is.
    pub fn backend(&self) -> Backend {
        match self {
            Self::Pg(_) => Backend::Postgres,
            Self::Sqlite(_) => Backend::Sqlite,
        }
    }

    /// Runs `work` in a transaction, or in a savepoint when one is open already. `Err` rolls back.
    ///
    /// On SQLite the transaction takes the write lock at once: one that reads first and writes later fails with
    /// "database is locked" as soon as two of them meet, whatever the busy time-out is.
    pub fn tx<R, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<R, E>,
    ) -> Result<R, E> {
        self.transaction(|error| error, work)
    }

    /// Like [`AnyConn::tx`] for errors that are made from `M`.
    pub(crate) fn transaction<R, M, E: From<M>>(
        &mut self,
        map: fn(diesel::result::Error) -> M,
        work: impl FnOnce(&mut Self) -> Result<R, E>,
    ) -> Result<R, E> {
        self.begin().map_err(map)?;
        match work(self) {
            Ok(value) => {
                self.commit().map_err(map)?;
                Ok(value)
            }
            Err(error) => {
                self.rollback();
                Err(error)
            }
        }
    }

    fn begin(&mut self) -> QueryResult<()> {
        match self {
            Self::Pg(c) => AnsiTransactionManager::begin_transaction(c),
            Self::Sqlite(c) => {
                let status =
                    <AnsiTransactionManager as TransactionManager<SqliteConnection>>::transaction_manager_status_mut(c);
                if status.transaction_depth()?.is_some() {
                    AnsiTransactionManager::begin_transaction(c)
                } else {
                    AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
                }
            }
        }
    }

    fn commit(&mut self) -> QueryResult<()> {
        on_db!(self, c => AnsiTransactionManager::commit_transaction(c))
    }

    fn rollback(&mut self) {
        // The caller's error matters more; a connection that cannot roll back is broken and leaves the pool.
        if let Err(error) = on_db!(self, c => AnsiTransactionManager::rollback_transaction(c)) {
            tracing::warn!(error = %error, "could not roll back a transaction");
        }
    }

    pub(crate) fn ping(&mut self) -> Result<(), Error> {
        Ok(on_db!(self, c => c.ping())?)
    }

    pub(crate) fn is_broken(&mut self) -> bool {
        on_db!(self, c => c.is_broken())
    }
}
