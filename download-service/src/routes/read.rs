//! Reading downloads.

#![expect(
    unused_qualifications,
    reason = "`params(..)` of utoipa 6 writes the type with its whole path"
)]

use actix_web::{
    HttpRequest, get,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_db::Id;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    ids::DownloadId,
    page::{Page, clamp_limit, decode_cursor},
    problem::ProblemBody,
};
use utoipa::IntoParams;

use super::{download_id, visible_to};
use crate::{
    app::AppState,
    error::Error,
    state::DownloadState,
    store::{
        attempts,
        downloads::{self as store, Filter},
        items,
    },
    views::{Download, DownloadItem, DownloadLog},
};

/// Attempts whose lines are shown.
const MAX_LOGS: i64 = 100;

/// Which downloads to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDownloads {
    /// Only in this state.
    state: Option<DownloadState>,
    /// Only with this text in the title or the link.
    q: Option<String>,
    /// Rows of a page, at most 200.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPart {
    /// Rows of a page, at most 200.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List downloads, newest first.
///
/// Permission: `downloads` for one's own, `downloads:manage` for everybody's.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(ListDownloads),
    responses(
        (status = 200, body = Page<Download>),
        (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 422, body = ProblemBody),
    )
)]
#[get("/downloads")]
pub(crate) async fn list_downloads(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListDownloads>,
) -> Result<Json<Page<Download>>, Problem> {
    let query = query.0;
    let before = query
        .cursor
        .as_deref()
        .map(decode_cursor::<DownloadId>)
        .transpose();
    let filter = Filter {
        owner: visible_to(&caller)?,
        state: query.state,
        text: query.q.filter(|text| !text.trim().is_empty()),
        before: before.map_err(|_cursor| Error::InvalidCursor)?,
    };
    let limit = clamp_limit(query.limit);
    let rows = state
        .db
        .run(move |conn| store::list_downloads(conn, &filter, limit))
        .await;
    let page = Page::from_rows(
        rows.map_err(Error::Db)?,
        limit,
        store::DownloadRow::download_id,
    );
    let hold = state.hold();
    Ok(Json(page.map(|row| Download::new(row, hold.as_deref()))))
}

/// Read a download.
///
/// Permission: its owner, or `downloads:manage`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = Download),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    )
)]
#[get("/downloads/{id}")]
pub(crate) async fn find_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<Download>, Problem> {
    let (owner, id) = (visible_to(&caller)?, download_id(&request)?);
    let row = state
        .db
        .run(move |conn| store::find_visible(conn, owner, id))
        .await?;
    Ok(Json(Download::new(row, state.hold().as_deref())))
}

/// List the videos of a download, in their order.
///
/// Permission: its owner, or `downloads:manage`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download"), ListPart),
    responses(
        (status = 200, body = Page<DownloadItem>),
        (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    )
)]
#[get("/downloads/{id}/items")]
pub(crate) async fn list_download_items(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    query: ValidQuery<ListPart>,
) -> Result<Json<Page<DownloadItem>>, Problem> {
    let (owner, id) = (visible_to(&caller)?, download_id(&request)?);
    let after = query
        .0
        .cursor
        .as_deref()
        .map(decode_cursor::<(i32, Id)>)
        .transpose();
    let after = after.map_err(|_cursor| Error::InvalidCursor)?;
    let limit = clamp_limit(query.0.limit);
    let rows = state.db.run(move |conn| {
        store::find_visible(conn, owner, id)?;
        Ok::<_, Error>(items::list_items(conn, id, after, limit)?)
    });
    let page = Page::from_rows(rows.await?, limit, |row| (row.position, row.id));
    Ok(Json(page.map(DownloadItem::from)))
}

/// Read what yt-dlp said about a download.
///
/// Permission: its owner, or `downloads:manage`.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    params(("id" = DownloadId, Path, description = "The download")),
    responses(
        (status = 200, body = DownloadLog),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    )
)]
#[get("/downloads/{id}/log")]
pub(crate) async fn find_download_log(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
) -> Result<Json<DownloadLog>, Problem> {
    let (owner, id) = (visible_to(&caller)?, download_id(&request)?);
    let logs = state.db.run(move |conn| {
        store::find_visible(conn, owner, id)?;
        Ok::<_, Error>(attempts::list_logs(conn, id, MAX_LOGS)?)
    });
    let mut lines = Vec::new();
    for (position, attempt, outcome, log) in logs.await? {
        let outcome = outcome.as_deref().unwrap_or("running");
        lines.push(format!("Video {position}, attempt {attempt}: {outcome}"));
        lines.extend(log.unwrap_or_default().lines().map(without_secrets));
    }
    Ok(Json(DownloadLog { lines }))
}

/// The job's own proxy password is of no use to anybody, but it is a password.
fn without_secrets(line: &str) -> String {
    let words = line
        .split(' ')
        .map(|word| match (word.find("://"), word.rfind('@')) {
            (Some(scheme), Some(at)) if scheme + 3 < at => {
                format!("{}***{}", &word[..scheme + 3], &word[at..])
            }
            _ => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        let line = "cannot connect to http://job:secret@127.0.0.1:99/ for user@example.org";
        let shown = without_secrets(line);
        assert_eq!(
            shown,
            "cannot connect to http://***@127.0.0.1:99/ for user@example.org"
        );
    }
}
