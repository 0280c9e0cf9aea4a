//! `/internal`: what other services ask.

use actix_web::{
    get,
    web::{Data, Json},
};
use shared_http::{Problem, ServiceCaller};
use shared_types::{
    access::service,
    internal::{KnownServer, LibraryLocation},
};

use crate::{Error, app::AppState, store};

/// The configured servers, for the decision whether a Plex account has access to one.
#[get("/servers")]
pub(crate) async fn list_known_servers(
    state: Data<AppState>,
    caller: ServiceCaller,
) -> Result<Json<Vec<KnownServer>>, Problem> {
    caller.require(&[service::AUTH, service::WEBHOOK])?;
    let rows = state
        .db
        .run(store::servers::list)
        .await
        .map_err(Error::from)?;
    let servers = rows.into_iter().map(|row| KnownServer {
        id: row.id(),
        machine_identifier: row.machine_identifier,
        name: row.name,
    });
    Ok(Json(servers.collect()))
}

/// The libraries with their folders, for placing downloaded files.
#[get("/libraries")]
pub(crate) async fn list_library_locations(
    state: Data<AppState>,
    caller: ServiceCaller,
) -> Result<Json<Vec<LibraryLocation>>, Problem> {
    caller.require(&[service::DOWNLOAD])?;
    let rows = state
        .db
        .run(store::libraries::list_all)
        .await
        .map_err(Error::from)?;
    let libraries = rows.into_iter().map(|row| LibraryLocation {
        id: row.id(),
        server_id: row.server_id(),
        locations: row.locations(),
        title: row.title,
        kind: row.kind,
        agent: row.agent,
    });
    Ok(Json(libraries.collect()))
}
