//! `/me/sessions`: where one is signed in.

use actix_web::{
    HttpResponse, delete, get,
    web::{Data, Json, Path},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_http::{Caller, Problem};
use shared_types::{access::Scope, ids::SessionId, page::Page, problem::ProblemBody};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    origin::Origin,
    sessions::{self, Ending},
    store::sessions::SessionRow,
};

/// A sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Id.
    id: SessionId,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_seen_at: DateTime<Utc>,
    /// What the client calls itself.
    user_agent: Option<String>,
    /// Where it was opened from.
    address: Option<String>,
    /// `setup`, `password` or `plex`.
    method: String,
    /// Whether this request belongs to it.
    current: bool,
}

impl Session {
    fn new(row: SessionRow, current: SessionId) -> Self {
        let id = SessionId::from(row.id);
        Self {
            id,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            user_agent: row.user_agent,
            address: row.address,
            method: row.method,
            current: id == current,
        }
    }
}

/// One's own live sessions, the newest first.
///
/// Permission: `account`. There are at most 50 by default, so this is always one page.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "list_sessions", responses(
    (status = 200, body = Page<Session>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[get("/me/sessions")]
pub(crate) async fn list_sessions(
    state: Data<AppState>,
    caller: Caller,
) -> Result<Json<Page<Session>>, Problem> {
    caller.require(Scope::Account)?;
    let rows = sessions::list(&state, caller.user_id).await?.into_iter();
    Ok(Json(Page {
        items: rows
            .map(|row| Session::new(row, caller.session_id))
            .collect(),
        next_cursor: None,
    }))
}

/// End one of one's own sessions.
///
/// Permission: `account`. Publishes `session.revoked.v1`.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "delete_session",
    params(("id" = SessionId, Path, description = "The session")), responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[delete("/me/sessions/{id}")]
pub(crate) async fn delete_session(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    id: Path<SessionId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Account)?;
    let ending = Ending {
        by: caller.user_id,
        reason: "ended_by_owner",
        origin,
    };
    sessions::end_own(&state, *id, ending).await?;
    Ok(HttpResponse::NoContent().finish())
}
