//! The mirror: full sweeps of a server's libraries page by page, and short looks at the newest items after a hint.
//! Nothing is removed unless a sweep was complete, and never much at once.

mod collections;
mod libraries;
mod sweep;

use shared_types::{event::LibrarySynced, ids::ServerId};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    Error,
    app::AppState,
    items::top_kind,
    plex::PlexClient,
    store::{
        self,
        libraries::LibraryRow,
        servers::ServerRow,
        sync::{Ending, Progress},
    },
};
use shared_db::{Ts, outbox};
use shared_types::event::Event;

pub(crate) use collections::collection_row;
pub(crate) use libraries::store_sections;

/// Kinds to mirror, by the library's kind, with Plex's numbers.
pub(crate) fn kinds(library_kind: &str) -> &'static [(&'static str, u8)] {
    match library_kind {
        "movie" => &[("movie", 1)],
        "show" => &[("show", 2), ("season", 3), ("episode", 4)],
        "artist" => &[("artist", 8), ("album", 9)],
        _ => &[],
    }
}

/// How a sync is going on: shared by its steps.
pub(crate) struct Run<'s> {
    state: &'s AppState,
    server: &'s ServerRow,
    client: &'s PlexClient,
    progress: Progress,
    /// Why something was not removed, in words for the operator.
    remarks: Vec<String>,
}

/// Why a sync ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// The process stops; another one goes on.
    #[error("the sync was interrupted")]
    Stopped,
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<crate::plex::Error> for SyncError {
    fn from(err: crate::plex::Error) -> Self {
        Self::Failed(err.into())
    }
}

impl From<shared_db::Error> for SyncError {
    fn from(err: shared_db::Error) -> Self {
        Self::Failed(err.into())
    }
}

/// Mirrors a whole server. The caller holds its lease; the outcome is stored and the lease given back.
pub(crate) async fn sync_server(state: &AppState, server: &ServerRow, stop: &CancellationToken) {
    let id = server.id();
    let request = server.sync_requested_at.map(|at| at.0);
    // Cut off anywhere: what is stored by then is whole pages.
    let outcome = tokio::select! {
        () = stop.cancelled() => Err(SyncError::Stopped),
        outcome = run(state, server) => outcome,
    };
    let at = state.clock.now();
    let stored = match outcome {
        Err(SyncError::Stopped) => {
            state
                .db
                .tx(move |conn| store::sync::release(conn, id))
                .await
        }
        Err(SyncError::Failed(err)) => {
            warn!("The sync of `{}` failed: {}", server.name, chain(&err));
            let ending = Ending {
                is_ok: false,
                error: Some(chain(&err)),
                request,
                at,
            };
            state
                .db
                .tx(move |conn| store::sync::finish(conn, id, &ending))
                .await
        }
        Ok(remarks) => {
            let ending = Ending {
                is_ok: true,
                error: (!remarks.is_empty()).then(|| remarks.join(" ")),
                request,
                at,
            };
            state
                .db
                .tx(move |conn| store::sync::finish(conn, id, &ending))
                .await
        }
    };
    if let Err(err) = stored {
        warn!(
            "The outcome of the sync of `{}` could not be stored: {err}",
            server.name
        );
    }
    state.wake.index.notify_one();
}

/// An error and its causes in one line.
fn chain(err: &dyn std::error::Error) -> String {
    let mut text = err.to_string();
    let mut next = err.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

async fn run(state: &AppState, server: &ServerRow) -> Result<Vec<String>, SyncError> {
    let id = server.id();
    let at = state.clock.now();
    state
        .db
        .tx(move |conn| store::sync::begin(conn, id, at))
        .await?;
    let client = state.clients.of(server)?;
    let mut run = Run {
        state,
        server,
        client: &client,
        progress: Progress::default(),
        remarks: Vec::new(),
    };
    let libraries = run.mirror_libraries().await?;
    run.count(&libraries).await?;
    for library in &libraries {
        run.mirror_library(library).await?;
    }
    info!(
        "Mirrored {} items of `{}`",
        run.progress.items_done, server.name
    );
    Ok(run.remarks)
}

impl Run<'_> {
    async fn store_progress(&self) -> Result<(), SyncError> {
        let (id, progress) = (self.server.id(), self.progress);
        self.state
            .db
            .tx(move |conn| store::sync::advance(conn, id, progress))
            .await?;
        Ok(())
    }

    /// How much there is to do, for the progress that people see.
    async fn count(&mut self, libraries: &[LibraryRow]) -> Result<(), SyncError> {
        self.progress.libraries_total = i32::try_from(libraries.len()).unwrap_or(i32::MAX);
        for library in libraries {
            for (_, number) in kinds(&library.kind) {
                let path = sweep::list_path(library, *number);
                self.progress.items_total += self.client.count(&path).await?;
            }
        }
        self.store_progress().await
    }

    async fn mirror_library(&mut self, library: &LibraryRow) -> Result<(), SyncError> {
        let generation = self.sweep_items(library).await?;
        self.sweep_collections(library, generation).await?;
        self.progress.libraries_done += 1;
        self.store_progress().await?;
        self.tell_synced(library).await?;
        self.state.wake.index.notify_one();
        Ok(())
    }

    async fn tell_synced(&self, library: &LibraryRow) -> Result<(), SyncError> {
        let clock = std::sync::Arc::clone(&self.state.clock);
        let (id, kind) = (library.id, top_kind(&library.kind));
        let mut fact = LibrarySynced {
            server_id: ServerId::from(library.server_id),
            library_id: library.id(),
            title: library.title.clone(),
            item_count: 0,
        };
        self.state
            .db
            .tx(move |conn| {
                fact.item_count = match kind {
                    Some(kind) => store::items::count_any(conn, id, &[kind])?,
                    None => 0,
                };
                let now = Ts::from(clock.now());
                store::libraries::set_synced(conn, id, fact.item_count, now)?;
                outbox::append(conn, &Event::new(&*clock, crate::NAME, &fact))
            })
            .await?;
        Ok(())
    }
}

/// A short look at the newest items of a library after a hint; nothing is removed.
pub(crate) async fn look_at_newest(
    state: &AppState,
    server: &ServerRow,
    library: &LibraryRow,
) -> Result<(), SyncError> {
    let client = state.clients.of(server)?;
    let run = Run {
        state,
        server,
        client: &client,
        progress: Progress::default(),
        remarks: Vec::new(),
    };
    for (_, number) in kinds(&library.kind) {
        run.sweep_newest(library, *number).await?;
    }
    let (id, kind) = (library.id, top_kind(&library.kind));
    state
        .db
        .tx(move |conn| {
            if let Some(kind) = kind {
                let count = store::items::count_any(conn, id, &[kind])?;
                store::libraries::set_item_count(conn, id, count)?;
            }
            store::libraries::bump_revision(conn, id)
        })
        .await?;
    state.wake.index.notify_one();
    Ok(())
}
