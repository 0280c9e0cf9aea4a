//! A small media site on loopback for download tests: real videos made with ffmpeg, pages, a feed, slow and broken answers,
//! and a log of what was asked for.

mod clips;
mod faults;
mod site;

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use actix_web::{App, HttpServer, web};

pub use clips::Clip;

/// One request that the site got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// `GET`, `HEAD`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The `Range` header.
    pub range: Option<String>,
}

/// The running site.
///
/// | path | what |
/// |---|---|
/// | `/files/{name}.mp4` | the clip, with ranges |
/// | `/slow/{name}.mp4` | the same at [`MediaSite::set_slow_rate`] bytes a second |
/// | `/watch/{name}` | a page with the clip, a title and `og:video` |
/// | `/slow-watch/{name}` | a page with the slow clip |
/// | `/feed.rss` | a feed of all short clips |
/// | `/mixed.rss` | a feed of one clip and one that is not there |
/// | `/no-video` | a page without one |
/// | `/fault/{status}` | that status |
/// | `/hang` | an answer that never comes |
/// | `/redirect?to=…` | a redirect |
/// | `/fake.mp4` | a page in a video's clothes |
/// | `/cut/{name}.mp4` | half of the clip |
#[derive(Debug)]
pub struct MediaSite {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    /// `127.0.0.1:<port>`
    pub address: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    base: String,
    slow_rate: AtomicU64,
    log: Mutex<Vec<SeenRequest>>,
}

impl Shared {
    fn note(&self, request: SeenRequest) {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
    }
}

impl MediaSite {
    /// Makes the clips and starts the site on a free port, on the current async runtime.
    pub async fn start() -> Self {
        let dir = clips::folder().await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let url = format!("http://{address}");
        let shared = Arc::new(Shared {
            dir,
            base: url.clone(),
            slow_rate: AtomicU64::new(200 * 1024),
            log: Mutex::default(),
        });
        let data = web::Data::from(Arc::clone(&shared));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).configure(site::configure))
                .workers(2)
                .shutdown_timeout(1)
                .disable_signals()
                .listen(listener)
                .expect("listens")
                .run();
        drop(tokio::spawn(server));
        Self {
            url,
            address,
            shared,
        }
    }

    /// How fast `/slow` and `/slow-watch` are from now on, also for answers that are under way.
    pub fn set_slow_rate(&self, bytes_per_second: u64) {
        self.shared
            .slow_rate
            .store(bytes_per_second, Ordering::Relaxed);
    }

    /// Everything that was asked for, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Requests whose path contains `part`.
    pub fn requests_for(&self, part: &str) -> Vec<SeenRequest> {
        self.requests()
            .into_iter()
            .filter(|request| request.path.contains(part))
            .collect()
    }

    /// The bytes of a clip, to compare a download with.
    pub fn clip(&self, clip: Clip) -> Vec<u8> {
        std::fs::read(self.shared.dir.join(clip.file_name())).expect("the clip was made")
    }
}
