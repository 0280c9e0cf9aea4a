//! Quotas, presets and the state of the machinery.

use actix_web::{
    get,
    web::{Data, Json},
};
use shared_http::{Caller, Problem};
use shared_types::{access::Scope, problem::ProblemBody};

use crate::{
    app::AppState,
    error::Error,
    library::free_bytes,
    preset::Preset,
    quota,
    store::queue,
    views::{DownloadSystem, PresetList, PresetView, UsageList, UsageView},
};

/// Show the caller's quotas and what is used of them.
///
/// Permission: `downloads`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    responses(
        (status = 200, body = UsageList),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
    )
)]
#[get("/downloads/usage")]
pub(crate) async fn list_download_usage(
    state: Data<AppState>,
    caller: Caller,
) -> Result<Json<UsageList>, Problem> {
    caller.require(Scope::Downloads)?;
    let (quotas, now) = (state.config.quotas.clone(), state.clock.now());
    let usage = state
        .db
        .run(move |conn| quota::measure(conn, &quotas, caller.user_id, now))
        .await;
    let items = usage
        .map_err(Error::Db)?
        .into_iter()
        .map(UsageView::from)
        .collect();
    Ok(Json(UsageList { items }))
}

/// List the presets.
///
/// Permission: `downloads`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    responses(
        (status = 200, body = PresetList),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
    )
)]
#[get("/downloads/presets")]
pub(crate) async fn list_download_presets(caller: Caller) -> Result<Json<PresetList>, Problem> {
    caller.require(Scope::Downloads)?;
    let items = Preset::ALL.map(|preset| {
        let (title, description) = preset.words();
        PresetView {
            name: preset.as_str(),
            title,
            description,
        }
    });
    Ok(Json(PresetList {
        items: items.to_vec(),
    }))
}

/// Show programs, workers, disk and problems.
///
/// Permission: `downloads:manage`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    responses(
        (status = 200, body = DownloadSystem),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
    )
)]
#[get("/downloads/system")]
pub(crate) async fn find_download_system(
    state: Data<AppState>,
    caller: Caller,
) -> Result<Json<DownloadSystem>, Problem> {
    caller.require(Scope::DownloadsManage)?;
    let versions = state.versions().await;
    let (items_queued, items_running) = state.db.run(queue::count_work).await.map_err(Error::Db)?;
    let target = state.catalog.target(None).await;
    let folder = target.map_or_else(
        |_unknown| state.fallback_dir.clone(),
        |target| target.folder,
    );
    let mut problems = versions.problems;
    if let Some(hold) = state.hold().filter(|hold| !problems.contains(hold)) {
        problems.push(hold);
    }
    Ok(Json(DownloadSystem {
        ytdlp_version: versions.ytdlp,
        ytdlp_age_days: versions.ytdlp_age_days,
        ffmpeg_version: versions.ffmpeg,
        js_runtime: versions.js_runtime,
        workers: state.config.workers,
        disk_free_bytes: free_bytes(&folder).ok(),
        items_queued,
        items_running,
        problems,
    }))
}
