//! What people do to their downloads.

#![expect(
    unused_qualifications,
    reason = "`params(..)` of utoipa 6 writes the type with its whole path"
)]

use actix_web::{
    HttpRequest, HttpResponse, delete, post,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{ids::DownloadId, problem::ProblemBody};
use utoipa::IntoParams;

use super::{download_id, visible_to};
use crate::{
    app::AppState,
    downloads::{self, Order},
    views::Download,
};

async fn carry_out(
    state: &AppState,
    caller: &Caller,
    request: &HttpRequest,
    order: Order,
) -> Result<Json<Download>, Problem> {
    let (owner, id) = (visible_to(caller)?, download_id(request)?);
    let row = downloads::order(state, owner, id, order).await?;
    Ok(Json(Download::new(row, state.hold().as_deref())))
}

/// Pause a download.
///
/// Permission: its owner, or `downloads:manage`. Stops the transfer; what has come so far is kept.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = Download),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
    )
)]
#[post("/downloads/{id}/pause")]
pub(crate) async fn pause_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<Download>, Problem> {
    carry_out(&state, &caller, &request, Order::Pause).await
}

/// Let a paused download go on.
///
/// Permission: its owner, or `downloads:manage`. Transfers continue where they stopped.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = Download),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
    )
)]
#[post("/downloads/{id}/resume")]
pub(crate) async fn resume_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<Download>, Problem> {
    carry_out(&state, &caller, &request, Order::Resume).await
}

/// Cancel a download.
///
/// Permission: its owner, or `downloads:manage`. Ends the transfer at once and publishes `download.cancelled.v1`;
/// videos that lie in their folder stay.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = Download),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
    )
)]
#[post("/downloads/{id}/cancel")]
pub(crate) async fn cancel_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<Download>, Problem> {
    carry_out(&state, &caller, &request, Order::Cancel).await
}

/// Try a failed or cancelled download again.
///
/// Permission: its owner, or `downloads:manage`. Videos that lie in their folder are not fetched again. While Plex is
/// looking for the files, it is told about them once more.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = Download),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
    )
)]
#[post("/downloads/{id}/retry")]
pub(crate) async fn retry_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<Download>, Problem> {
    carry_out(&state, &caller, &request, Order::Retry).await
}

/// How to delete.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteDownload {
    /// Also remove its files from the folder.
    #[serde(default)]
    files: bool,
}

/// Delete a download.
///
/// Permission: its owner, or `downloads:manage`. One that still runs is cancelled first. It still counts against the quotas.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download"), DeleteDownload),
    responses(
        (status = 204),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody),
    )
)]
#[delete("/downloads/{id}")]
pub(crate) async fn delete_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    query: ValidQuery<DeleteDownload>,
) -> Result<HttpResponse, Problem> {
    let (owner, id) = (visible_to(&caller)?, download_id(&request)?);
    downloads::delete(&state, owner, id, query.0.files).await?;
    Ok(HttpResponse::NoContent().finish())
}
