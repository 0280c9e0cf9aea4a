//! Everything around one service under test.

use std::{
    future::Future,
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use shared_bus::BusOptions;
use shared_runtime::{Common, Parts, Sealer, Secret, ServiceUrls, Serving, Supervisor};
use shared_types::{Clock, access::Role, bus::Bus, cache::Cache, event::Event, ids::UserId};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{Client, INTERNAL_SECRET, Neighbors, TestClock, database::FreshPostgres, eventually};

/// The surroundings: data directory, clock, bus, cache, neighbors. They outlive restarts of the service.
#[derive(Debug)]
pub struct TestWorld {
    /// Settings that every service shares; change them before [`TestWorld::serve`].
    pub common: Common,
    /// The time.
    pub clock: Arc<TestClock>,
    /// The in-process bus.
    pub bus: Arc<dyn Bus>,
    /// The cache.
    pub cache: Arc<dyn Cache>,
    /// The other services.
    pub neighbors: Neighbors,
    events: Arc<Mutex<Vec<Event>>>,
    dir: TempDir,
    _postgres: Option<FreshPostgres>,
}

impl TestWorld {
    /// Fresh surroundings.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let postgres = FreshPostgres::when_scaled(&shared_runtime::random_token(8));
        let mut common = Common::default();
        common.data.dir = dir.path().to_owned();
        common.security.public_url = String::from("http://localhost:8484");
        common.security.cookie_mode = shared_runtime::config::CookieMode::Lan;
        if let Some(postgres) = &postgres {
            common.database.url = Secret::new(postgres.url());
        }
        let options = BusOptions {
            prefix: String::new(),
        };
        let bus = shared_bus::connect("local:", options)
            .await
            .expect("the in-process bus");
        let cache = shared_cache::connect("memory:", "")
            .await
            .expect("the in-memory cache");
        let events = record_events(&bus).await;
        let neighbors = Neighbors::start();
        let clock = Arc::new(TestClock::new());
        Self {
            common,
            clock,
            bus,
            cache,
            neighbors,
            events,
            dir,
            _postgres: postgres,
        }
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Builds a service and waits until it is ready.
    pub async fn serve<F, Fut>(&self, build: F) -> Running
    where
        F: FnOnce(Parts) -> Fut,
        Fut: Future<Output = anyhow::Result<Serving>>,
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let supervisor = Supervisor::new();
        let parts = self.parts(listener, supervisor.clone());
        let serving = build(parts).await.expect("the service builds");
        let server = tokio::spawn(async move { serving.await.expect("the server runs") });
        let running = Running {
            anon: Client::new(&url, None),
            url,
            supervisor,
            server,
        };
        eventually("the service is ready", || async {
            running.anon.get("/readyz").await.status == 200
        })
        .await;
        running
    }

    /// A person with an access token, as a client of `app`.
    pub fn person(&self, app: &Running, user: UserId, role: Role) -> Client {
        app.anon.with_token(self.neighbors.person_token(user, role))
    }

    /// A new member, as a client of `app`.
    pub fn member(&self, app: &Running) -> Client {
        self.person(app, UserId::generate(&*self.clock), Role::Member)
    }

    /// A new administrator, as a client of `app`.
    pub fn admin(&self, app: &Running) -> Client {
        self.person(app, UserId::generate(&*self.clock), Role::Admin)
    }

    fn parts(&self, listener: TcpListener, supervisor: Supervisor) -> Parts {
        let neighbor = || self.neighbors.url().to_owned();
        Parts {
            common: Arc::new(self.common.clone()),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            bus: Arc::clone(&self.bus),
            cache: Arc::clone(&self.cache),
            supervisor,
            listener,
            workers: 1,
            urls: ServiceUrls {
                auth: neighbor(),
                plex: neighbor(),
                download: neighbor(),
                webhook: neighbor(),
            },
            internal_secret: Secret::new(INTERNAL_SECRET),
            sealer: Arc::new(Sealer::new(&Secret::new("0f".repeat(32))).expect("a valid key")),
        }
    }

    /// Every event published or broadcast so far, oldest first.
    pub fn events(&self) -> Vec<Event> {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The events with this routing key, such as `download.requested.v1`.
    pub fn events_of(&self, routing_key: &str) -> Vec<Event> {
        self.events()
            .into_iter()
            .filter(|event| event.routing_key() == routing_key)
            .collect()
    }

    /// Whether an event with this routing key was seen.
    pub fn has_event(&self, routing_key: &str) -> bool {
        !self.events_of(routing_key).is_empty()
    }
}

async fn record_events(bus: &Arc<dyn Bus>) -> Arc<Mutex<Vec<Event>>> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let mut tap = bus.tap(&["#"]).await.expect("the in-process bus has taps");
    let recorded = Arc::clone(&events);
    drop(tokio::spawn(async move {
        while let Some(event) = tap.next().await {
            recorded
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(event);
        }
    }));
    events
}

/// A running service.
#[derive(Debug)]
pub struct Running {
    /// Nobody, as a client.
    pub anon: Client,
    /// Base address.
    pub url: String,
    /// Its background tasks.
    pub supervisor: Supervisor,
    server: JoinHandle<()>,
}

impl Running {
    /// Stops it in an orderly way; panics if a background task panicked meanwhile.
    pub async fn stop(self) {
        self.supervisor.shut_down(Duration::from_secs(10)).await;
        self.server.await.expect("the server ends cleanly");
        assert!(
            self.supervisor.failed_tasks().is_empty(),
            "{:?}",
            self.supervisor.failed_tasks()
        );
    }

    /// Drops it in the middle of whatever it does, as a crash would.
    pub fn crash(self) {
        self.server.abort();
        self.supervisor.stop_token().cancel();
    }
}
