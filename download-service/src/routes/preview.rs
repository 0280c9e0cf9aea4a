//! Looking at a link before it is submitted.

use std::{path::PathBuf, time::Duration};

use actix_web::{
    post,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, new_request_id};
use shared_types::{
    access::Scope,
    problem::{Code, ProblemBody},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    error::Error,
    jobs::{Look, NoLook, look_at},
    link::VideoUrl,
    quota,
    views::{Preview, PreviewEntry, PreviewKind, shown},
    ytdlp::{Failure, probe::Found, tools::Tools},
};

/// Entries that are shown.
const MAX_SHOWN: usize = 100;
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// A link to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewDownload {
    /// Page of a video or of a playlist.
    url: String,
}

/// Look at a link.
///
/// Permission: `downloads`. Says what is behind the link and whether it fits the caller's quotas; nothing is submitted.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    request_body = PreviewDownload,
    responses(
        (status = 200, body = Preview),
        (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
#[post("/downloads/preview")]
pub(crate) async fn preview_download(
    state: Data<AppState>,
    caller: Caller,
    body: ValidJson<PreviewDownload>,
) -> Result<Json<Preview>, Problem> {
    caller.require(Scope::Downloads)?;
    let url = VideoUrl::parse(&body.0.url, &state.allow).map_err(Error::from)?;
    Tools::find(&state.config).map_err(|missing| Error::ToolMissing(missing.join(" ")))?;
    let Ok(Ok(_turn)) = timeout(TURN_TIMEOUT, state.previews.acquire()).await else {
        let busy = "Many links are being looked at right now; try again in a moment.";
        return Err(Problem::new(Code::Unavailable).detail(busy).retry_after(5));
    };
    let found = look(&state, &url).await?;
    let (quotas, now) = (state.config.quotas.clone(), state.clock.now());
    let usage = state
        .db
        .run(move |conn| quota::measure(conn, &quotas, caller.user_id, now))
        .await;
    let reasons = usage
        .map_err(Error::Db)?
        .iter()
        .filter(|usage| usage.is_used_up())
        .map(quota::Usage::words)
        .collect();
    Ok(Json(view(found, &url, reasons)))
}

/// The directory of one look, removed with this value.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(err) = std::fs::remove_dir_all(&self.0) {
            warn!("The directory of a preview could not be removed: {err}");
        }
    }
}

async fn look(state: &AppState, url: &VideoUrl) -> Result<Found, Problem> {
    let name = format!("preview-{}", new_request_id());
    let scratch = Scratch(state.cache_dir.join(&name));
    tokio::fs::create_dir_all(scratch.0.join("tmp"))
        .await
        .map_err(Error::Io)?;
    let halt: CancellationToken = state.supervisor.stop_token();
    let pass = state.guard.pass(&name);
    let look = Look {
        dir: &scratch.0,
        pass: &pass,
        halt: &halt,
    };
    match look_at(state, &look, url.as_str(), async |_pid, _start| {}).await {
        Ok(found) => Ok(found),
        Err(NoLook::Failed(failure)) => Err(refusal(&failure)),
        Err(NoLook::Halted) => Err(Problem::new(Code::Unavailable).retry_after(5)),
        Err(NoLook::Io(err)) => Err(Error::Io(err).into()),
    }
}

fn refusal(failure: &Failure) -> Problem {
    Problem::new(Code::LinkRefused)
        .detail(failure.message())
        .field("#/url", failure.class.name, failure.class.message)
}

fn view(found: Found, url: &VideoUrl, reasons: Vec<String>) -> Preview {
    let fits_quota = reasons.is_empty();
    match found {
        Found::Video { info, size_bytes } => Preview {
            kind: PreviewKind::Video,
            title: info.title.clone(),
            entry_count: 1,
            entries: vec![PreviewEntry {
                title: info.title,
                duration_seconds: info.duration,
                url: url.as_str().to_owned(),
            }],
            total_duration_seconds: info.duration,
            estimated_bytes: size_bytes,
            fits_quota,
            reasons,
        },
        Found::Playlist { title, entries } => Preview {
            kind: PreviewKind::Playlist,
            title,
            entry_count: entries.len(),
            total_duration_seconds: entries.iter().map(|entry| entry.duration_seconds).sum(),
            entries: entries
                .into_iter()
                .take(MAX_SHOWN)
                .map(|entry| PreviewEntry {
                    title: entry.title,
                    duration_seconds: entry.duration_seconds,
                    url: shown(entry.url),
                })
                .collect(),
            estimated_bytes: None,
            fits_quota,
            reasons,
        },
    }
}
