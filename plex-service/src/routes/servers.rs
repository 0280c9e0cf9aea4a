//! `/plex/servers`

use actix_web::{
    HttpResponse, delete, get, patch, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, ValidQuery};
use shared_runtime::Secret;
use shared_types::{
    access::Scope,
    ids::ServerId,
    page::{Page, clamp_limit, decode_cursor},
    problem::ProblemBody,
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Error,
    app::AppState,
    servers::{self, NewServer, ServerEdit},
    store,
    views::{Server, Sync},
};

/// A server to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateServer {
    /// Name on screens; the server's own when absent.
    name: Option<String>,
    /// Address, such as `http://192.168.1.10:32400`.
    url: String,
    /// X-Plex-Token of the server's owner. It is stored encrypted and never shown again.
    #[schema(value_type = String, write_only)]
    token: Secret,
}

/// What may be changed of a server; absent fields stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct UpdateServer {
    /// Name on screens.
    name: Option<String>,
    /// Address; the same server must answer there.
    url: Option<String>,
    /// A new token.
    #[schema(value_type = Option<String>, write_only)]
    token: Option<Secret>,
}

/// Paging of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListServers {
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the configured Plex servers.
///
/// Permission: `library:manage`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", params(ListServers), responses(
    (status = 200, body = Page<Server>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
#[get("/plex/servers")]
pub(crate) async fn list_servers(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListServers>,
) -> Result<Json<Page<Server>>, Problem> {
    caller.require(Scope::LibraryManage)?;
    let limit = clamp_limit(query.0.limit);
    let after: Option<ServerId> = query
        .0
        .cursor
        .map(|cursor| decode_cursor(&cursor).map_err(|_invalid| Error::InvalidCursor))
        .transpose()?;
    let rows = state
        .db
        .run(move |conn| store::servers::list_page(conn, after, limit + 1))
        .await
        .map_err(Error::from)?;
    let page = Page::from_rows(rows, limit, store::servers::ServerRow::id);
    Ok(Json(page.map(Server::from)))
}

/// Add a Plex server.
///
/// Permission: `library:manage`. The server must answer and take the token; then its libraries are mirrored.
#[utoipa::path(context_path = "/api/v1", tag = "plex", request_body = CreateServer, responses(
    (status = 201, body = Server), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/plex/servers")]
pub(crate) async fn create_server(
    state: Data<AppState>,
    caller: Caller,
    body: ValidJson<CreateServer>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::LibraryManage)?;
    let new = NewServer {
        name: body.0.name,
        url: body.0.url,
        token: body.0.token,
    };
    let server = servers::add(&state, new).await?;
    Ok(HttpResponse::Created().json(Server::from(server)))
}

/// Change a Plex server.
///
/// Permission: `library:manage`. A new address or token must lead to the same server.
#[utoipa::path(context_path = "/api/v1", tag = "plex", request_body = UpdateServer,
    params(("id" = ServerId, Path, description = "The server")), responses(
    (status = 200, body = Server), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[patch("/plex/servers/{id}")]
pub(crate) async fn update_server(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ServerId>,
    body: ValidJson<UpdateServer>,
) -> Result<Json<Server>, Problem> {
    caller.require(Scope::LibraryManage)?;
    let edit = ServerEdit {
        name: body.0.name,
        url: body.0.url,
        token: body.0.token,
    };
    Ok(Json(servers::edit(&state, *id, edit).await?.into()))
}

/// Remove a Plex server with everything mirrored from it.
///
/// Permission: `library:manage`. Plex itself is not touched.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ServerId, Path, description = "The server")), responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[delete("/plex/servers/{id}")]
pub(crate) async fn delete_server(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ServerId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::LibraryManage)?;
    servers::remove(&state, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Check a Plex server now.
///
/// Permission: `library:manage`. A change of its state is told as an event.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ServerId, Path, description = "The server")), responses(
    (status = 200, body = Server), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[post("/plex/servers/{id}/test")]
pub(crate) async fn test_server(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ServerId>,
) -> Result<Json<Server>, Problem> {
    caller.require(Scope::LibraryManage)?;
    let server = servers::find(&state, *id).await?;
    servers::check(&state, &server).await?;
    Ok(Json(servers::find(&state, *id).await?.into()))
}

/// Start a full sync of a Plex server.
///
/// Permission: `library:manage`. It runs in the background.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ServerId, Path, description = "The server")), responses(
    (status = 202, body = Sync), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[post("/plex/servers/{id}/sync")]
pub(crate) async fn start_sync(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ServerId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::LibraryManage)?;
    let server = servers::request_sync(&state, *id).await?;
    Ok(HttpResponse::Accepted().json(Sync::from(server)))
}

/// Show how far the sync of a Plex server is.
///
/// Permission: `library:manage`.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ServerId, Path, description = "The server")), responses(
    (status = 200, body = Sync), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/plex/servers/{id}/sync")]
pub(crate) async fn show_sync(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ServerId>,
) -> Result<Json<Sync>, Problem> {
    caller.require(Scope::LibraryManage)?;
    Ok(Json(servers::find(&state, *id).await?.into()))
}
