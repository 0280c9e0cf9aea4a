//! `/events`: the live stream of a browser.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};
use shared_http::Problem;
use shared_types::problem::{Code, ProblemBody};

use crate::{
    app::AppState,
    live::{self, Viewer},
    pipeline::Passed,
};

/// Live events as server-sent events.
///
/// Permission: any signed-in person; each event is checked for that person. Resumes after `Last-Event-ID`; an `event: resync`
/// means that too much was missed and lists should be loaded again.
#[utoipa::path(tag = "events", operation_id = "stream_events", context_path = "/api/v1",
    params(("Last-Event-ID" = Option<String>, Header, description = "Continue after this event")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[get("/events")]
pub(crate) async fn stream_events(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let passed = request.extensions().get::<Passed>().cloned();
    let passed = passed.ok_or_else(|| Problem::internal("a request skipped the pipeline"))?;
    let identity = passed
        .identity
        .ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let seat = state
        .hub
        .take_seat(identity.caller.user_id, state.config.streams_per_user)
        .ok_or_else(|| {
            Problem::new(Code::RateLimited)
                .detail("Too many event streams are open; close a tab.")
                .retry_after(10)
        })?;
    let libraries = state
        .visible_libraries(&identity.token)
        .await
        .unwrap_or_default();
    let viewer = Viewer {
        caller: identity.caller,
        issued_at: identity.issued_at,
        libraries,
    };
    let last = request
        .headers()
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let frames = live::stream(state.clone(), viewer, passed.shown, last.as_deref(), seat);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(frames))
}
