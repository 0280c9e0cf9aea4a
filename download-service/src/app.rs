//! The service: what its parts share, and how it is put together.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::web::Data;
use anyhow::Context;
use diesel_migrations::embed_migrations;
use shared_db::{Db, DbOptions, Migrations};
use shared_http::{Health, KeySource, ServerOptions, ServiceTokens, Verifier};
use shared_runtime::{Parts, Serving, Supervisor};
use shared_types::{
    Clock,
    access::service,
    bus::Bus,
    ids::{DownloadId, DownloadItemId},
};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::{
    config::Config,
    egress::{AllowList, Guard, Policy},
    jobs,
    library::{Catalog, PathMap},
    routes,
    ytdlp::{
        orphan,
        runner::{ProcessRunner, Runner},
        tools::{Tools, Versions},
    },
};

/// The service's name.
pub const NAME: &str = service::DOWNLOAD;

/// The service's tables, for both databases.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
};

/// Looks at links at the same time, for previews.
const PREVIEWS: usize = 2;
const VERSIONS_MAX_AGE: Duration = Duration::from_mins(1);

/// What handlers and jobs share.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) supervisor: Supervisor,
    pub(crate) catalog: Catalog,
    pub(crate) allow: AllowList,
    pub(crate) guard: Guard,
    pub(crate) runner: Box<dyn Runner>,
    pub(crate) running: Running,
    pub(crate) previews: Semaphore,
    /// Who we are in the record of attempts.
    pub(crate) worker: String,
    /// For yt-dlp's own cache and for looking at links.
    pub(crate) cache_dir: PathBuf,
    pub(crate) fallback_dir: PathBuf,
    work: Notify,
    /// Why nothing is started right now.
    hold: Mutex<Option<String>>,
    versions: tokio::sync::Mutex<Option<(Instant, Versions)>>,
}

impl AppState {
    /// The clock, to be taken into a unit of work.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Tells the dispatcher that there may be work.
    pub(crate) fn wake(&self) {
        self.work.notify_one();
    }

    /// Waits until there may be work.
    pub(crate) async fn woken(&self) {
        self.work.notified().await;
    }

    /// Why nothing is started right now.
    pub(crate) fn hold(&self) -> Option<String> {
        self.hold
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Holds the queue, or lets it go on.
    pub(crate) fn set_hold(&self, reason: Option<String>) {
        let mut hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
        if *hold != reason {
            if let Some(reason) = &reason {
                warn!("The download queue is held: {reason}");
            }
            *hold = reason;
        }
    }

    /// Versions of the programs, asked at most once a minute.
    pub(crate) async fn versions(&self) -> Versions {
        let mut known = self.versions.lock().await;
        if let Some((at, versions)) = &*known
            && at.elapsed() < VERSIONS_MAX_AGE
        {
            return versions.clone();
        }
        let versions = Versions::ask(&self.config, self.clock.now()).await;
        *known = Some((Instant::now(), versions.clone()));
        versions
    }
}

/// The items that this process works on, so that an order reaches them at once.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<DownloadItemId, (DownloadId, CancellationToken)>>);

impl Running {
    /// Notes an item; `halt` stops the work on it.
    pub(crate) fn insert(
        &self,
        item: DownloadItemId,
        download: DownloadId,
        halt: CancellationToken,
    ) {
        self.lock().insert(item, (download, halt));
    }

    /// Forgets an item.
    pub(crate) fn remove(&self, item: DownloadItemId) {
        self.lock().remove(&item);
    }

    /// Stops the work on all items of a download.
    pub(crate) fn halt(&self, download: DownloadId) {
        for (of, halt) in self.lock().values() {
            if *of == download {
                halt.cancel();
            }
        }
    }

    fn lock(
        &self,
    ) -> std::sync::MutexGuard<'_, HashMap<DownloadItemId, (DownloadId, CancellationToken)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects, migrates, starts the workers, and gives the server.
pub async fn build(config: Config, parts: Parts) -> anyhow::Result<Serving> {
    let options = DbOptions {
        url: parts.common.database_url(NAME),
        schema: "download".to_owned(),
        max_connections: parts.common.database.max_connections,
    };
    let db = Db::open(options, &MIGRATIONS).await?;
    let stop = parts.supervisor.stop_token();
    let relay = shared_db::outbox::relay(
        db.clone(),
        Arc::clone(&parts.bus),
        Arc::clone(&parts.clock),
        stop.clone(),
    );
    parts.supervisor.spawn("outbox", relay);
    let state = Data::new(state(config, db.clone(), &parts).await?);
    jobs::start(&state);
    let verifier = Data::new(Verifier::new(
        Arc::new(KeySource::remote(&parts.urls.auth)),
        NAME,
        Arc::clone(&parts.clock),
    ));
    let bus = Arc::clone(&parts.bus);
    let health = Health::new()
        .with("database", move || {
            let db = db.clone();
            async move { db.ping().await.is_ok() }
        })
        .with("bus", move || std::future::ready(bus.is_healthy()));
    let mut options = ServerOptions::new(NAME, health, stop);
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

async fn state(config: Config, db: Db, parts: &Parts) -> anyhow::Result<AppState> {
    let data_dir = std::path::absolute(&parts.common.data.dir)?;
    let fallback_dir = match &config.fallback_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => data_dir.join("downloads"),
    };
    let cache_dir = data_dir.join("cache/ytdlp");
    tokio::fs::create_dir_all(&cache_dir)
        .await
        .with_context(|| {
            format!(
                "the cache folder `{}` could not be made",
                cache_dir.display()
            )
        })?;
    let allow = AllowList::parse(&config.egress_allow).map_err(anyhow::Error::msg)?;
    let upstream = config
        .upstream_proxy
        .as_ref()
        .map(|url| url.expose().parse())
        .transpose()?;
    let policy = Policy {
        allow: allow.clone(),
        upstream,
    };
    let guard = Guard::start(policy, &parts.supervisor).await?;
    let tokens = ServiceTokens::new(&parts.urls.auth, NAME, parts.internal_secret.expose());
    let catalog = Catalog::new(
        &parts.urls.plex,
        tokens,
        PathMap::parse(&config.path_map).map_err(anyhow::Error::msg)?,
        config.default_library.clone(),
        fallback_dir.clone(),
    );
    if let Err(missing) = Tools::find(&config) {
        error!("Downloads cannot run yet: {}", missing.join("; "));
    }
    Ok(AppState {
        config,
        db,
        bus: Arc::clone(&parts.bus),
        clock: Arc::clone(&parts.clock),
        supervisor: parts.supervisor.clone(),
        catalog,
        allow,
        guard,
        runner: Box::new(ProcessRunner),
        running: Running::default(),
        previews: Semaphore::new(PREVIEWS),
        worker: orphan::own_identity(),
        cache_dir,
        fallback_dir,
        work: Notify::new(),
        hold: Mutex::default(),
        versions: tokio::sync::Mutex::default(),
    })
}
