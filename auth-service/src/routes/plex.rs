//! Sign in with Plex.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared_http::{Problem, ValidJson};
use shared_types::{ids::PinId, problem::ProblemBody};
use utoipa::ToSchema;

use super::{
    cookies::{self, Name},
    login::sign_in_of,
    views::{SessionAnswer, session_answer},
};
use crate::{
    app::AppState,
    origin::Origin,
    plex_sign_in::{self, Progress},
    sessions::{Method, Mode},
};

/// Nothing has to be said to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePlexPin {}

/// A Plex sign-in that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlexPin {
    /// For `complete`.
    id: PinId,
    /// The code that Plex's page shows.
    code: String,
    /// Plex's page, to be opened in a browser.
    auth_url: String,
    /// The sign-in must be finished before.
    expires_at: DateTime<Utc>,
}

/// How the client keeps its session.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompletePlexPin {
    /// `cookie` or `token`.
    #[serde(default)]
    mode: Mode,
}

/// Nobody has approved the sign-in yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingPlexPin {
    /// `pending`
    status: &'static str,
}

/// Begin to sign in with Plex.
///
/// Permission: none. Sets a cookie that binds the sign-in to this browser.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "create_plex_pin",
    request_body = CreatePlexPin, responses(
    (status = 201, body = PlexPin), (status = 429, body = ProblemBody), (status = 502, body = ProblemBody),
    (status = 503, body = ProblemBody), (status = 504, body = ProblemBody)))]
#[post("/auth/plex/pins")]
pub(crate) async fn create_plex_pin(
    state: Data<AppState>,
    origin: Origin,
    _body: ValidJson<CreatePlexPin>,
) -> Result<HttpResponse, Problem> {
    let begun = plex_sign_in::begin(&state, &origin.network()).await?;
    let cookie = cookies::set(&state, Name::PreLogin, &begun.browser, begun.life);
    Ok(HttpResponse::Created().cookie(cookie).json(PlexPin {
        id: begun.id,
        code: begun.code,
        auth_url: begun.auth_url,
        expires_at: begun.expires_at,
    }))
}

/// Ask whether the sign-in was approved; sign in if so.
///
/// Permission: none; in mode `cookie` only the browser that began. Asks plex.tv once. Call it every one to two seconds.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "complete_plex_pin",
    request_body = CompletePlexPin, params(("id" = PinId, Path, description = "The sign-in")), responses(
    (status = 200, body = SessionAnswer), (status = 202, body = PendingPlexPin), (status = 403, body = ProblemBody),
    (status = 410, body = ProblemBody), (status = 502, body = ProblemBody), (status = 503, body = ProblemBody),
    (status = 504, body = ProblemBody)))]
#[post("/auth/plex/pins/{id}/complete")]
pub(crate) async fn complete_plex_pin(
    state: Data<AppState>,
    request: HttpRequest,
    origin: Origin,
    id: Path<PinId>,
    body: ValidJson<CompletePlexPin>,
) -> Result<HttpResponse, Problem> {
    let browser = cookies::read(&state, &request, Name::PreLogin);
    let sign_in = sign_in_of(&state, &request, origin, body.0.mode, Method::Plex);
    match plex_sign_in::complete(&state, *id, browser.as_deref(), sign_in).await? {
        Progress::Pending => {
            Ok(HttpResponse::Accepted().json(PendingPlexPin { status: "pending" }))
        }
        Progress::Done(done) => {
            let used = vec![cookies::clear(&state, Name::PreLogin)];
            session_answer(&state, StatusCode::OK, (&done.0, &done.1), used)
        }
    }
}
