//! The service put together.

use std::sync::Arc;

use actix_web::web::Data;
use diesel_migrations::embed_migrations;
use shared_db::{Backend, Db, DbOptions, Migrations};
use shared_http::{
    Health, KeySource, Outbound, OutboundOptions, ServerOptions, ServiceTokens, Verifier,
};
use shared_runtime::{Parts, Serving, Supervisor};
use shared_types::{Clock, access::service, bus::Bus, bus::Handler};
use tracing::error;

use crate::{
    Config, Error, events, handover,
    images::ImageCache,
    jobs,
    plex::{ClientIdentity, Clients},
    routes,
    search::SearchIndex,
    store,
    visibility::Flights,
};

/// The service's name.
pub const NAME: &str = service::PLEX;

/// The service's tables.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
};

/// What handlers and jobs share.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clients: Clients,
    pub(crate) auth: Outbound,
    pub(crate) tokens: ServiceTokens,
    pub(crate) flights: Flights,
    pub(crate) index: SearchIndex,
    pub(crate) images: ImageCache,
    pub(crate) wake: jobs::Wake,
    /// Looking for a collection and making it must not run twice at once.
    pub(crate) collecting: tokio::sync::Mutex<()>,
}

/// Connects, migrates, starts the jobs and gives the server.
pub async fn build(config: Config, parts: Parts) -> anyhow::Result<Serving> {
    let db = Db::open(
        DbOptions {
            url: parts.common.database_url(NAME),
            schema: "plex".to_owned(),
            max_connections: parts.common.database.max_connections,
        },
        &MIGRATIONS,
    )
    .await?;
    if db.backend() == Backend::Sqlite {
        // The file has one process: whoever held a lease is gone.
        db.tx(store::handovers::clear_leases).await?;
        db.tx(store::sync::clear_leases).await?;
    }
    let state = Arc::new(state(config, &parts, db.clone()).await?);
    start_events(&state, &parts);
    jobs::start(&state, &parts.supervisor);
    let keys = Arc::new(KeySource::remote(&parts.urls.auth));
    let verifier = Data::new(Verifier::new(keys, NAME, Arc::clone(&parts.clock)));
    let state = Data::from(state);
    let health = health(db, Arc::clone(&parts.bus), parts.supervisor.clone());
    let mut options = ServerOptions::new(NAME, health, parts.supervisor.stop_token());
    options.workers = parts.workers;
    Ok(Box::pin(shared_http::serve(
        parts.listener,
        options,
        move |cfg| {
            cfg.app_data(state.clone())
                .app_data(verifier.clone())
                .configure(routes::configure);
        },
    )))
}

async fn state(config: Config, parts: &Parts, db: Db) -> Result<AppState, Error> {
    let fresh = shared_runtime::random_token(16);
    let identifier = db
        .tx(move |conn| store::settings::find_or_insert(conn, "client_identifier", &fresh))
        .await?;
    let folder = parts.common.data.dir.join("plex-images");
    let clients = Clients::new(ClientIdentity::new(&identifier), Arc::clone(&parts.sealer));
    Ok(AppState {
        images: ImageCache::open(folder, config.image_cache_bytes)?,
        clock: Arc::clone(&parts.clock),
        auth: Outbound::new(OutboundOptions::new(service::AUTH, &parts.urls.auth)),
        tokens: ServiceTokens::new(&parts.urls.auth, NAME, parts.internal_secret.expose()),
        flights: Flights::default(),
        index: SearchIndex::default(),
        wake: jobs::Wake::default(),
        collecting: tokio::sync::Mutex::default(),
        clients,
        config,
        db,
    })
}

fn start_events(state: &Arc<AppState>, parts: &Parts) {
    let stop = parts.supervisor.stop_token();
    let relay = shared_db::outbox::relay(
        state.db.clone(),
        Arc::clone(&parts.bus),
        Arc::clone(&parts.clock),
        stop,
    );
    parts.supervisor.spawn("outbox", relay);
    let handovers = Arc::new(events::Handovers(Arc::clone(state)));
    consume(
        parts,
        handover::CONSUMER,
        &events::HANDOVER_TOPICS,
        handovers,
    );
    let hints = Arc::new(events::Hints(Arc::clone(state)));
    consume(parts, events::HINT_CONSUMER, &events::HINT_TOPICS, hints);
}

fn consume(
    parts: &Parts,
    consumer: &'static str,
    topics: &'static [&'static str],
    handler: Arc<dyn Handler>,
) {
    let (bus, stop) = (Arc::clone(&parts.bus), parts.supervisor.stop_token());
    parts.supervisor.spawn(consumer, async move {
        if let Err(err) = bus.consume(consumer, topics, handler, stop).await {
            error!("`{consumer}` cannot consume events: {err}");
        }
    });
}

fn health(db: Db, bus: Arc<dyn Bus>, supervisor: Supervisor) -> Health {
    Health::new()
        .with("database", move || {
            let db = db.clone();
            async move { db.ping().await.is_ok() }
        })
        .with("bus", move || {
            let is_healthy = bus.is_healthy();
            async move { is_healthy }
        })
        .with("tasks", move || {
            let failed = supervisor.failed_tasks();
            async move { failed.is_empty() }
        })
}
