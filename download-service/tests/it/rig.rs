//! The surroundings of a test: the service, a media site, a Plex library folder.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use download_service::Config;
use serde_json::{Value, json};
use shared_testkit::{Client, Running, TestWorld, eventually_within, media::MediaSite, setting};
use shared_types::{
    event::{Event, LibraryItemAdded},
    ids::{ItemId, LibraryId, ServerId},
};

/// Python needs its time on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(45);

pub(crate) struct Rig {
    pub(crate) world: TestWorld,
    pub(crate) site: MediaSite,
    pub(crate) library: PathBuf,
    pub(crate) library_id: LibraryId,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        let world = TestWorld::start().await;
        let site = MediaSite::start().await;
        let library = world.dir().join("local/Home Videos");
        fs::create_dir_all(&library).expect("made");
        let library_id = LibraryId::generate(&*world.clock);
        let libraries = json!([
            {"id": LibraryId::generate(&*world.clock), "server_id": ServerId::generate(&*world.clock), "title": "Shows",
             "type": "show", "agent": "tv.plex.agents.series", "locations": ["/plex/Shows"]},
            {"id": library_id, "server_id": ServerId::generate(&*world.clock), "title": "Home Videos",
             "type": "movie", "agent": "com.plexapp.agents.none", "locations": ["/plex/Home Videos"]},
        ]);
        world
            .neighbors
            .answer("/internal/libraries", 200, libraries.clone());
        world
            .neighbors
            .answer("/api/v1/plex/libraries", 200, libraries);
        Self {
            world,
            site,
            library,
            library_id,
        }
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config {
            ytdlp: ytdlp(),
            path_map: vec![format!(
                "/plex={}",
                self.world.dir().join("local").display()
            )],
            egress_allow: vec![self.site.address.clone()],
            lease_seconds: 4,
            heartbeat_seconds: 1,
            ..Config::default()
        };
        config.quotas.downloads_per_hour = 100;
        config
    }

    /// A configuration with which nothing is ever started.
    pub(crate) fn held(&self) -> Config {
        Config {
            min_free_bytes: u64::MAX,
            ..self.config()
        }
    }

    pub(crate) async fn serve(&self, config: Config) -> Running {
        self.world
            .serve(|parts| download_service::build(config, parts))
            .await
    }

    /// A page of the media site.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.site.url)
    }

    /// The files in the library folder, relative to it, sorted; staging is not part of it.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.library, &self.library, &mut files);
        files.sort();
        files
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.library.join(".medianest-staging")
    }

    /// Process groups of yt-dlp that work for this rig.
    pub(crate) fn ytdlp_processes(&self) -> Vec<i32> {
        let needle = self.library.to_string_lossy().into_owned();
        let processes = fs::read_dir("/proc").expect("Linux").flatten();
        processes
            .filter_map(|entry| {
                let pid = entry.file_name().to_str()?.parse().ok()?;
                let line = fs::read(entry.path().join("cmdline")).ok()?;
                String::from_utf8_lossy(&line)
                    .contains(&needle)
                    .then_some(pid)
            })
            .collect()
    }

    /// What plex-service tells when it has found a file.
    pub(crate) async fn tell_found(&self, download: &str, item: &str) {
        let fact = LibraryItemAdded {
            server_id: ServerId::generate(&*self.world.clock),
            library_id: self.library_id,
            item_id: ItemId::generate(&*self.world.clock),
            item_type: "movie".into(),
            title: "A Clip".into(),
            plex_url: Some("https://app.plex.tv/desktop/#!/x".into()),
            download_id: Some(download.parse().expect("an id")),
            download_item_id: Some(item.parse().expect("an id")),
            collection: None,
        };
        let event = Event::new(&*self.world.clock, "plex-service", &fact);
        self.world.bus.publish(&event).await.expect("handled");
        self.world
            .bus
            .publish(&event)
            .await
            .expect("handled again without effect");
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("readable").flatten() {
        let path = entry.path();
        if path.is_dir() && !entry.file_name().to_string_lossy().starts_with('.') {
            collect(root, &path, files);
        } else if path.is_file() {
            files.push(
                path.strip_prefix(root)
                    .expect("below")
                    .display()
                    .to_string(),
            );
        }
    }
}

/// The real yt-dlp.
fn ytdlp() -> String {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.medianest/venv/bin/yt-dlp");
    let path = setting("MEDIANEST_TEST_YTDLP").map_or(installed, PathBuf::from);
    assert!(
        path.is_file(),
        "`{}` is missing: run `deploy/run/tools`, or set MEDIANEST_TEST_YTDLP to a yt-dlp program",
        path.display()
    );
    path.display().to_string()
}

/// Submits a link and gives the id of the download.
pub(crate) async fn submit(client: &Client, url: &str) -> String {
    submit_with(client, &json!({"url": url})).await
}

pub(crate) async fn submit_with(client: &Client, body: &Value) -> String {
    let answer = client
        .post_json("/api/v1/downloads", body)
        .await
        .expect_status(201)
        .json();
    assert_eq!(answer["state"], "queued", "{answer}");
    answer["id"].as_str().expect("an id").to_owned()
}

pub(crate) async fn download(client: &Client, id: &str) -> Value {
    client
        .get(&format!("/api/v1/downloads/{id}"))
        .await
        .expect_status(200)
        .json()
}

pub(crate) async fn items(client: &Client, id: &str) -> Vec<Value> {
    let page = client
        .get(&format!("/api/v1/downloads/{id}/items"))
        .await
        .expect_status(200)
        .json();
    page["items"].as_array().expect("items").clone()
}

/// Waits until the download is in one of the states, and gives it; shows its log when that never happens.
pub(crate) async fn wait_for(client: &Client, id: &str, states: &[&str]) -> Value {
    let started = std::time::Instant::now();
    loop {
        let now = download(client, id).await;
        let state = now["state"].as_str().expect("a state").to_owned();
        if states.contains(&state.as_str()) {
            return now;
        }
        let is_over = ["failed", "cancelled"].contains(&state.as_str());
        if is_over || started.elapsed() > LONG {
            let log = client
                .get(&format!("/api/v1/downloads/{id}/log"))
                .await
                .text();
            panic!("waited for {states:?} in vain: {now}\n{log}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits for a condition, as long as Python needs.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    eventually_within(LONG, what, || std::future::ready(condition())).await;
}
