//! `/plex/search`

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{access::Scope, problem::ProblemBody};
use utoipa::IntoParams;

use crate::{app::AppState, search, views::SearchResults, visibility};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchItems {
    /// Words of a title, a person, a year; beginnings and typing errors are understood.
    q: String,
    /// Most results: 1 to 100, 20 when absent.
    limit: Option<u32>,
}

/// Search all libraries that the caller may see.
///
/// Permission: `library:read`.
#[utoipa::path(context_path = "/api/v1", tag = "plex", params(SearchItems), responses(
    (status = 200, body = SearchResults), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 503, body = ProblemBody)))]
#[get("/plex/search")]
pub(crate) async fn search_items(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<SearchItems>,
) -> Result<Json<SearchResults>, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let limit = query.0.limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let results = search::search(&state, &visible, &query.0.q, limit).await?;
    Ok(Json(results.into()))
}
