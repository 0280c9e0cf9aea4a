//! The service: what it is made of, and how it is put together.

use std::sync::Arc;

use actix_web::web::Data;
use diesel_migrations::embed_migrations;
use shared_db::{Db, DbOptions, Migrations, outbox};
use shared_http::{Health, KeySource, Outbound, OutboundOptions, ServerOptions, Verifier, serve};
use shared_runtime::{Parts, Sealer, Secret, Serving, Supervisor, config::CookieMode};
use shared_types::{Clock, access::service, cache::Cache};

use crate::{
    config::Config,
    error::Error,
    issuer::Issuer,
    jobs::cleanup,
    password::Hasher,
    plextv::PlexTv,
    routes,
    setup::{self, Setup},
    store::installation::insert_or_find_installation,
    throttle::{Limit, Throttle},
};

/// The service's name.
pub const NAME: &str = service::AUTH;

/// The service's tables.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
};

/// What handlers and jobs work with.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) config: Arc<Config>,
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cache: Arc<dyn Cache>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) issuer: Issuer,
    pub(crate) hasher: Hasher,
    pub(crate) throttle: Throttle,
    pub(crate) plextv: PlexTv,
    pub(crate) plex_service: Outbound,
    pub(crate) setup: Setup,
    pub(crate) internal_secret: Secret,
    pub(crate) cookie_mode: CookieMode,
}

impl AppState {
    /// How often one address may fail.
    pub(crate) fn address_limit(&self) -> Limit {
        Limit {
            failures: self.config.failures_per_address,
            window_seconds: self.config.address_window_seconds,
        }
    }

    /// How often one account may be tried in vain.
    pub(crate) fn account_limit(&self) -> Limit {
        Limit {
            failures: self.config.failures_per_account,
            window_seconds: self.config.account_window_seconds,
        }
    }
}

/// Builds the service: connects, migrates, makes what is missing at first start, and binds the routes.
pub async fn build(config: Config, parts: Parts) -> anyhow::Result<Serving> {
    let db = open_database(&parts).await?;
    let state = Data::new(assemble(config, &parts, &db).await?);
    setup::prepare(&state).await?;
    start_jobs(&parts, &db);
    let keys = Arc::new(KeySource::fixed(state.issuer.jwks()));
    let verifier = Data::new(Verifier::new(keys, NAME, Arc::clone(&parts.clock)));
    let health = health(&parts.supervisor, &db);
    let mut options = ServerOptions::new(NAME, health, parts.supervisor.stop_token());
    options.workers = parts.workers;
    Ok(Box::pin(serve(parts.listener, options, move |cfg| {
        cfg.app_data(state.clone())
            .app_data(verifier.clone())
            .configure(routes::configure);
    })))
}

async fn open_database(parts: &Parts) -> Result<Db, shared_db::Error> {
    let options = DbOptions {
        url: parts.common.database_url(NAME),
        schema: "auth".to_owned(),
        max_connections: parts.common.database.max_connections,
    };
    Db::open(options, &MIGRATIONS).await
}

async fn assemble(config: Config, parts: &Parts, db: &Db) -> anyhow::Result<AppState> {
    let local = shared_cache::connect("memory:", "auth-local:").await?;
    // A random (version 4) UUID; it is stored and stays for good.
    let candidate = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
    let installation = db
        .tx(move |conn| {
            let id = candidate.to_string();
            Ok::<_, Error>(insert_or_find_installation(conn, &id)?)
        })
        .await?;
    let clock = Arc::clone(&parts.clock);
    let life = config.access_token_seconds;
    let security = &parts.common.security;
    let valid = i64::try_from(security.setup_secret_ttl_seconds).unwrap_or(i64::MAX / 1000);
    Ok(AppState {
        issuer: Issuer::load(db, &parts.sealer, clock, life).await?,
        hasher: Hasher::new(&config)?,
        throttle: Throttle::new(Arc::clone(&parts.cache), local, Arc::clone(&parts.clock)),
        plextv: PlexTv::new(&config.plex_tv_url, &installation.plex_client_id)?,
        plex_service: Outbound::new(OutboundOptions::new(service::PLEX, &parts.urls.plex)),
        setup: Setup {
            file: parts.common.data.dir.join("setup-secret"),
            valid: chrono::Duration::seconds(valid),
        },
        config: Arc::new(config),
        db: db.clone(),
        clock: Arc::clone(&parts.clock),
        cache: Arc::clone(&parts.cache),
        sealer: Arc::clone(&parts.sealer),
        internal_secret: parts.internal_secret.clone(),
        cookie_mode: security.cookie_mode,
    })
}

fn start_jobs(parts: &Parts, db: &Db) {
    let (bus, clock) = (Arc::clone(&parts.bus), Arc::clone(&parts.clock));
    let stop = parts.supervisor.stop_token();
    let relay = outbox::relay(db.clone(), bus, Arc::clone(&clock), stop.clone());
    parts.supervisor.spawn("auth outbox", relay);
    let cleanup = cleanup::run(db.clone(), clock, stop);
    parts.supervisor.spawn("auth cleanup", cleanup);
}

fn health(supervisor: &Supervisor, db: &Db) -> Health {
    let (supervisor, db) = (supervisor.clone(), db.clone());
    Health::new()
        .with("database", move || {
            let db = db.clone();
            async move { db.ping().await.is_ok() }
        })
        .with("background tasks", move || {
            let failed = supervisor.failed_tasks();
            async move { failed.is_empty() }
        })
}
