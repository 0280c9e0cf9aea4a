//! `/notifications`

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    access::Scope,
    ids::NotificationId,
    page::{Page, clamp_limit},
    problem::ProblemBody,
};

use super::{cursor_id, fetch};
use crate::{app::AppState, error::Error, store::notifications as store, views::Notification};

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListNotifications {
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List my notifications.
///
/// Permission: `notifications`. Newest first.
#[utoipa::path(context_path = "/api/v1", tag = "notifications", params(ListNotifications), responses(
    (status = 200, body = Page<Notification>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[get("/notifications")]
pub(crate) async fn list_notifications(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListNotifications>,
) -> Result<Json<Page<Notification>>, Problem> {
    caller.require(Scope::Notifications)?;
    let limit = clamp_limit(query.0.limit);
    let before = cursor_id(query.0.cursor.as_deref()).map_err(Error::from)?;
    let rows = state
        .db
        .run(move |conn| store::list_for_user(conn, caller.user_id, before, fetch(limit)));
    let page = Page::from_rows(rows.await.map_err(Error::from)?, limit, |row| row.id);
    Ok(Json(page.map(Into::into)))
}

/// Mark a notification as read.
///
/// Permission: `notifications`, and it is mine.
#[utoipa::path(context_path = "/api/v1", tag = "notifications",
    params(("id" = NotificationId, Path, description = "The notification")), responses(
    (status = 204), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
))]
#[post("/notifications/{id}/read")]
pub(crate) async fn read_notification(
    state: Data<AppState>,
    caller: Caller,
    id: Path<NotificationId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Notifications)?;
    let now = state.clock.now();
    let found = state
        .db
        .tx(move |conn| store::update_read_for_user(conn, caller.user_id, *id, now));
    if !found.await.map_err(Error::from)? {
        return Err(Error::NotFound.into());
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Mark all my notifications as read.
///
/// Permission: `notifications`.
#[utoipa::path(context_path = "/api/v1", tag = "notifications", responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[post("/notifications/read-all")]
pub(crate) async fn read_all_notifications(
    state: Data<AppState>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Notifications)?;
    let now = state.clock.now();
    let read = state
        .db
        .tx(move |conn| store::update_all_read_for_user(conn, caller.user_id, now));
    read.await.map_err(Error::from)?;
    Ok(HttpResponse::NoContent().finish())
}
