//! Sends a request on to its service: rebuilt, never copied; with a deadline, a breaker, and one retry where that is safe.

use std::{collections::HashMap, io, time::Duration};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::{Bytes, BytesMut, Data, Payload},
};
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use opentelemetry::global;
use shared_http::{Problem, current_request_id};
use shared_types::problem::Code;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{Passed, route::Answers};
use crate::{app::AppState, limits::Class, upstreams::Upstream};

/// A worker's pooled client.
pub(crate) type UpstreamClient = Client<HttpConnector, Full<Bytes>>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The whole body of a request must be here by then.
const BODY_DEADLINE: Duration = Duration::from_mins(1);

/// Headers that are about one connection (RFC 9110 §7.6.1), plus those that only the gateway may set.
const NOT_FORWARDED: [&str; 22] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "host",
    "content-length",
    "cookie",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "x-request-id",
    "traceparent",
    "tracestate",
    "via",
];
/// Families of identity headers that other proxies set and that we never believe.
const NOT_FORWARDED_PREFIXES: [&str; 5] =
    ["x-mn-", "x-user", "x-auth", "x-original-", "x-rewrite-"];

/// A client for one worker: its connections live on the worker's own runtime.
pub(crate) fn client() -> UpstreamClient {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(10))
        .build(connector)
}

/// The handler of everything that a service answers.
pub(crate) async fn forward(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
    client: Data<UpstreamClient>,
) -> Result<HttpResponse, Problem> {
    let passed = request
        .extensions()
        .get::<Passed>()
        .cloned()
        .ok_or_else(|| Problem::internal("a request skipped the pipeline"))?;
    let Answers::Service(upstream) = passed.route.answers else {
        return crate::web::serve(&request, &state);
    };
    let limit = if passed.route.class == Class::Hook {
        state.config.max_hook_body_bytes
    } else {
        state.config.max_body_bytes
    };
    let (body, _memory) = read_body(&request, payload, limit, &state.body_memory).await?;
    let headers = outgoing_headers(&request, &passed, upstream);
    let can_repeat = request.method().is_safe();
    let response = match send(
        &state,
        &client,
        &request,
        upstream,
        headers.clone(),
        body.clone(),
    )
    .await
    {
        Err(failure) if can_repeat && failure.is_connect => {
            send(&state, &client, &request, upstream, headers, body).await
        }
        other => other,
    };
    response.map(answer).map_err(|failure| failure.problem)
}

struct Failure {
    is_connect: bool,
    problem: Problem,
}

async fn send(
    state: &AppState,
    client: &UpstreamClient,
    request: &HttpRequest,
    upstream: Upstream,
    headers: http::HeaderMap,
    body: Bytes,
) -> Result<hyper::Response<Incoming>, Failure> {
    let target = state.upstreams.get(upstream);
    let unavailable = |detail: &str| {
        Problem::new(Code::Unavailable)
            .detail(detail)
            .retry_after(5)
    };
    let Some(permit) = target.breaker.permit() else {
        let problem = unavailable(&format!("`{}` does not answer right now.", upstream.name()));
        return Err(Failure {
            is_connect: false,
            problem,
        });
    };
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let outgoing = build(
        request.method(),
        &format!("{}{path}", target.base_url),
        headers,
        body,
    )
    .map_err(|err| Failure {
        is_connect: false,
        problem: Problem::internal(err),
    })?;
    let deadline = Duration::from_secs(state.config.upstream_timeout_seconds);
    match tokio::time::timeout(deadline, client.request(outgoing)).await {
        Ok(Ok(response)) => {
            let status = response.status();
            // 502, 503 and 504 are answers about somebody else: the service itself is alive.
            if status == http::StatusCode::INTERNAL_SERVER_ERROR {
                permit.failed();
            } else {
                permit.succeeded();
            }
            Ok(response)
        }
        Ok(Err(err)) => {
            permit.failed();
            let problem = unavailable(&format!("`{}` could not be reached.", upstream.name()));
            Err(Failure {
                is_connect: err.is_connect(),
                problem: problem.source(err),
            })
        }
        Err(_elapsed) => {
            permit.failed();
            Err(Failure {
                is_connect: false,
                problem: Problem::new(Code::UpstreamTimeout),
            })
        }
    }
}

fn build(
    method: &Method,
    url: &str,
    headers: http::HeaderMap,
    body: Bytes,
) -> Result<hyper::Request<Full<Bytes>>, http::Error> {
    let mut request = hyper::Request::builder()
        .method(method.as_str())
        .uri(url)
        .body(Full::new(body))?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The whole body, and the memory that it takes until it is forwarded.
async fn read_body<'m>(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
    memory: &'m Semaphore,
) -> Result<(Bytes, Vec<SemaphorePermit<'m>>), Problem> {
    let too_large =
        || Problem::new(Code::TooLarge).detail(format!("At most {limit} bytes are accepted here."));
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    if declared
        .and_then(|text| text.parse::<usize>().ok())
        .is_some_and(|length| length > limit)
    {
        return Err(too_large());
    }
    let read = async {
        let (mut body, mut held) = (BytesMut::new(), Vec::new());
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|err| {
                Problem::new(Code::Malformed)
                    .detail("The body ended too early.")
                    .source(io::Error::other(err.to_string()))
            })?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            held.push(hold(memory, chunk.len())?);
            body.extend_from_slice(&chunk);
        }
        Ok((body.freeze(), held))
    };
    tokio::time::timeout(BODY_DEADLINE, read)
        .await
        .map_err(|_elapsed| {
            Problem::new(Code::Malformed).detail("The body took too long to arrive.")
        })?
}

fn hold(memory: &Semaphore, bytes: usize) -> Result<SemaphorePermit<'_>, Problem> {
    let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    memory.try_acquire_many(kib).map_err(|_full| {
        Problem::new(Code::Unavailable)
            .detail("Too much is being sent at the same time.")
            .retry_after(1)
    })
}

/// What the service gets to see: the client's harmless headers, and who it is according to us.
fn outgoing_headers(request: &HttpRequest, passed: &Passed, upstream: Upstream) -> http::HeaderMap {
    let mut headers = copy_headers(request.headers(), passed);
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            headers.insert(http::HeaderName::from_static(name), value);
        }
    };
    if let Some(identity) = &passed.identity {
        set("authorization", &format!("Bearer {}", identity.token));
    }
    if upstream == Upstream::Auth {
        let cookies: Vec<_> = request
            .headers()
            .get_all(header::COOKIE)
            .filter_map(|value| value.to_str().ok())
            .collect();
        if !cookies.is_empty() {
            set("cookie", &cookies.join("; "));
        }
    }
    set("x-forwarded-for", &passed.address.to_string());
    set("x-request-id", &current_request_id().unwrap_or_default());
    let mut carrier = HashMap::new();
    let context = tracing::Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut carrier));
    if let Some(traceparent) = carrier.get("traceparent") {
        set("traceparent", traceparent);
    }
    headers
}

fn copy_headers(incoming: &HeaderMap, passed: &Passed) -> http::HeaderMap {
    let named_by_connection = connection_names(incoming);
    let keeps_authorization = passed.route.class == Class::Hook;
    let mut headers = http::HeaderMap::new();
    for (name, value) in incoming {
        let text = name.as_str();
        let is_dropped = NOT_FORWARDED.contains(&text)
            || NOT_FORWARDED_PREFIXES
                .iter()
                .any(|prefix| text.starts_with(prefix))
            || text.contains('_')
            || named_by_connection.iter().any(|named| named == text)
            || (text == "authorization" && !keeps_authorization);
        if is_dropped {
            continue;
        }
        let name = http::HeaderName::from_bytes(text.as_bytes());
        let value = http::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

fn connection_names(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::CONNECTION)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// The service's answer, streamed.
fn answer(response: hyper::Response<Incoming>) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut builder = HttpResponse::build(status);
    let mut length = None;
    for (name, value) in &parts.headers {
        match name.as_str() {
            "content-length" => {
                length = value
                    .to_str()
                    .ok()
                    .and_then(|text| text.parse::<u64>().ok());
            }
            "connection" | "keep-alive" | "transfer-encoding" | "trailer" | "upgrade" => {}
            text => {
                let name = HeaderName::from_bytes(text.as_bytes());
                let value = HeaderValue::from_bytes(value.as_bytes());
                if let (Ok(name), Ok(value)) = (name, value) {
                    builder.append_header((name, value));
                }
            }
        }
    }
    if length == Some(0) || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return builder.finish();
    }
    let stream = body.into_data_stream();
    match length {
        Some(length) => builder.body(actix_web::body::SizedStream::new(
            length,
            stream.map(|chunk| chunk.map_err(io::Error::other)),
        )),
        None => builder.streaming(stream.map(|chunk| chunk.map_err(io::Error::other))),
    }
}
