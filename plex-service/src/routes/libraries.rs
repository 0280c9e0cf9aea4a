//! `/plex/libraries`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{access::Scope, ids::LibraryId, page::clamp_limit, problem::ProblemBody};
use utoipa::IntoParams;

use crate::{
    Error,
    app::AppState,
    items::{self, ListItems},
    store,
    views::{ItemPage, Library},
    visibility,
};

/// Which items of a library, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListLibraryItems {
    /// `title` (default), `-added_at`, `-year` or `year`
    sort: Option<String>,
    /// Part of the title; case and accents do not matter.
    q: Option<String>,
    /// A genre.
    genre: Option<String>,
    /// A year.
    year: Option<i32>,
    /// Another type than the library's own, such as `episode`.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the libraries that the caller may see.
///
/// Permission: `library:read`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", responses(
    (status = 200, body = Vec<Library>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 503, body = ProblemBody)))]
#[get("/plex/libraries")]
pub(crate) async fn list_libraries(
    state: Data<AppState>,
    caller: Caller,
) -> Result<Json<Vec<Library>>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let rows = state
        .db
        .run(store::libraries::list_all)
        .await
        .map_err(Error::from)?;
    let rows = visible.filter(rows);
    Ok(Json(rows.into_iter().map(Library::from).collect()))
}

/// List the items of a library.
///
/// Permission: `library:read`, and the library must be visible to the caller.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = LibraryId, Path, description = "The library"), ListLibraryItems), responses(
    (status = 200, body = ItemPage), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[get("/plex/libraries/{id}/items")]
pub(crate) async fn list_library_items(
    state: Data<AppState>,
    caller: Caller,
    id: Path<LibraryId>,
    query: ValidQuery<ListLibraryItems>,
) -> Result<Json<ItemPage>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let query = query.0;
    let wanted = ListItems {
        kind: query.kind,
        sort: query.sort,
        title: query.q,
        genre: query.genre,
        year: query.year,
        cursor: query.cursor,
        limit: clamp_limit(query.limit),
    };
    let listed = items::list(&state, &visible, *id, wanted).await?;
    Ok(Json(ItemPage {
        items: listed.rows.into_iter().map(Into::into).collect(),
        next_cursor: listed.next_cursor,
        total: listed.total,
    }))
}
