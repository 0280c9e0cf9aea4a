//! Databases that go away after the test, a clock that stands still, and a bus that remembers.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use diesel_migrations::embed_migrations;
use futures_util::stream::{self, BoxStream, StreamExt};
use shared_db::{Db, DbOptions, Migrations};
use shared_types::{
    Clock,
    bus::{Bus, BusError, Handler},
    event::Event,
    ids::EventId,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) static MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("tests/it/migrations/sqlite"),
    postgres: embed_migrations!("tests/it/migrations/postgres"),
};

/// Makes a test per back end out of an `async fn(TestDb)`.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::support::TestDb;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(TestDb::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match TestDb::postgres().await {
                    Some(db) => super::$name(db).await,
                    None => println!("skipped: MEDIANEST_TEST_POSTGRES_URL is not set"),
                }
            }
        }
    )+};
}
pub(crate) use on_both;

/// A migrated database of its own.
pub(crate) struct TestDb {
    pub(crate) db: Db,
    pub(crate) options: DbOptions,
    // Last, so that it is dropped after the connections.
    _place: Place,
}

enum Place {
    Folder { _folder: tempfile::TempDir },
    Schema { url: String, schema: String },
}

impl TestDb {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("data/test.db").display());
        Self::open(url, "test", Place::Folder { _folder: folder }).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let url = std::env::var_os("MEDIANEST_TEST_POSTGRES_URL")?
            .into_string()
            .unwrap();
        let schema = format!("db_{}", Uuid::from_u128(random()).simple());
        let place = Place::Schema {
            url: url.clone(),
            schema: schema.clone(),
        };
        Some(Self::open(url, &schema, place).await)
    }

    async fn open(url: String, schema: &str, place: Place) -> Self {
        let options = DbOptions {
            url,
            schema: schema.to_owned(),
            max_connections: 6,
        };
        Self {
            db: Db::open(options.clone(), &MIGRATIONS).await.unwrap(),
            options,
            _place: place,
        }
    }

    /// Another handle to the same database, as another process would have.
    pub(crate) async fn replica(&self) -> Db {
        Db::open(self.options.clone(), &MIGRATIONS).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Schema { url, schema } = self {
            PgConnection::establish(url)
                .unwrap()
                .batch_execute(&format!("DROP SCHEMA \"{schema}\" CASCADE"))
                .unwrap();
        }
    }
}

/// Random enough for names: the hasher's keys.
fn random() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let state = RandomState::new();
    u128::from(state.hash_one(1)) << 64 | u128::from(state.hash_one(2))
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoppedClock(pub(crate) DateTime<Utc>);

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Noon of a day.
pub(crate) fn clock() -> StoppedClock {
    StoppedClock(DateTime::from_timestamp_micros(1_767_268_800_123_456).unwrap())
}

pub(crate) fn event(subject: &str) -> Event {
    let data = serde_json::json!({ "about": subject });
    Event::of_kind(
        &clock(),
        "test-service",
        "medianest.test.happened.v1",
        subject.to_owned(),
        &data,
    )
}

/// What the bus says to an event that it sees for the nth time, counted from 0.
type Answer = dyn Fn(&Event, u32) -> Result<(), BusError> + Send + Sync;

/// A bus that remembers what was published.
pub(crate) struct RecordingBus {
    answer: Box<Answer>,
    /// How long a publish takes.
    pub(crate) latency: Duration,
    tries: Mutex<HashMap<EventId, u32>>,
    published: Mutex<Vec<Event>>,
    in_flight: Mutex<HashMap<String, u32>>,
    overlaps: AtomicU32,
}

impl std::fmt::Debug for RecordingBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordingBus")
    }
}

impl RecordingBus {
    pub(crate) fn new(
        answer: impl Fn(&Event, u32) -> Result<(), BusError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            answer: Box::new(answer),
            latency: Duration::from_millis(1),
            tries: Mutex::default(),
            published: Mutex::default(),
            in_flight: Mutex::default(),
            overlaps: AtomicU32::new(0),
        }
    }

    pub(crate) fn willing() -> Arc<Self> {
        Arc::new(Self::new(|_, _| Ok(())))
    }

    pub(crate) fn published(&self) -> Vec<EventId> {
        self.published
            .lock()
            .unwrap()
            .iter()
            .map(|e| e.id)
            .collect()
    }

    pub(crate) fn published_about(&self, subject: &str) -> Vec<EventId> {
        let published = self.published.lock().unwrap();
        let about = published.iter().filter(|event| event.subject == subject);
        about.map(|event| event.id).collect()
    }

    pub(crate) fn tries(&self, event: EventId) -> u32 {
        self.tries.lock().unwrap().get(&event).copied().unwrap_or(0)
    }

    /// How often two events of one subject were on their way at the same time.
    pub(crate) fn overlaps(&self) -> u32 {
        self.overlaps.load(Ordering::Relaxed)
    }

    fn enter(&self, subject: &str) {
        let mut in_flight = self.in_flight.lock().unwrap();
        let count = in_flight.entry(subject.to_owned()).or_default();
        *count += 1;
        if *count > 1 {
            self.overlaps.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn leave(&self, subject: &str) {
        *self.in_flight.lock().unwrap().get_mut(subject).unwrap() -= 1;
    }
}

#[async_trait]
impl Bus for RecordingBus {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        let nth = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(event.id).or_default();
            *tries += 1;
            *tries - 1
        };
        self.enter(&event.subject);
        sleep(self.latency).await;
        self.leave(&event.subject);
        (self.answer)(event, nth)?;
        self.published.lock().unwrap().push(event.clone());
        Ok(())
    }

    async fn broadcast(&self, _event: &Event) {}

    async fn consume(
        &self,
        _consumer: &str,
        _topics: &[&str],
        _handler: Arc<dyn Handler>,
        _stop: CancellationToken,
    ) -> Result<(), BusError> {
        Ok(())
    }

    async fn tap(&self, _topics: &[&str]) -> Result<BoxStream<'static, Event>, BusError> {
        Ok(stream::empty().boxed())
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

/// Waits until the condition holds, and fails after ten seconds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !condition().await {
        assert!(Instant::now() < limit, "not within ten seconds: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}
