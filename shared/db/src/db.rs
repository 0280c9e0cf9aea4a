//! The database handle of a service: a pool, and the hop from async code to the blocking pool and back.

use std::{fmt, sync::Arc, time::Duration};

use diesel::r2d2::Pool;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::{JoinError, spawn_blocking},
    time::timeout,
};

use crate::{
    AnyConn, Error, Migrations, migrate,
    outbox::wake,
    pool::{LogFailure, Manager, Target},
};

/// How long a unit of work waits for its turn before the caller is told that the database is busy.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long opening a new connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(6);
/// More readers than this gain nothing on SQLite.
const MAX_SQLITE_CONNECTIONS: u32 = 4;
const DEFAULT_POSTGRES_CONNECTIONS: u32 = 10;

/// Which database a connection or a handle belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL: one schema per service.
    Postgres,
    /// SQLite: one file per service.
    Sqlite,
}

/// Where a service keeps its data.
#[derive(Clone)]
pub struct DbOptions {
    /// `sqlite:PATH` or `postgres://…`
    pub url: String,
    /// PostgreSQL schema, created when absent: the name of the service. On SQLite it only names the service in errors and metrics.
    pub schema: String,
    /// Largest number of open connections; 0 means the default (PostgreSQL 10, SQLite 4, which is also its maximum).
    pub max_connections: u32,
}

impl fmt::Debug for DbOptions {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbOptions")
            .field("schema", &self.schema)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// The database of a service. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool<Manager>,
    target: Target,
    /// One permit per connection: units of work queue here, where it costs no thread.
    turns: Arc<Semaphore>,
    /// SQLite has one writer at a time. Queueing here is fair; SQLite's own waiting polls.
    writer: Arc<Semaphore>,
    appended: Notify,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("backend", &self.backend())
            .field("schema", &self.inner.target.schema)
            .finish_non_exhaustive()
    }
}

impl Db {
    /// Connects, migrates and makes the pool.
    ///
    /// The tables of this crate come first, then the service's `migrations`, all in one transaction; on PostgreSQL
    /// replicas that start together wait for each other. A database written by a newer version is refused.
    pub async fn open(options: DbOptions, migrations: &'static Migrations) -> Result<Self, Error> {
        let target = Target::parse(&options.url, &options.schema)?;
        let max_connections = connections(target.backend(), options.max_connections);
        let pool = {
            let target = target.clone();
            spawn_blocking(move || {
                migrate::prepare(&target, migrations)?;
                Ok::<_, Error>(build_pool(target, max_connections))
            })
            .await
            .unwrap_or_else(|error| Err(lost(error)))?
        };
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                target,
                turns: Arc::new(Semaphore::new(max_connections as usize)),
                writer: Arc::new(Semaphore::new(1)),
                appended: Notify::new(),
            }),
        })
    }

    /// Runs `work` with a connection on the blocking pool, in the current tracing span, without a transaction.
    ///
    /// `work` runs to its end even when the caller stops waiting. A panic in it continues in the caller.
    pub async fn run<R, E>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.hop(None, work).await
    }

    /// Runs `work` in one transaction: `Ok` commits, `Err` rolls back. Otherwise like [`Db::run`].
    pub async fn tx<R, E>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let writer = match self.backend() {
            Backend::Sqlite => Some(turn(&self.inner.writer).await?),
            Backend::Postgres => None,
        };
        self.hop(writer, |conn| conn.transaction(Error::from, work))
            .await
    }

    /// Asks the database for an answer.
    pub async fn ping(&self) -> Result<(), Error> {
        self.run(AnyConn::ping).await
    }

    /// Which back end this is.
    pub fn backend(&self) -> Backend {
        self.inner.target.backend()
    }

    pub(crate) fn schema(&self) -> &str {
        &self.inner.target.schema
    }

    /// Waits until a unit of work of this process has appended to the outbox.
    pub(crate) async fn appended(&self) {
        self.inner.appended.notified().await;
    }

    async fn hop<R, E>(
        &self,
        writer: Option<OwnedSemaphorePermit>,
        work: impl FnOnce(&mut AnyConn) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permits = (turn(&self.inner.turns).await?, writer);
        let inner = Arc::clone(&self.inner);
        let span = tracing::Span::current();
        let task = spawn_blocking(move || {
            let _permits = permits;
            span.in_scope(|| inner.work(work))
        });
        task.await.unwrap_or_else(|error| Err(E::from(lost(error))))
    }
}

impl Inner {
    fn work<R, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut AnyConn) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut conn = self.pool.get().map_err(Error::unavailable)?;
        wake::clear();
        let result = work(&mut conn);
        drop(conn);
        if wake::is_set() {
            self.appended.notify_one();
        }
        result
    }
}

async fn turn(queue: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
    match timeout(TURN_TIMEOUT, Arc::clone(queue).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(closed)) => Err(Error::unavailable(closed)),
        Err(elapsed) => Err(Error::unavailable(elapsed)),
    }
}

/// A panic goes on in the caller; anything else is the runtime shutting down.
fn lost(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(cancelled) => Error::unavailable(cancelled),
    }
}

fn connections(backend: Backend, wanted: u32) -> u32 {
    match (backend, wanted) {
        (Backend::Postgres, 0) => DEFAULT_POSTGRES_CONNECTIONS,
        (Backend::Sqlite, 0) => MAX_SQLITE_CONNECTIONS,
        (Backend::Sqlite, wanted) => wanted.min(MAX_SQLITE_CONNECTIONS),
        (Backend::Postgres, wanted) => wanted,
    }
}

fn build_pool(target: Target, max_connections: u32) -> Pool<Manager> {
    let can_vanish = target.backend() == Backend::Postgres;
    Pool::builder()
        .max_size(max_connections)
        .min_idle(Some(1))
        .test_on_check_out(can_vanish)
        .connection_timeout(CONNECT_TIMEOUT)
        .error_handler(Box::new(LogFailure))
        .build_unchecked(Manager(target))
}
