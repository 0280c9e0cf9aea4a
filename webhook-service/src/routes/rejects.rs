//! `/webhooks/rejects`

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    access::Scope,
    page::{Page, clamp_limit},
    problem::ProblemBody,
};

use super::{cursor_id, fetch};
use crate::{app::AppState, error::Error, store::rejects as store, views::Reject};

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRejects {
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the requests that were refused.
///
/// Permission: `webhooks:manage`. Newest first; the newest 10,000 of the last seven days are kept.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", params(ListRejects), responses(
    (status = 200, body = Page<Reject>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[get("/webhooks/rejects")]
pub(crate) async fn list_rejects(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListRejects>,
) -> Result<Json<Page<Reject>>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let limit = clamp_limit(query.0.limit);
    let before = cursor_id(query.0.cursor.as_deref()).map_err(Error::from)?;
    let rows = state
        .db
        .run(move |conn| store::list_rejects(conn, before, fetch(limit)));
    let page = Page::from_rows(rows.await.map_err(Error::from)?, limit, |row| row.id);
    Ok(Json(page.map(Into::into)))
}
