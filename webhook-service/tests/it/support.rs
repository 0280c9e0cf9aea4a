//! A running service with helpers for what every test needs.

use reqwest::Method;
use serde_json::{Value, json};
use shared_runtime::Parts;
use shared_testkit::{Client, Running, TestResponse, TestWorld, eventually};
use webhook_service::Config;

pub(crate) struct Inbox {
    pub(crate) world: TestWorld,
    pub(crate) app: Running,
    pub(crate) admin: Client,
}

/// A source as the test made it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// Path below the service's address, with the secret if it belongs there.
    pub(crate) path: String,
    pub(crate) header: Option<String>,
}

pub(crate) fn config() -> Config {
    Config {
        store_timeout_ms: 500,
        retry_base_ms: 1,
        body_timeout_seconds: 2,
        ..Config::default()
    }
}

pub(crate) async fn build(parts: Parts) -> anyhow::Result<shared_runtime::Serving> {
    webhook_service::build(config(), parts).await
}

impl Inbox {
    pub(crate) async fn start() -> Self {
        let world = TestWorld::start().await;
        let app = world.serve(build).await;
        let admin = world.admin(&app);
        Self { world, app, admin }
    }

    /// The same data, another process.
    pub(crate) async fn restart(mut self) -> Self {
        self.app.stop().await;
        self.app = self.world.serve(build).await;
        self.admin = self.world.admin(&self.app);
        self
    }

    pub(crate) async fn source(&self, wish: Value) -> Source {
        let answer = self
            .admin
            .post_json("/api/v1/webhooks/sources", &wish)
            .await;
        let made = answer.expect_status(201).json();
        let text = |key: &str| made[key].as_str().map(str::to_owned);
        let url = text("url").unwrap();
        Source {
            id: text("id").unwrap(),
            secret: text("secret").unwrap(),
            path: url[url.find("/hooks/").unwrap()..].to_owned(),
            header: text("header_name"),
        }
    }

    /// A source whose secret is in the header that the default mode of most kinds uses.
    pub(crate) async fn sonarr(&self) -> Source {
        self.source(json!({"kind": "sonarr", "name": "Sonarr"}))
            .await
    }

    pub(crate) async fn send(&self, source: &Source, body: impl Into<Vec<u8>>) -> TestResponse {
        self.send_as(source, "application/json", body).await
    }

    pub(crate) async fn send_as(
        &self,
        source: &Source,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> TestResponse {
        self.send_with(source, &[("content-type", content_type)], body)
            .await
    }

    pub(crate) async fn send_with(
        &self,
        source: &Source,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> TestResponse {
        let mut request = self.app.anon.request(Method::POST, &source.path);
        if let Some(name) = &source.header {
            request = request.header(name, &source.secret);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.app.anon.send(request.body(body.into())).await
    }

    pub(crate) async fn deliveries(&self) -> Vec<Value> {
        let list = self
            .admin
            .get("/api/v1/webhooks/deliveries?limit=200")
            .await;
        let list = list.expect_status(200).json();
        list["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn delivery(&self, id: &str) -> Value {
        let path = format!("/api/v1/webhooks/deliveries/{id}");
        self.admin.get(&path).await.expect_status(200).json()
    }

    /// The delivery behind a 202, when it has come to an end.
    pub(crate) async fn processed(&self, receipt: &TestResponse) -> Value {
        assert_eq!(receipt.status, 202, "{}", receipt.text());
        let id = receipt.json()["delivery_id"].as_str().unwrap().to_owned();
        eventually("the delivery comes to an end", || async {
            let delivery = self.delivery(&id).await;
            !matches!(
                delivery["state"].as_str(),
                Some("accepted" | "processing" | "retry_wait")
            )
        })
        .await;
        self.delivery(&id).await
    }

    pub(crate) async fn rejects(&self) -> Vec<Value> {
        let list = self.admin.get("/api/v1/webhooks/rejects").await;
        list.expect_status(200).json()["items"]
            .as_array()
            .unwrap()
            .clone()
    }
}
