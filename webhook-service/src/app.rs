//! The service put together.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared_db::{Db, DbOptions, Migrations, outbox};
use shared_http::{Health, KeySource, ServerOptions, Verifier};
use shared_runtime::{Parts, Serving, Supervisor};
use shared_types::{
    Clock,
    access::service,
    bus::{Bus, Handler},
};
use tokio::sync::Notify;
use tracing::error;

use crate::{
    catalog::Catalog,
    config::Config,
    events::{self, Notifier, People},
    ingest::{Ingest, Rejects, Spool, Storage, Writer},
    jobs,
    process::Processor,
    routes,
    sources::Keeper,
};

/// The service's name.
pub const NAME: &str = service::WEBHOOK;

/// The service's tables on both back ends.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: SQLITE,
    postgres: POSTGRES,
};
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What the routes need.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keeper: Keeper,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) ingest: Ingest,
    /// Wakes the processing.
    pub(crate) work: Arc<Notify>,
    pub(crate) public_url: String,
    pub(crate) rotation_overlap: Duration,
}

/// Connects, migrates, starts the background loops, and gives the server.
pub async fn build(config: Config, parts: Parts) -> anyhow::Result<Serving> {
    let options = DbOptions {
        url: parts.common.database_url(NAME),
        schema: "webhook".to_owned(),
        max_connections: parts.common.database.max_connections,
    };
    let db = Db::open(options, &MIGRATIONS).await?;
    start_workers(&config, &parts, &db);
    let state = Data::new(state(&config, &parts, db.clone()).await?);
    let keys = Arc::new(KeySource::remote(&parts.urls.auth));
    let verifier = Data::new(Verifier::new(keys, NAME, Arc::clone(&parts.clock)));
    let tasks = parts.supervisor.clone();
    let health = Health::new()
        .with("database", move || {
            let db = db.clone();
            async move { db.ping().await.is_ok() }
        })
        .with("tasks", move || {
            let is_fine = tasks.failed_tasks().is_empty();
            async move { is_fine }
        });
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

async fn state(config: &Config, parts: &Parts, db: Db) -> anyhow::Result<AppState> {
    let (clock, stop) = (&parts.clock, parts.supervisor.stop_token());
    let sealer = Arc::clone(&parts.sealer);
    let catalog = Catalog::load(db.clone(), Arc::clone(clock), Arc::clone(&sealer)).await?;
    let catalog = Arc::new(catalog);
    let fresh = Arc::clone(&catalog).keep_fresh(stop.clone());
    parts.supervisor.spawn("sources", fresh);
    let work = Arc::new(Notify::new());
    let processor = Processor {
        db: db.clone(),
        clock: Arc::clone(clock),
        retry_base: Duration::from_millis(config.retry_base_ms),
    };
    let processing = jobs::processing::run(processor, Arc::clone(&work), stop.clone());
    parts.supervisor.spawn("processing", processing);
    let storage = Storage {
        db: db.clone(),
        clock: Arc::clone(clock),
        spool: Spool::open(&parts.common.data.dir, config.spool_bytes)?,
        work: Arc::clone(&work),
        patience: Duration::from_millis(config.store_timeout_ms),
    };
    parts
        .supervisor
        .spawn("drain", storage.clone().drain(stop.clone()));
    let (writer, writing) = Writer::new(storage, stop.clone());
    parts.supervisor.spawn("writer", writing);
    let (rejects, noting) = Rejects::new(db.clone(), Arc::clone(clock), stop);
    parts.supervisor.spawn("rejects", noting);
    let ingest = Ingest::new(
        config,
        Arc::clone(&catalog),
        Arc::clone(clock),
        writer,
        rejects,
    );
    let public_url = parts.common.security.public_url.trim_end_matches('/');
    Ok(AppState {
        keeper: Keeper {
            db: db.clone(),
            clock: Arc::clone(clock),
            sealer,
        },
        db,
        clock: Arc::clone(clock),
        catalog,
        ingest,
        work,
        public_url: public_url.to_owned(),
        rotation_overlap: Duration::from_secs(u64::from(config.rotation_overlap_hours) * 3600),
    })
}

fn start_workers(config: &Config, parts: &Parts, db: &Db) {
    let (supervisor, clock) = (&parts.supervisor, &parts.clock);
    let stop = supervisor.stop_token();
    let relay = outbox::relay(
        db.clone(),
        Arc::clone(&parts.bus),
        Arc::clone(clock),
        stop.clone(),
    );
    supervisor.spawn("outbox", relay);
    let tidy = jobs::housekeeping::run(db.clone(), Arc::clone(clock), config.clone(), stop);
    supervisor.spawn("housekeeping", tidy);
    let people = People {
        db: db.clone(),
        clock: Arc::clone(clock),
    };
    let notifier = Notifier {
        db: db.clone(),
        clock: Arc::clone(clock),
    };
    consume(
        supervisor,
        &parts.bus,
        events::PEOPLE,
        &events::PEOPLE_TOPICS,
        people,
    );
    consume(
        supervisor,
        &parts.bus,
        events::NOTIFIER,
        &events::NOTIFIER_TOPICS,
        notifier,
    );
}

fn consume(
    supervisor: &Supervisor,
    bus: &Arc<dyn Bus>,
    name: &'static str,
    topics: &'static [&'static str],
    handler: impl Handler + 'static,
) {
    let (bus, stop) = (Arc::clone(bus), supervisor.stop_token());
    supervisor.spawn(name, async move {
        if let Err(err) = bus.consume(name, topics, Arc::new(handler), stop).await {
            error!("The consumer `{name}` ended: {err}");
        }
    });
}
