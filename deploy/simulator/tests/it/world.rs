//! A running simulator and somebody who asks it.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, Response};
use serde_json::Value;
use simulator::{ServerSettings, Settings, Simulator};

/// A client with a token.
#[derive(Clone)]
pub(crate) struct Asker {
    base: String,
    token: String,
    client: Client,
}

impl Asker {
    pub(crate) async fn send(&self, method: Method, path: &str) -> Response {
        let request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header("Accept", "application/json")
            .header("X-Plex-Client-Identifier", "test-client")
            .header("X-Plex-Token", &self.token);
        request.send().await.expect("the simulator answers")
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path).await
    }

    pub(crate) async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }

    /// The body of a successful answer.
    pub(crate) async fn json(&self, path: &str) -> Value {
        self.json_of(Method::GET, path).await
    }

    pub(crate) async fn json_of(&self, method: Method, path: &str) -> Value {
        let response = self.send(method, path).await;
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        response.json().await.expect("JSON")
    }

    /// The `MediaContainer` of a successful answer.
    pub(crate) async fn container(&self, path: &str) -> Value {
        self.json(path).await["MediaContainer"].take()
    }

    /// Titles of the listed items.
    pub(crate) async fn titles(&self, path: &str) -> Vec<String> {
        let container = self.container(path).await;
        texts(&container, "Metadata", "title")
    }
}

/// One field of all elements of a list; no list means none.
pub(crate) fn texts(container: &Value, list: &str, field: &str) -> Vec<String> {
    let items = container[list].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item[field].as_str().map(str::to_owned))
        .collect()
}

pub(crate) fn settings(movies: usize) -> Settings {
    let server = ServerSettings {
        movies,
        shows: 6,
        scan_delay: Duration::from_millis(50),
        ..ServerSettings::default()
    };
    Settings {
        servers: vec![server],
        ..Settings::default()
    }
}

pub(crate) async fn start(settings: Settings) -> Simulator {
    Simulator::start(settings)
        .await
        .expect("loopback ports are free")
}

/// Somebody with any token at plex.tv.
pub(crate) fn at_plex_tv(simulator: &Simulator, token: &str) -> Asker {
    asker(simulator.plex_tv_url(), token)
}

/// Somebody with any token at the first server.
pub(crate) fn at_server(simulator: &Simulator, token: &str) -> Asker {
    asker(simulator.server_url(0), token)
}

pub(crate) fn owner(simulator: &Simulator) -> Asker {
    at_server(simulator, &simulator.owner_token())
}

/// A friend with the token his resources give him.
pub(crate) async fn friend(simulator: &Simulator, username: &str) -> Asker {
    let at_plex_tv = at_plex_tv(simulator, &simulator.account_token(username));
    let resources = at_plex_tv.json("/api/v2/resources").await;
    let machine = simulator.machine_identifier(0);
    let devices = resources.as_array().expect("a list");
    let server = devices
        .iter()
        .find(|device| device["clientIdentifier"] == machine.as_str());
    let token = server.expect("shared with him")["accessToken"]
        .as_str()
        .expect("a token");
    at_server(simulator, token)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a plain client shows what really happens"
)]
pub(crate) fn client() -> Client {
    Client::new()
}

/// Waits until a condition holds, five seconds at most.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !condition().await {
        assert!(Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn asker(base: String, token: &str) -> Asker {
    Asker {
        base,
        token: token.to_owned(),
        client: client(),
    }
}
