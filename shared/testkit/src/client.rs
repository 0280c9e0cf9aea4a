//! A person (or nobody) who sends requests to the service under test.

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde::Serialize;
use serde_json::Value;

/// Sends requests, with or without a bearer token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    token: Option<String>,
}

impl Client {
    /// A client of `base_url`; `token` goes along as bearer token.
    pub fn new(base_url: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a plain client");
        Self {
            http,
            base_url: base_url.trim_end_matches('/').to_owned(),
            token,
        }
    }

    /// The same client with another token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// A request to be completed and sent with [`Client::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base_url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> TestResponse {
        let response = request.send().await.expect("the service answers");
        TestResponse {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("a whole body"),
        }
    }

    /// GET
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::GET, path)).await
    }

    /// DELETE
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// POST without a body
    pub async fn post(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::POST, path)).await
    }

    /// POST with a JSON body
    pub async fn post_json(&self, path: &str, body: &(impl Serialize + Sync)) -> TestResponse {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// PATCH with a JSON body
    pub async fn patch_json(&self, path: &str, body: &(impl Serialize + Sync)) -> TestResponse {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct TestResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl TestResponse {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|err| {
            panic!("status {}, not JSON ({err}): {}", self.status, self.text())
        })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The problem's code; panics unless the answer is a problem whose status matches.
    pub fn problem_code(&self) -> String {
        let kind = self
            .headers
            .get("content-type")
            .map(|value| value.as_bytes().to_vec());
        assert_eq!(
            kind.as_deref(),
            Some(&b"application/problem+json"[..]),
            "{}",
            self.text()
        );
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        body["code"].as_str().expect("a code").to_owned()
    }

    /// The answer, if it has the status; panics with the body otherwise.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "often the status is all a test wants"
    )]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}
