//! `/plex/collections`

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, ValidQuery};
use shared_types::{
    access::Scope,
    ids::{CollectionId, ItemId, LibraryId},
    page::{Page, clamp_limit},
    problem::ProblemBody,
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::AppState,
    collections::{self, NewCollection},
    views::{Collection, CollectionDetail},
    visibility,
};

/// Which collections.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCollections {
    /// Only those of this library.
    library_id: Option<LibraryId>,
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A collection to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCollection {
    /// Its title, unique in the library.
    title: String,
    /// The library.
    library_id: LibraryId,
    /// Its members in order: items of the library, all of one type.
    item_ids: Vec<ItemId>,
    /// A few sentences.
    summary: Option<String>,
}

/// List the collections of all libraries that the caller may see.
///
/// Permission: `library:read`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", params(ListCollections), responses(
    (status = 200, body = Page<Collection>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
#[get("/plex/collections")]
pub(crate) async fn list_collections(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListCollections>,
) -> Result<Json<Page<Collection>>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let query = query.0;
    let limit = clamp_limit(query.limit);
    let cursor = query.cursor.as_deref();
    let (rows, next_cursor) =
        collections::list(&state, &visible, query.library_id, cursor, limit).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(Into::into).collect(),
        next_cursor,
    }))
}

/// Make a collection on Plex.
///
/// Permission: `library:manage`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", request_body = CreateCollection, responses(
    (status = 201, body = CollectionDetail), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 502, body = ProblemBody), (status = 503, body = ProblemBody)))]
#[post("/plex/collections")]
pub(crate) async fn create_collection(
    state: Data<AppState>,
    caller: Caller,
    body: ValidJson<CreateCollection>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::LibraryManage)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let new = NewCollection {
        title: body.0.title,
        library_id: body.0.library_id,
        item_ids: body.0.item_ids,
        summary: body.0.summary,
    };
    let made = collections::create(&state, &visible, new).await?;
    Ok(HttpResponse::Created().json(CollectionDetail::from(made)))
}

/// Show a collection with its members.
///
/// Permission: `library:read`, and its library must be visible to the caller.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("id" = CollectionId, Path, description = "The collection")), responses(
    (status = 200, body = CollectionDetail), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/plex/collections/{id}")]
pub(crate) async fn show_collection(
    state: Data<AppState>,
    caller: Caller,
    id: Path<CollectionId>,
) -> Result<Json<CollectionDetail>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    Ok(Json(collections::find(&state, &visible, *id).await?.into()))
}
