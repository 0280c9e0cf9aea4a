//! What surrounds every request: its id, its span with the caller's trace context, its metrics, and the net under panics.

use std::{collections::HashMap, panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use futures_util::FutureExt;
use opentelemetry::{global, trace::TraceContextExt};
use shared_types::problem::Code;
use tracing::{Instrument, Span, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use crate::Problem;

/// Header that carries the request id between our programs and back to the client.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this code runs for.
pub fn current_request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// A fresh request id.
#[expect(
    clippy::disallowed_methods,
    reason = "a request id needs no order and no clock"
)]
pub fn new_request_id() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Settings of [`wrap`], put into the app's data by the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContextOptions {
    pub(crate) service: &'static str,
    /// The caller is one of us: keep its request id and continue its trace.
    pub(crate) trusts_caller: bool,
}

/// The outermost middleware.
pub(crate) async fn wrap<B>(
    options: ContextOptions,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    B: MessageBody + 'static,
{
    let id = request_id(&request, options.trusts_caller);
    let span = root_span(&request, options, &id);
    let started = Instant::now();
    let method = request.method().to_string();
    // Holding a clone of the request here would keep the router from writing the matched parameters into it.
    let call = AssertUnwindSafe(next.call(request)).catch_unwind();
    let outcome = CURRENT
        .scope(id.clone(), call.instrument(span.clone()))
        .await;
    let mut response = match outcome {
        Ok(Ok(response)) => {
            let mut response = response.map_into_boxed_body();
            span.record("http.status", response.status().as_u16());
            let route = response.request().match_pattern();
            measure(options.service, &method, route, response.status(), started);
            finish(response.headers_mut(), &id);
            return Ok(response);
        }
        Ok(Err(err)) => CURRENT.sync_scope(id.clone(), || err.error_response()),
        Err(_panic) => {
            let problem = Problem::internal("a handler panicked");
            CURRENT.sync_scope(id.clone(), || problem.error_response())
        }
    };
    span.record("http.status", response.status().as_u16());
    measure(options.service, &method, None, response.status(), started);
    finish(response.headers_mut(), &id);
    Err(InternalError::from_response("no response of a handler", response).into())
}

/// What every answer carries.
fn finish(headers: &mut HeaderMap, id: &str) {
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn request_id(request: &ServiceRequest, trusts_caller: bool) -> String {
    let given = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|id| id.to_str().ok());
    match given.filter(|id| trusts_caller && is_request_id(id)) {
        Some(id) => id.to_owned(),
        None => new_request_id(),
    }
}

fn is_request_id(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn root_span(request: &ServiceRequest, options: ContextOptions, id: &str) -> Span {
    let span = info_span!(
        "request",
        service = options.service,
        request_id = id,
        trace_id = field::Empty,
        http.method = %request.method(),
        http.path = loggable_path(request.path()),
        http.status = field::Empty,
    );
    if options.trusts_caller {
        let headers: HashMap<String, String> = ["traceparent", "tracestate"]
            .into_iter()
            .filter_map(|name| {
                let value = request.headers().get(name)?.to_str().ok()?;
                Some((name.to_owned(), value.to_owned()))
            })
            .collect();
        let parent = global::get_text_map_propagator(|propagator| propagator.extract(&headers));
        let _set = span.set_parent(parent);
    }
    let trace_id = span.context().span().span_context().trace_id();
    span.record("trace_id", field::display(trace_id));
    span
}

/// The path without what a webhook sender has to carry in it as its secret: `/hooks/v1/{source_id}/{secret}`.
fn loggable_path(path: &str) -> &str {
    const INGEST: &str = "/hooks/v1/";
    let Some(rest) = path.strip_prefix(INGEST) else {
        return path;
    };
    let source = rest.split('/').next().unwrap_or_default();
    &path[..INGEST.len() + source.len()]
}

/// Counts and times the request by route template, never by raw path.
fn measure(
    service: &'static str,
    method: &str,
    route: Option<String>,
    status: StatusCode,
    started: Instant,
) {
    let labels = [
        ("service", service.to_owned()),
        ("method", method.to_owned()),
        ("route", route.unwrap_or_else(|| "unmatched".to_owned())),
        ("status", status.as_u16().to_string()),
    ];
    metrics::histogram!("medianest_http_request_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
}

/// The answer to an address that no route takes.
pub(crate) async fn not_found() -> Result<actix_web::HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound))
}

#[cfg(test)]
mod tests {
    use super::loggable_path;

    #[test]
    fn the_secret_in_a_webhook_address_is_not_logged() {
        assert_eq!(loggable_path("/hooks/v1/0198/s3cr3t/"), "/hooks/v1/0198");
        assert_eq!(loggable_path("/hooks/v1/0198"), "/hooks/v1/0198");
        assert_eq!(loggable_path("/api/v1/me"), "/api/v1/me");
    }
}
