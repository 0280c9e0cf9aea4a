//! The routes under `/api/v1/downloads`.

mod create;
mod orders;
mod preview;
mod read;
mod system;

use actix_web::{HttpRequest, web};
use shared_http::{Caller, Problem};
use shared_types::{
    access::Scope,
    ids::{DownloadId, UserId},
    problem::Code,
};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "download-service", description = "The download queue."),
    paths(
        create::create_download,
        preview::preview_download,
        read::list_downloads,
        read::find_download,
        read::list_download_items,
        read::find_download_log,
        orders::pause_download,
        orders::resume_download,
        orders::cancel_download,
        orders::retry_download,
        orders::delete_download,
        system::list_download_usage,
        system::list_download_presets,
        system::find_download_system,
    ),
    tags((name = "downloads", description = "Links that become files in a library."))
)]
struct Api;

/// The OpenAPI document of this service's public routes.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Registers all routes; the fixed names before `{id}`.
pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::scope("/api/v1")
            .service(preview::preview_download)
            .service(system::list_download_usage)
            .service(system::list_download_presets)
            .service(system::find_download_system)
            .service(create::create_download)
            .service(read::list_downloads)
            .service(read::list_download_items)
            .service(read::find_download_log)
            .service(orders::pause_download)
            .service(orders::resume_download)
            .service(orders::cancel_download)
            .service(orders::retry_download)
            .service(orders::delete_download)
            .service(read::find_download),
    );
}

/// Whose downloads a caller may see: `None` means everybody's.
fn visible_to(caller: &Caller) -> Result<Option<UserId>, Problem> {
    if caller.has(Scope::DownloadsManage) {
        return Ok(None);
    }
    caller.require(Scope::Downloads)?;
    Ok(Some(caller.user_id))
}

/// An id in the path; anything else does not exist.
fn download_id(request: &HttpRequest) -> Result<DownloadId, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    text.parse().map_err(|_uuid| Problem::new(Code::NotFound))
}
