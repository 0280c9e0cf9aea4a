//! A simulated Plex, the service, and people with accounts of both.

use std::path::Path;

use plex_service::Config;
use serde_json::{Value, json};
use shared_testkit::{Client, Running, TestWorld, eventually};
use shared_types::{access::Role, ids::UserId};
use simulator::{ServerSettings, Settings, Simulator};
use tempfile::TempDir;

pub(crate) struct Stage {
    pub(crate) world: TestWorld,
    pub(crate) plex: Simulator,
    pub(crate) app: Running,
    pub(crate) admin: Client,
    pub(crate) videos: TempDir,
}

/// A world in which every wait is short.
pub(crate) fn config() -> Config {
    Config {
        check_interval_seconds: 1,
        access_stale_seconds: 1800,
        hint_delay_ms: 50,
        handover_retry_ms: 50,
        handover_retry_max_ms: 200,
        ..Config::default()
    }
}

impl Stage {
    /// Plex and the service, which knows no server yet.
    pub(crate) async fn empty() -> Self {
        let videos = tempfile::tempdir().expect("a temporary directory");
        let settings = Settings {
            servers: vec![ServerSettings {
                movies: 30,
                shows: 3,
                videos_dir: Some(videos.path().to_owned()),
                ..ServerSettings::default()
            }],
            ..Settings::default()
        };
        let plex = Simulator::start(settings).await.expect("Plex starts");
        let world = TestWorld::start().await;
        let app = serve(&world).await;
        let admin = world.admin(&app);
        Self {
            world,
            plex,
            app,
            admin,
            videos,
        }
    }

    /// Plex and the service, which has mirrored it.
    pub(crate) async fn mirrored() -> Self {
        let stage = Self::empty().await;
        let id = stage.add_server().await;
        stage.sync_is_done(&id).await;
        stage
    }

    /// Adds the simulated server and gives its id.
    pub(crate) async fn add_server(&self) -> String {
        let body = json!({"url": self.plex.server_url(0), "token": self.plex.owner_token()});
        let answer = self.admin.post_json("/api/v1/plex/servers", &body).await;
        text(&answer.expect_status(201).json()["id"])
    }

    pub(crate) async fn server_id(&self) -> String {
        let page = self.admin.get("/api/v1/plex/servers").await.json();
        text(&page["items"][0]["id"])
    }

    pub(crate) async fn sync_is_done(&self, server: &str) {
        let path = format!("/api/v1/plex/servers/{server}/sync");
        eventually("the sync is done", || async {
            let sync = self.admin.get(&path).await.json();
            assert_ne!(sync["state"], "failed", "{sync}");
            sync["state"] == "done"
        })
        .await;
    }

    pub(crate) async fn sync_again(&self, server: &str) -> Value {
        let path = format!("/api/v1/plex/servers/{server}/sync");
        drop(self.admin.post(&path).await.expect_status(202));
        eventually("the sync has ended", || async {
            let sync = self.admin.get(&path).await.json();
            sync["state"] == "done" || sync["state"] == "failed"
        })
        .await;
        self.admin.get(&path).await.json()
    }

    /// A member who is signed in with an account of plex.tv.
    pub(crate) async fn member(&self, username: &str) -> Client {
        let user = UserId::generate(&*self.world.clock);
        let access = self.access_of(username).await;
        let path = format!("/internal/users/{user}/plex-access");
        self.world.neighbors.answer(&path, 200, access);
        self.world.person(&self.app, user, Role::Member)
    }

    /// What auth-service would learn from plex.tv.
    async fn access_of(&self, username: &str) -> Value {
        let plex_tv = Client::new(&self.plex.plex_tv_url(), None);
        let request = plex_tv
            .request("GET".parse().expect("a method"), "/api/v2/resources")
            .header("accept", "application/json")
            .header("x-plex-client-identifier", "test")
            .header("x-plex-token", self.plex.account_token(username));
        let resources = plex_tv.send(request).await.expect_status(200).json();
        let servers: Vec<Value> = resources
            .as_array()
            .expect("a list")
            .iter()
            .filter(|resource| resource["accessToken"].is_string())
            .map(|resource| {
                json!({
                    "machine_identifier": resource["clientIdentifier"],
                    "access_token": resource["accessToken"],
                })
            })
            .collect();
        json!({"plex_user_id": 1, "servers": servers, "fresh": true})
    }

    /// The library of a title, as somebody sees it.
    pub(crate) async fn library(&self, who: &Client, title: &str) -> Option<Value> {
        let libraries = who
            .get("/api/v1/plex/libraries")
            .await
            .expect_status(200)
            .json();
        let libraries = libraries.as_array().expect("a list").clone();
        libraries
            .into_iter()
            .find(|library| library["title"] == title)
    }

    /// The items of a library.
    pub(crate) async fn items(&self, title: &str) -> Vec<Value> {
        let library = self.library(&self.admin, title).await.expect("the library");
        let path = format!("/api/v1/plex/libraries/{}/items", text(&library["id"]));
        list(&self.admin.get(&path).await.expect_status(200).json()["items"])
    }

    /// Puts a video file into the folder of the home videos.
    pub(crate) fn add_video(&self, name: &str) -> String {
        let path = self.videos.path().join(name);
        let folder = path.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(&path, vec![0; 2048]).expect("a file");
        path.display().to_string()
    }

    /// Stops the service and starts it again over the same data.
    pub(crate) async fn restart(self) -> Self {
        self.app.stop().await;
        let app = serve(&self.world).await;
        let admin = self.world.admin(&app);
        Self {
            app,
            admin,
            world: self.world,
            plex: self.plex,
            videos: self.videos,
        }
    }
}

async fn serve(world: &TestWorld) -> Running {
    world
        .serve(|parts| plex_service::build(config(), parts))
        .await
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().expect("a list").clone()
}
