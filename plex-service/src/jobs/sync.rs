//! Starts syncs: those that were asked for, those whose time has come, and looks at the newest items after hints.

use std::{collections::BTreeMap, sync::Arc};

use shared_db::{Id, dialect};
use shared_runtime::Supervisor;
use shared_types::ids::ServerId;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{LOOK, pause, report};
use crate::{
    Error,
    app::AppState,
    store::{self, libraries::LibraryRow, servers::ServerRow},
    sync,
};

pub(super) async fn run(state: Arc<AppState>, supervisor: Supervisor) {
    let stop = supervisor.stop_token();
    loop {
        report("Starting syncs", start_due(&state, &supervisor).await);
        if !pause(&state.wake.sync, LOOK, &stop).await {
            return;
        }
    }
}

/// What is due on one server.
enum Due {
    Full,
    Newest(Vec<LibraryRow>),
}

async fn start_due(state: &Arc<AppState>, supervisor: &Supervisor) -> Result<(), Error> {
    for (server, due) in due(state).await? {
        let id = server.id();
        if !state
            .db
            .tx(move |conn| store::sync::claim(conn, id))
            .await?
        {
            continue;
        }
        let (state, stop) = (Arc::clone(state), supervisor.stop_token());
        supervisor.spawn("sync of a server", async move {
            match due {
                // Between reading and claiming it may have been asked for again.
                Due::Full => match crate::servers::find(&state, id).await {
                    Ok(server) => sync::sync_server(&state, &server, &stop).await,
                    Err(err) => warn!("A sync could not start: {err}"),
                },
                Due::Newest(libraries) => newest(&state, &server, libraries, &stop).await,
            }
        });
    }
    Ok(())
}

/// Servers with something to do.
async fn due(state: &AppState) -> Result<Vec<(ServerRow, Due)>, Error> {
    let interval = i64::try_from(state.config.sync_interval_seconds).unwrap_or(i64::MAX / 1_000);
    let started_before = state.clock.now() - chrono::TimeDelta::seconds(interval);
    let (servers, hinted, now) = state
        .db
        .run(|conn| {
            Ok::<_, Error>((
                store::servers::list(conn)?,
                store::libraries::list_hinted(conn)?,
                dialect::now(conn)?,
            ))
        })
        .await?;
    let mut hints: BTreeMap<Id, Vec<LibraryRow>> = BTreeMap::new();
    for library in hinted {
        hints.entry(library.server_id).or_default().push(library);
    }
    let is_free = |server: &ServerRow| server.sync_lease_until.is_none_or(|until| until.0 < now);
    let due = servers.into_iter().filter(is_free).filter_map(|server| {
        let is_time = server.is_up()
            && server
                .sync_started_at
                .is_none_or(|started| started.0 <= started_before);
        let was_cut_off = server.sync_state == "running";
        if is_time || was_cut_off || server.sync_requested_at.is_some() {
            return Some((server, Due::Full));
        }
        let libraries = hints.remove(&server.id)?;
        Some((server, Due::Newest(libraries)))
    });
    Ok(due.collect())
}

/// Looks at the newest items of the hinted libraries. A failure is left to the next full sync.
async fn newest(
    state: &AppState,
    server: &ServerRow,
    libraries: Vec<LibraryRow>,
    stop: &CancellationToken,
) {
    for library in &libraries {
        let id = library.id;
        // Cleared first: a hint that comes during the look counts again.
        let cleared = state
            .db
            .tx(move |conn| store::libraries::clear_hint(conn, id))
            .await;
        report("Noting a hint", cleared.map_err(Error::from));
        let looked = tokio::select! {
            () = stop.cancelled() => break,
            looked = sync::look_at_newest(state, server, library) => looked,
        };
        if let Err(err) = looked {
            warn!("New items of `{}` could not be read: {err}", library.title);
        }
    }
    let id: ServerId = server.id();
    let released = state
        .db
        .tx(move |conn| store::sync::release(conn, id))
        .await;
    report("Giving back a lease", released.map_err(Error::from));
}
