//! A household around a deployment: an administrator, a Plex server, friends, and videos to download.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use shared_testkit::{Client, TestResponse, eventually_within, media::MediaSite};
use simulator::{ServerSettings, Settings, Simulator};
use tempfile::TempDir;

use crate::{Deployment, EventLog, Shape};

/// Long work in a test (a sync, a download) is waited for this long.
const LONG: Duration = Duration::from_secs(90);

/// The administrator's password.
const PASSWORD: &str = "a quiet harbour at dawn";

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// Sends requests as this person.
    pub client: Client,
    /// Their access token.
    pub token: String,
    /// Their id.
    pub id: String,
}

/// Everything.
pub struct House {
    /// MediaNest.
    pub deployment: Deployment,
    /// plex.tv and the Plex server.
    pub plex: Simulator,
    /// Videos.
    pub media: MediaSite,
    videos: TempDir,
}

impl House {
    /// Starts the simulator, the media server and MediaNest. Nobody has claimed it yet.
    pub async fn start(shape: Shape) -> Self {
        Self::start_with(shape, &[]).await
    }

    /// The same, with more settings.
    pub async fn start_with(shape: Shape, settings: &[(&str, String)]) -> Self {
        let videos = tempfile::tempdir().expect("a temporary directory");
        let server = ServerSettings {
            movies: 60,
            shows: 5,
            videos_dir: Some(videos.path().to_owned()),
            ..ServerSettings::default()
        };
        let plex = Simulator::start(Settings {
            servers: vec![server],
            ..Settings::default()
        })
        .await
        .expect("the simulator starts");
        let media = MediaSite::start().await;
        let mut all = vec![
            ("auth.plex_tv_url", plex.plex_tv_url()),
            ("auth.plex_auth_url", format!("{}/auth", plex.plex_tv_url())),
            ("download.egress_allow", format!("[\"{}\"]", media.address)),
            ("download.min_free_bytes", "1000000".to_owned()),
        ];
        all.extend_from_slice(settings);
        let deployment = Deployment::start(shape, &all).await;
        Self {
            deployment,
            plex,
            media,
            videos,
        }
    }

    /// The folder of the home-videos library.
    pub fn videos_dir(&self) -> PathBuf {
        self.videos.path().to_owned()
    }

    /// Nobody.
    pub fn anon(&self) -> Client {
        Client::new(&self.deployment.url, None)
    }

    /// Claims MediaNest with the setup secret.
    pub async fn claim(&self) -> Person {
        let body = json!({"setup_secret": self.deployment.setup_secret(), "username": "admin", "password": PASSWORD});
        let answer = self
            .anon()
            .post_json("/api/v1/auth/setup", &body)
            .await
            .expect_status(201);
        self.person(&answer)
    }

    /// Signs the administrator in again.
    pub async fn sign_in_admin(&self) -> Person {
        let body = json!({"username": "admin", "password": PASSWORD});
        let answer = self
            .anon()
            .post_json("/api/v1/auth/login", &body)
            .await
            .expect_status(200);
        self.person(&answer)
    }

    /// Adds the simulated server and waits until it is mirrored.
    pub async fn add_plex_server(&self, admin: &Person) -> Value {
        let body = json!({"name": "Living Room", "url": self.plex.server_url(0), "token": self.plex.owner_token()});
        let server = admin
            .client
            .post_json("/api/v1/plex/servers", &body)
            .await
            .expect_status(201)
            .json();
        let id = server["id"].as_str().expect("an id").to_owned();
        eventually_within(LONG, "the libraries are mirrored", || async {
            let path = format!("/api/v1/plex/servers/{id}/sync");
            admin.client.get(&path).await.expect_status(200).json()["state"] == "done"
        })
        .await;
        server
    }

    /// Starts a Plex sign-in and approves it as `username`; the answer of `complete`.
    pub async fn plex_sign_in(&self, username: &str) -> TestResponse {
        let anon = self.anon();
        let pin = anon
            .post_json("/api/v1/auth/plex/pins", &json!({}))
            .await
            .expect_status(201)
            .json();
        let path = format!(
            "/api/v1/auth/plex/pins/{}/complete",
            pin["id"].as_str().expect("an id")
        );
        let pending = anon.post_json(&path, &json!({})).await;
        assert_eq!(
            pending.status,
            202,
            "nobody has approved yet: {}",
            pending.text()
        );
        let code = pin["code"].as_str().expect("a code");
        assert!(self.plex.claim_pin(code, username), "the PIN exists");
        let started = std::time::Instant::now();
        loop {
            let answer = anon.post_json(&path, &json!({})).await;
            if answer.status != 202 {
                return answer;
            }
            assert!(started.elapsed() < LONG, "the sign-in stays pending");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Signs a friend in with Plex.
    pub async fn friend(&self, username: &str) -> Person {
        let answer = self.plex_sign_in(username).await.expect_status(200);
        self.person(&answer)
    }

    fn person(&self, answer: &TestResponse) -> Person {
        let body = answer.json();
        let token = body["access_token"]
            .as_str()
            .expect("an access token")
            .to_owned();
        let id = body["user"]["id"].as_str().expect("an id").to_owned();
        Person {
            client: Client::new(&self.deployment.url, Some(token.clone())),
            token,
            id,
        }
    }

    /// The person's event stream.
    pub async fn events(&self, person: &Person) -> EventLog {
        EventLog::open(&self.deployment.url, &person.token).await
    }

    /// Waits until the download has this state; panics as soon as it fails instead.
    pub async fn wait_for_download(&self, person: &Person, id: &str, state: &str) -> Value {
        let path = format!("/api/v1/downloads/{id}");
        let mut last = Value::Null;
        let started = std::time::Instant::now();
        while last["state"] != state {
            assert!(
                started.elapsed() < LONG,
                "waited in vain for `{state}`: {last}"
            );
            assert!(
                state == "failed" || last["state"] != "failed",
                "the download failed: {last}"
            );
            tokio::time::sleep(Duration::from_millis(400)).await;
            last = person.client.get(&path).await.expect_status(200).json();
        }
        last
    }
}
