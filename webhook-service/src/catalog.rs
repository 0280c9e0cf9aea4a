//! The sources in memory, ready for checking: a delivery is verified without the database, also while that is away.
//!
//! Every replica reads them anew every few seconds, and at once when a request does not pass (the source may be new, or its
//! secret). Both unknown source and wrong secret take that way, so they cannot be told apart.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use actix_web::http::header::HeaderName;
use shared_db::Db;
use shared_runtime::Sealer;
use shared_types::{Clock, ids::SourceId};
use tokio::{sync::Mutex, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::{
    error::Error,
    kind::{AuthMode, Kind},
    sources,
    store::sources::{self as store, SecretRow, SourceRow},
    verify::Credential,
};

/// How old the copy may get.
const REFRESH: Duration = Duration::from_secs(5);
/// How often requests that do not pass may cause a refresh.
const MIN_AGE: Duration = Duration::from_millis(500);
/// Refreshing may not hold up the answer to a sender.
const PATIENCE: Duration = Duration::from_secs(1);

/// A source, ready for checking.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) id: SourceId,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) mode: AuthMode,
    pub(crate) header_name: Option<HeaderName>,
    pub(crate) is_enabled: bool,
    pub(crate) credentials: Vec<Credential>,
}

/// The copy.
#[derive(Debug)]
pub(crate) struct Catalog {
    db: Db,
    clock: Arc<dyn Clock>,
    sealer: Arc<Sealer>,
    sources: RwLock<Arc<HashMap<SourceId, Arc<Source>>>>,
    refreshed: Mutex<Option<Instant>>,
}

impl Catalog {
    /// Reads all sources.
    pub(crate) async fn load(
        db: Db,
        clock: Arc<dyn Clock>,
        sealer: Arc<Sealer>,
    ) -> Result<Self, Error> {
        let catalog = Self {
            db,
            clock,
            sealer,
            sources: RwLock::default(),
            refreshed: Mutex::new(None),
        };
        catalog.read().await?;
        Ok(catalog)
    }

    /// The source as it is known now.
    pub(crate) fn find(&self, id: SourceId) -> Option<Arc<Source>> {
        self.snapshot().get(&id).cloned()
    }

    /// Reads them anew after a change here.
    pub(crate) async fn reload(&self) -> Result<(), Error> {
        let mut refreshed = self.refreshed.lock().await;
        self.read().await?;
        *refreshed = Some(Instant::now());
        Ok(())
    }

    /// Reads them anew because a request did not pass, unless that happened just now. `true`: look again.
    pub(crate) async fn reload_for_doubt(&self) -> bool {
        let asked = Instant::now();
        let mut refreshed = self.refreshed.lock().await;
        if refreshed.is_some_and(|at| at > asked || at.elapsed() < MIN_AGE) {
            return refreshed.is_some_and(|at| at > asked);
        }
        let read = tokio::time::timeout(PATIENCE, self.read()).await;
        *refreshed = Some(Instant::now());
        matches!(read, Ok(Ok(())))
    }

    /// Keeps the copy fresh until `stop`.
    pub(crate) async fn keep_fresh(self: Arc<Self>, stop: CancellationToken) {
        while stop
            .run_until_cancelled(tokio::time::sleep(REFRESH))
            .await
            .is_some()
        {
            if let Err(err) = self.reload().await {
                warn!("The sources could not be read, the known ones stay in force: {err}");
            }
        }
    }

    fn snapshot(&self) -> Arc<HashMap<SourceId, Arc<Source>>> {
        Arc::clone(&self.sources.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let read = self.db.run(move |conn| store::list_with_secrets(conn, now));
        let (rows, secrets) = read.await?;
        let mut sources = HashMap::with_capacity(rows.len());
        for row in &rows {
            match self.prepare(row, &secrets) {
                Ok(source) => drop(sources.insert(row.id, Arc::new(source))),
                Err(err) => error!("The source `{}` cannot be used: {err}", row.id),
            }
        }
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sources);
        Ok(())
    }

    fn prepare(&self, row: &SourceRow, secrets: &[SecretRow]) -> Result<Source, Error> {
        let header_name = row.header_name.as_ref().map(|name| name.parse());
        Ok(Source {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind.parse()?,
            mode: row.auth_mode.parse()?,
            header_name: header_name
                .transpose()
                .map_err(|_name| Error::Stored("a header name".to_owned()))?,
            is_enabled: row.is_enabled,
            credentials: sources::credentials(&self.sealer, row, secrets)?,
        })
    }
}
