//! `/plex/items` and `/plex/recently-added`

use actix_web::{
    get,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    access::Scope,
    ids::ItemId,
    page::{Page, clamp_limit},
    problem::ProblemBody,
};
use utoipa::IntoParams;

use crate::{
    app::AppState,
    items,
    store::items::ItemRow,
    views::{ItemDetail, ItemSummary},
    visibility,
};

/// Paging of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPage {
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

fn page((rows, next_cursor): (Vec<ItemRow>, Option<String>)) -> Json<Page<ItemSummary>> {
    Json(Page {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor,
    })
}

/// List the newest movies, shows and albums of all libraries that the caller may see.
///
/// Permission: `library:read`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", params(ListPage), responses(
    (status = 200, body = Page<ItemSummary>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 503, body = ProblemBody)))]
#[get("/plex/recently-added")]
pub(crate) async fn list_recently_added(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListPage>,
) -> Result<Json<Page<ItemSummary>>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let limit = clamp_limit(query.0.limit);
    let cursor = query.0.cursor.as_deref();
    Ok(page(
        items::list_recent(&state, &visible, cursor, limit).await?,
    ))
}

/// Show everything about an item.
///
/// Permission: `library:read`, and its library must be visible to the caller. Plex's own answer is used when it is
/// reachable, the mirror otherwise.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ItemId, Path, description = "The item")), responses(
    (status = 200, body = ItemDetail), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/plex/items/{id}")]
pub(crate) async fn show_item(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ItemId>,
) -> Result<Json<ItemDetail>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    Ok(Json(
        items::find_detail(&state, &visible, *id).await?.into(),
    ))
}

/// List the seasons of a show, the episodes of a season, or the albums of an artist.
///
/// Permission: `library:read`, and its library must be visible to the caller.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = ItemId, Path, description = "The item"), ListPage), responses(
    (status = 200, body = Page<ItemSummary>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/plex/items/{id}/children")]
pub(crate) async fn list_item_children(
    state: Data<AppState>,
    caller: Caller,
    id: Path<ItemId>,
    query: ValidQuery<ListPage>,
) -> Result<Json<Page<ItemSummary>>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let limit = clamp_limit(query.0.limit);
    let cursor = query.0.cursor.as_deref();
    Ok(page(
        items::list_children(&state, &visible, *id, cursor, limit).await?,
    ))
}
