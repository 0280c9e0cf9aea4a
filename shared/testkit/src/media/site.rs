//! The good pages: files with ranges, pages, feeds.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::RANGE,
    middleware::from_fn,
    web::{self, Data, Path, ServiceConfig},
};

use super::{Clip, SeenRequest, Shared, faults};

pub(super) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(
        web::scope("")
            .wrap(from_fn(note))
            .route("/files/{name}.mp4", web::route().to(file))
            .route("/slow/{name}.mp4", web::route().to(slow_file))
            .route("/watch/{name}", web::route().to(page))
            .route("/slow-watch/{name}", web::route().to(slow_page))
            .route("/feed.rss", web::route().to(feed))
            .route("/mixed.rss", web::route().to(mixed_feed))
            .configure(faults::configure),
    );
}

async fn note<B: actix_web::body::MessageBody + 'static>(
    request: actix_web::dev::ServiceRequest,
    next: actix_web::middleware::Next<B>,
) -> Result<actix_web::dev::ServiceResponse<B>, actix_web::Error> {
    if let Some(shared) = request.app_data::<Data<Shared>>() {
        let range = request
            .headers()
            .get(RANGE)
            .and_then(|value| value.to_str().ok());
        shared.note(SeenRequest {
            method: request.method().to_string(),
            path: request.uri().to_string(),
            range: range.map(str::to_owned),
        });
    }
    next.call(request).await
}

async fn file(request: HttpRequest, shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    serve(&request, &shared, &name, false)
}

async fn slow_file(request: HttpRequest, shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    serve(&request, &shared, &name, true)
}

fn serve(request: &HttpRequest, shared: &Data<Shared>, name: &str, slow: bool) -> HttpResponse {
    let Some(clip) = Clip::find(name) else {
        return HttpResponse::NotFound().finish();
    };
    let bytes = std::fs::read(shared.dir.join(clip.file_name())).expect("the clip was made");
    let total = bytes.len();
    let from = start_of_range(request).unwrap_or(0);
    if from >= total {
        return HttpResponse::RangeNotSatisfiable()
            .insert_header(("Content-Range", format!("bytes */{total}")))
            .finish();
    }
    let rest = web::Bytes::from(bytes).slice(from..);
    let mut response = match from {
        0 => HttpResponse::Ok(),
        _ => HttpResponse::PartialContent(),
    };
    response
        .insert_header(("Accept-Ranges", "bytes"))
        .insert_header(("Content-Type", "video/mp4"));
    if from > 0 {
        response.insert_header((
            "Content-Range",
            format!("bytes {from}-{}/{total}", total - 1),
        ));
    }
    if slow && request.method() != actix_web::http::Method::HEAD {
        let length = rest.len() as u64;
        return response
            .no_chunking(length)
            .streaming(faults::trickle(shared.clone(), rest));
    }
    response.body(rest)
}

fn start_of_range(request: &HttpRequest) -> Option<usize> {
    let value = request.headers().get(RANGE)?.to_str().ok()?;
    let (start, _end) = value.strip_prefix("bytes=")?.split_once('-')?;
    start.parse().ok()
}

async fn page(shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    watch(&shared, &name, "files")
}

async fn slow_page(shared: Data<Shared>, name: Path<String>) -> HttpResponse {
    watch(&shared, &name, "slow")
}

fn watch(shared: &Shared, name: &str, folder: &str) -> HttpResponse {
    let Some(clip) = Clip::find(name) else {
        return HttpResponse::NotFound().finish();
    };
    let (title, video) = (clip.title(), format!("{}/{folder}/{name}.mp4", shared.base));
    let html = format!(
        "<!DOCTYPE html><html><head><title>{title}</title>\
         <meta property=\"og:title\" content=\"{title}\">\
         <meta property=\"og:video\" content=\"{video}\"><meta property=\"og:video:type\" content=\"video/mp4\">\
         </head><body>A clip.</body></html>"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(html)
}

async fn feed(shared: Data<Shared>) -> HttpResponse {
    let clips = [Clip::Alpha, Clip::Bravo, Clip::Charlie];
    rss(
        "Short Clips",
        &clips.map(|clip| {
            (
                clip.title(),
                format!("{}/files/{}.mp4", shared.base, clip.name()),
            )
        }),
    )
}

async fn mixed_feed(shared: Data<Shared>) -> HttpResponse {
    let good = (
        Clip::Alpha.title(),
        format!("{}/files/alpha.mp4", shared.base),
    );
    rss(
        "Mixed Clips",
        &[good, ("Gone Clip", format!("{}/fault/404", shared.base))],
    )
}

fn rss(title: &str, entries: &[(&str, String)]) -> HttpResponse {
    let items = entries.iter().map(|(title, url)| {
        format!(
            "<item><title>{title}</title><link>{url}</link><guid>{url}</guid>\
             <enclosure url=\"{url}\" type=\"video/mp4\" length=\"1\"/></item>"
        )
    });
    let items = items.collect::<Vec<_>>().concat();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>{title}</title>\
         <link>http://example.org/</link><description>d</description>{items}</channel></rss>"
    );
    HttpResponse::Ok()
        .content_type("application/rss+xml")
        .body(xml)
}
