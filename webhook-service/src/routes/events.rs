//! `/webhooks/events`

use actix_web::{
    get,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    access::Scope,
    ids::SourceId,
    page::{Page, clamp_limit},
    problem::ProblemBody,
};

use super::{cursor_id, fetch};
use crate::{app::AppState, error::Error, store::events as store, views::TracedEvent};

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListWebhookEvents {
    /// Only those of this source.
    source_id: Option<SourceId>,
    /// Name in the catalog, such as `media.added`.
    r#type: Option<String>,
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List what the senders said, in our words.
///
/// Permission: `webhooks:manage`. Newest first.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", params(ListWebhookEvents), responses(
    (status = 200, body = Page<TracedEvent>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[get("/webhooks/events")]
pub(crate) async fn list_webhook_events(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListWebhookEvents>,
) -> Result<Json<Page<TracedEvent>>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let limit = clamp_limit(query.0.limit);
    let before = cursor_id(query.0.cursor.as_deref()).map_err(Error::from)?;
    let (source, kind) = (query.0.source_id, query.0.r#type);
    let rows = state
        .db
        .run(move |conn| store::list_events(conn, source, kind.as_deref(), before, fetch(limit)));
    let page = Page::from_rows(rows.await.map_err(Error::from)?, limit, |row| row.id);
    Ok(Json(page.map(Into::into)))
}
