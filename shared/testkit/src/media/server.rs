//! The site itself.

use std::{
    fmt::Write,
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header},
    web::{self, Bytes, Data, Path},
};
use futures_util::stream;

use super::{Video, files};

/// Slow transfers send this much at a time.
const SLOW_CHUNK: usize = 64 * 1024;
/// … with this pause between: about 640 KB a second.
const SLOW_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
struct Site {
    folder: PathBuf,
    base: String,
    is_fast: AtomicBool,
    log: Mutex<Vec<Hit>>,
}

/// One request.
#[derive(Debug, Clone)]
struct Hit {
    path: String,
    range: Option<String>,
}

/// A running media site.
#[derive(Debug)]
pub struct MediaServer {
    site: Arc<Site>,
    address: String,
}

impl MediaServer {
    /// Starts it on a free port of the loopback interface.
    pub async fn start() -> Self {
        let folder = tokio::task::spawn_blocking(files::ensure)
            .await
            .expect("the videos are made");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let site = Arc::new(Site {
            folder,
            base: format!("http://{address}"),
            ..Site::default()
        });
        let shared = Data::from(Arc::clone(&site));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/watch/{name}", web::get().to(page))
                .route("/slow/{name}", web::get().to(slow_page))
                .route("/v/{name}.mp4", web::route().to(video))
                .route("/v-slow/{name}.mp4", web::route().to(slow_video))
                .route("/feed/{count}.rss", web::get().to(feed))
                .route("/text", web::get().to(text_page))
                .route("/to-private", web::route().to(to_private))
                .route("/status/{code}", web::route().to(status))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listens")
        .run();
        drop(tokio::spawn(server));
        Self { site, address }
    }

    /// Host and port, for `download.egress_allow`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The file itself.
    pub fn file_url(&self, video: Video) -> String {
        format!("{}/v/{}.mp4", self.site.base, video.name())
    }

    /// A page with the video.
    pub fn page_url(&self, video: Video) -> String {
        format!("{}/watch/{}", self.site.base, video.name())
    }

    /// A page whose video comes slowly, until [`MediaServer::set_fast`].
    pub fn slow_url(&self, video: Video) -> String {
        format!("{}/slow/{}", self.site.base, video.name())
    }

    /// A playlist (RSS) of one or two videos.
    pub fn playlist_url(&self, count: usize) -> String {
        format!("{}/feed/{count}.rss", self.site.base)
    }

    /// A page without a video.
    pub fn page_without_video_url(&self) -> String {
        format!("{}/text", self.site.base)
    }

    /// A redirect to an address in a private network.
    pub fn redirect_to_private_url(&self) -> String {
        format!("{}/to-private", self.site.base)
    }

    /// An address that always answers with this status.
    pub fn status_url(&self, status: u16) -> String {
        format!("{}/status/{status}", self.site.base)
    }

    /// From now on nothing is slow.
    pub fn set_fast(&self) {
        self.site.is_fast.store(true, Ordering::Release);
    }

    /// Paths asked for so far.
    pub fn requests(&self) -> Vec<String> {
        self.site.hits().into_iter().map(|hit| hit.path).collect()
    }

    /// Whether a transfer was continued in the middle of a file.
    pub fn saw_range_request(&self) -> bool {
        self.site.hits().iter().any(|hit| {
            hit.range
                .as_deref()
                .and_then(range_start)
                .is_some_and(|from| from > 0)
        })
    }
}

impl Site {
    fn note(&self, request: &HttpRequest) {
        let range = request
            .headers()
            .get(header::RANGE)
            .and_then(|value| value.to_str().ok());
        let hit = Hit {
            path: request.path().to_owned(),
            range: range.map(str::to_owned),
        };
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(hit);
    }

    fn hits(&self) -> Vec<Hit> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn find(name: &str) -> Option<Video> {
    Video::ALL.into_iter().find(|video| video.name() == name)
}

fn range_start(range: &str) -> Option<usize> {
    range
        .strip_prefix("bytes=")?
        .split('-')
        .next()?
        .parse()
        .ok()
}

async fn page(request: HttpRequest, site: Data<Site>, name: Path<String>) -> HttpResponse {
    show(&request, &site, &name, "v")
}

async fn slow_page(request: HttpRequest, site: Data<Site>, name: Path<String>) -> HttpResponse {
    show(&request, &site, &name, "v-slow")
}

fn show(request: &HttpRequest, site: &Site, name: &str, folder: &str) -> HttpResponse {
    site.note(request);
    let Some(video) = find(name) else {
        return HttpResponse::NotFound().finish();
    };
    let (title, base) = (video.title(), &site.base);
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html><head><title>{title}</title><meta property=\"og:title\" content=\"{title}\"></head>\
         <body><video><source src=\"{base}/{folder}/{name}.mp4\" type=\"video/mp4\"></video></body></html>"
    ))
}

async fn video(request: HttpRequest, site: Data<Site>, name: Path<String>) -> HttpResponse {
    send(&request, &site, &name, false)
}

async fn slow_video(request: HttpRequest, site: Data<Site>, name: Path<String>) -> HttpResponse {
    let is_slow = !site.is_fast.load(Ordering::Acquire);
    send(&request, &site, &name, is_slow)
}

/// The file, or the part of it that `Range` asks for (RFC 9110 §14.2, one open-ended or closed range).
fn send(request: &HttpRequest, site: &Site, name: &str, is_slow: bool) -> HttpResponse {
    site.note(request);
    let Some(video) = find(name) else {
        return HttpResponse::NotFound().finish();
    };
    let bytes = std::fs::read(video.path(&site.folder)).expect("the video is there");
    let total = bytes.len();
    let range = request
        .headers()
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let mut response = HttpResponse::Ok();
    let mut body = Bytes::from(bytes);
    if let Some(from) = range.and_then(range_start) {
        if from >= total {
            return HttpResponse::RangeNotSatisfiable().finish();
        }
        let end = range
            .and_then(|range| range.rsplit('-').next()?.parse().ok())
            .unwrap_or(total - 1)
            .min(total - 1);
        response.status(StatusCode::PARTIAL_CONTENT);
        response.insert_header((header::CONTENT_RANGE, format!("bytes {from}-{end}/{total}")));
        body = body.slice(from..=end);
    }
    response
        .content_type("video/mp4")
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if !is_slow {
        return response.body(body);
    }
    let length = u64::try_from(body.len()).unwrap_or_default();
    response.body(actix_web::body::SizedStream::new(length, trickle(body)))
}

fn trickle(
    body: Bytes,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> + 'static {
    stream::unfold(body, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(SLOW_PAUSE).await;
        let chunk = rest.split_to(rest.len().min(SLOW_CHUNK));
        Some((Ok(chunk), rest))
    })
}

async fn feed(request: HttpRequest, site: Data<Site>, count: Path<usize>) -> HttpResponse {
    site.note(&request);
    let base = &site.base;
    let mut items = String::new();
    for video in Video::ALL.into_iter().take(count.into_inner()) {
        let (title, link) = (video.title(), format!("{base}/watch/{}", video.name()));
        let _written = write!(
            items,
            "<item><title>{title}</title><link>{link}</link><guid>{link}</guid></item>"
        );
    }
    HttpResponse::Ok().content_type("application/rss+xml").body(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Evening clips</title>\
         <link>{base}/</link><description>Test feed</description>{items}</channel></rss>"
    ))
}

async fn text_page(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    site.note(&request);
    HttpResponse::Ok()
        .content_type("text/html")
        .body("<!doctype html><title>Words</title><p>Only words here.")
}

async fn to_private(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    site.note(&request);
    HttpResponse::Found()
        .insert_header((header::LOCATION, "http://127.0.0.1:1/private.mp4"))
        .finish()
}

async fn status(request: HttpRequest, site: Data<Site>, code: Path<u16>) -> HttpResponse {
    site.note(&request);
    HttpResponse::build(StatusCode::from_u16(*code).unwrap_or(StatusCode::BAD_REQUEST)).finish()
}
