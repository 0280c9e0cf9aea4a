//! `/webhooks/deliveries`

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json, Path},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, ValidQuery};
use shared_types::{
    access::Scope,
    ids::{DeliveryId, SourceId},
    page::{Page, clamp_limit},
    problem::ProblemBody,
};
use utoipa::ToSchema;

use super::{cursor_id, fetch};
use crate::{
    app::AppState,
    deliveries::{self, State},
    error::Error,
    store::{
        deliveries::{self as store, Filter},
        events,
    },
    views::{Delivery, DeliveryDetail, Replay},
};

/// Most deliveries that one request replays.
const MAX_REPLAY: u32 = 500;

/// Which deliveries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDeliveries {
    /// Only those of this source.
    source_id: Option<SourceId>,
    /// Only those in this state.
    state: Option<State>,
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which deliveries to replay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayDeliveries {
    source_id: Option<SourceId>,
    state: Option<State>,
    received_after: Option<DateTime<Utc>>,
    received_before: Option<DateTime<Utc>>,
    /// The newest that the filter finds; 500 at most.
    limit: Option<u32>,
    /// Only tell what would be replayed.
    #[serde(default)]
    dry_run: bool,
}

/// List what was received.
///
/// Permission: `webhooks:manage`. Newest first.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", params(ListDeliveries), responses(
    (status = 200, body = Page<Delivery>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody),
))]
#[get("/webhooks/deliveries")]
pub(crate) async fn list_deliveries(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListDeliveries>,
) -> Result<Json<Page<Delivery>>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let limit = clamp_limit(query.0.limit);
    let before = cursor_id(query.0.cursor.as_deref()).map_err(Error::from)?;
    let filter = Filter {
        source_id: query.0.source_id,
        state: query.0.state.map(|state| state.as_str().to_owned()),
        ..Filter::default()
    };
    let rows = state
        .db
        .run(move |conn| store::list_deliveries(conn, &filter, before, fetch(limit)));
    let page = Page::from_rows(rows.await.map_err(Error::from)?, limit, |row| row.id);
    Ok(Json(page.map(Into::into)))
}

/// Look at a delivery.
///
/// Permission: `webhooks:manage`. Everything that is known: headers without secrets, the bytes, every attempt, and the
/// events that came of it.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = DeliveryId, Path, description = "The delivery")), responses(
    (status = 200, body = DeliveryDetail), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
))]
#[get("/webhooks/deliveries/{id}")]
pub(crate) async fn find_delivery(
    state: Data<AppState>,
    caller: Caller,
    id: Path<DeliveryId>,
) -> Result<Json<DeliveryDetail>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let detail = state.db.run(move |conn| {
        let row = store::find_delivery(conn, *id)?.ok_or(Error::NotFound)?;
        let summary = store::find_summary(conn, *id)?.ok_or(Error::NotFound)?;
        let attempts = store::list_attempts(conn, *id)?;
        let events = events::list_of_delivery(conn, *id)?;
        Ok::<_, Error>(DeliveryDetail::new(row, summary, attempts, events))
    });
    Ok(Json(detail.await?))
}

/// Replay a delivery.
///
/// Permission: `webhooks:manage`. Makes a new delivery of the same bytes, which is read by today's rules and has its effect
/// again.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = DeliveryId, Path, description = "The delivery")), responses(
    (status = 202, body = Delivery), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 410, body = ProblemBody),
))]
#[post("/webhooks/deliveries/{id}/replay")]
pub(crate) async fn replay_delivery(
    state: Data<AppState>,
    caller: Caller,
    id: Path<DeliveryId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let made = deliveries::replay(&state.db, &state.clock, *id, caller.user_id).await?;
    state.work.notify_one();
    Ok(HttpResponse::Accepted().json(Delivery::from(made)))
}

/// Replay many deliveries.
///
/// Permission: `webhooks:manage`. Oldest first; deliveries whose bytes are no longer kept are left out.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", request_body = ReplayDeliveries, responses(
    (status = 202, body = Replay), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody),
))]
#[post("/webhooks/deliveries/replay")]
pub(crate) async fn replay_deliveries(
    state: Data<AppState>,
    caller: Caller,
    body: ValidJson<ReplayDeliveries>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let wish = body.0;
    let filter = Filter {
        source_id: wish.source_id,
        state: wish.state.map(|state| state.as_str().to_owned()),
        received_after: wish.received_after,
        received_before: wish.received_before,
    };
    let limit = wish.limit.unwrap_or(MAX_REPLAY).clamp(1, MAX_REPLAY).into();
    let by = (!wish.dry_run).then_some(caller.user_id);
    let replayed = deliveries::replay_filtered(&state.db, &state.clock, filter, limit, by);
    let (matched, delivery_ids) = replayed.await?;
    state.work.notify_one();
    Ok(HttpResponse::Accepted().json(Replay {
        matched,
        replayed: delivery_ids.len(),
        delivery_ids,
        dry_run: wish.dry_run,
    }))
}
