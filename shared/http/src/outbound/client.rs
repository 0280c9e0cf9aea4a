//! The client itself.

use std::{collections::HashMap, time::Duration};

use bytes::{Bytes, BytesMut};
use opentelemetry::global;
use reqwest::{
    Client, Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use serde::{Serialize, de::DeserializeOwned};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{Breaker, BreakerState};
use crate::context::current_request_id;

/// How to call one upstream.
#[derive(Debug, Clone)]
pub struct OutboundOptions {
    /// Name in logs, metrics and `/system/services`.
    pub name: String,
    /// Scheme, host and port; paths are appended to it.
    pub base_url: String,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Largest answer that is read, in bytes.
    pub max_body_bytes: usize,
    /// Whether our request id and trace context go along: for our own services only.
    pub is_ours: bool,
    /// Accept a certificate that does not match the host: for Plex servers addressed by IP only.
    pub accepts_any_certificate: bool,
}

impl OutboundOptions {
    /// The usual options for one of our own services.
    pub fn new(name: &str, base_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
            max_body_bytes: 8 * 1024 * 1024,
            is_ours: true,
            accepts_any_certificate: false,
        }
    }

    /// The usual options for somebody else's server: nothing of ours is told to it.
    pub fn foreign(name: &str, base_url: &str) -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            max_body_bytes: 32 * 1024 * 1024,
            is_ours: false,
            ..Self::new(name, base_url)
        }
    }
}

/// Why a call gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The breaker is open: nothing was sent.
    #[error("`{0}` failed repeatedly and is left alone for some seconds")]
    BreakerOpen(String),
    /// No connection, or no whole answer in time.
    #[error("`{name}` did not answer")]
    Unreachable {
        /// The upstream.
        name: String,
        /// The client's error, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// An answer that is too large.
    #[error("`{0}` answered with more than is accepted")]
    TooLarge(String),
    /// A status other than 2xx, where 2xx was needed.
    #[error("`{name}` answered with status {status}")]
    Status {
        /// The upstream.
        name: String,
        /// What it answered.
        status: u16,
        /// The beginning of the body.
        body: String,
    },
    /// A body that is not the expected JSON.
    #[error("`{name}` answered with an unexpected body")]
    Body {
        /// The upstream.
        name: String,
        /// Where it does not fit.
        #[source]
        source: serde_json::Error,
    },
}

/// A client for one upstream.
#[derive(Debug)]
pub struct Outbound {
    client: Client,
    options: OutboundOptions,
    breaker: Breaker,
}

impl Outbound {
    /// Makes the client. Its connections stay open for up to 15 s between calls.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that builds clients"
    )]
    pub fn new(options: OutboundOptions) -> Self {
        let client = Client::builder()
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .pool_idle_timeout(Duration::from_secs(15))
            .redirect(redirect::Policy::none())
            .tls_danger_accept_invalid_hostnames(options.accepts_any_certificate)
            .no_proxy()
            .build()
            .expect("a client without special settings can be built");
        let breaker = Breaker::new(&options.name);
        Self {
            client,
            options,
            breaker,
        }
    }

    /// The upstream's base address.
    pub fn base_url(&self) -> &str {
        &self.options.base_url
    }

    /// The breaker's state, for `/system/services`.
    pub fn breaker_state(&self) -> BreakerState {
        self.breaker.state()
    }

    /// A GET. `path` starts with `/` and may have a query.
    pub fn get(&self, path: &str) -> RequestBuilder<'_> {
        self.request(Method::GET, path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> RequestBuilder<'_> {
        self.request(Method::POST, path)
    }

    /// A request with any method.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_> {
        let url = format!("{}{path}", self.options.base_url);
        let request = self.client.request(method, url);
        RequestBuilder {
            outbound: self,
            request: if self.options.is_ours {
                with_context(request)
            } else {
                request
            },
        }
    }
}

/// Hands on the request id and the trace context.
fn with_context(mut request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    if let Some(id) = current_request_id() {
        request = request.header("x-request-id", id);
    }
    let mut carrier = HashMap::new();
    let context = tracing::Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut carrier));
    for (name, value) in carrier {
        request = request.header(name, value);
    }
    request
}

/// A request that is being put together.
#[derive(Debug)]
pub struct RequestBuilder<'o> {
    outbound: &'o Outbound,
    request: reqwest::RequestBuilder,
}

impl RequestBuilder<'_> {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds headers.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.request = self.request.headers(headers);
        self
    }

    /// Adds query parameters, percent-encoded.
    #[must_use]
    pub fn query<Q: Serialize + ?Sized>(mut self, query: &Q) -> Self {
        self.request = self.request.query(query);
        self
    }

    /// Sets the bearer token.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.request = self.request.bearer_auth(token);
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.request = self.request.json(body);
        self
    }

    /// Sets any body with its content type.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Bytes) -> Self {
        self.request = self.request.header(CONTENT_TYPE, content_type).body(body);
        self
    }

    /// Another time-out for this request alone.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.request = self.request.timeout(timeout);
        self
    }

    /// Sends it. Connection errors, time-outs and 5xx count against the breaker.
    pub async fn send(self) -> Result<Reply, OutboundError> {
        let name = self.outbound.options.name.clone();
        let Some(permit) = self.outbound.breaker.permit() else {
            return Err(OutboundError::BreakerOpen(name));
        };
        let result = exchange(self.request, &name, self.outbound.options.max_body_bytes).await;
        let outcome = match &result {
            Ok(reply) if reply.status.is_server_error() => "5xx",
            Ok(_) | Err(OutboundError::TooLarge(_)) => "answered",
            Err(_) => "unreachable",
        };
        match outcome {
            "answered" => permit.succeeded(),
            _ => permit.failed(),
        }
        metrics::counter!("medianest_outbound_requests_total", "upstream" => name, "outcome" => outcome)
            .increment(1);
        result
    }
}

async fn exchange(
    request: reqwest::RequestBuilder,
    name: &str,
    max_body_bytes: usize,
) -> Result<Reply, OutboundError> {
    let unreachable = |source: reqwest::Error| OutboundError::Unreachable {
        name: name.to_owned(),
        source: source.without_url(),
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > max_body_bytes {
            return Err(OutboundError::TooLarge(name.to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        name: name.to_owned(),
        status: response.status(),
        headers: response.headers().clone(),
        body: body.freeze(),
    })
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    name: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// An error unless the status is 2xx.
    pub fn success(self) -> Result<Self, OutboundError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let start = &self.body[..self.body.len().min(500)];
        Err(OutboundError::Status {
            name: self.name,
            status: self.status.as_u16(),
            body: String::from_utf8_lossy(start).into_owned(),
        })
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, OutboundError> {
        serde_json::from_slice(&self.body).map_err(|source| OutboundError::Body {
            name: self.name.clone(),
            source,
        })
    }
}
