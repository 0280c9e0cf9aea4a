//! The bad pages: wrong statuses, hangs, redirects, things that are not what they say, and slow answers.

use std::{convert::Infallible, sync::atomic::Ordering, time::Duration};

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, Path, Query, ServiceConfig},
};
use futures_util::{Stream, stream};
use serde::Deserialize;

use super::{Clip, Shared};

const STEP: Duration = Duration::from_millis(50);

pub(super) fn configure(cfg: &mut ServiceConfig) {
    cfg.route("/fault/{status}", web::route().to(fault))
        .route("/hang", web::route().to(hang))
        .route("/redirect", web::route().to(redirect))
        .route("/no-video", web::route().to(no_video))
        .route("/fake.mp4", web::route().to(fake))
        .route("/cut/{name}.mp4", web::route().to(cut));
}

async fn fault(status: Path<u16>) -> HttpResponse {
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).finish()
}

async fn hang() -> HttpResponse {
    std::future::pending().await
}

#[derive(Deserialize)]
struct Redirect {
    to: String,
}

async fn redirect(query: Query<Redirect>) -> HttpResponse {
    HttpResponse::Found()
        .insert_header(("Location", query.to.clone()))
        .finish()
}

async fn no_video() -> HttpResponse {
    let html =
        "<!DOCTYPE html><html><head><title>Text</title></head><body>Only words.</body></html>";
    HttpResponse::Ok().content_type("text/html").body(html)
}

async fn fake() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("video/mp4")
        .body("<html>this is not a video</html>".repeat(20))
}

async fn cut(shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    let Some(clip) = Clip::find(&name) else {
        return HttpResponse::NotFound().finish();
    };
    let mut bytes = std::fs::read(shared.dir.join(clip.file_name())).expect("the clip was made");
    bytes.truncate(bytes.len() / 2);
    HttpResponse::Ok().content_type("video/mp4").body(bytes)
}

/// The bytes at the site's slow rate, twenty pieces a second.
pub(super) fn trickle(
    shared: Data<Shared>,
    bytes: Bytes,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((shared, bytes), |(shared, mut rest)| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(STEP).await;
        let piece = usize::try_from(shared.slow_rate.load(Ordering::Relaxed) / 20)
            .unwrap_or(usize::MAX)
            .max(1);
        let piece = rest.split_to(piece.min(rest.len()));
        Some((Ok(piece), (shared, rest)))
    })
}
