//! `/hooks/v1`: where senders send to. No token of ours: each source proves itself in its own way.

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ALLOW, CONTENT_LENGTH},
    web::{self, BytesMut, Data, Payload, ServiceConfig},
};
use bytes::Bytes;
use futures_util::StreamExt;
use shared_http::Problem;
use shared_types::{
    ids::SourceId,
    problem::{Code, ProblemBody},
};

use crate::{app::AppState, deliveries::Stored, ingest::Request, views::Receipt};

/// Both with and without a slash at the end: a redirect would turn the POST of some senders into a GET.
pub(super) fn configure(cfg: &mut ServiceConfig) {
    let paths = [
        "/hooks/v1/{source_id}",
        "/hooks/v1/{source_id}/",
        "/hooks/v1/{source_id}/{secret}",
        "/hooks/v1/{source_id}/{secret}/",
    ];
    for path in paths {
        cfg.service(
            web::resource(path)
                .route(web::post().to(receive_delivery))
                .route(web::put().to(receive_delivery))
                .default_service(web::to(explain)),
        );
    }
}

/// Hand in a webhook.
///
/// Permission: the source's own secret or signature. The answer comes when the delivery is durable, and before it is read:
/// whatever it says, it is not refused for that. In the mode `url_secret` the secret is one more segment of the path.
#[utoipa::path(
    post, path = "/hooks/v1/{source_id}", tag = "hooks",
    params(("source_id" = SourceId, Path, description = "The source")),
    request_body(content = String, content_type = "*/*", description = "JSON, a form or text, as the sender sends it"),
    responses(
        (status = 202, body = Receipt), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 405, body = ProblemBody), (status = 408, body = ProblemBody), (status = 410, body = ProblemBody),
        (status = 413, body = ProblemBody), (status = 415, body = ProblemBody), (status = 429, body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
pub(crate) async fn receive_delivery(
    state: Data<AppState>,
    http: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let source = http.match_info().query("source_id").to_owned();
    let address = client_address(&http);
    let body = match read_body(&state, &http, payload).await {
        Ok(body) => body,
        Err(problem) => return Err(state.ingest.refuse_unread(&source, address, problem)),
    };
    let request = Request {
        source,
        url_secret: http.match_info().get("secret").map(str::to_owned),
        method: http.method().to_string(),
        headers: http.headers().clone(),
        body,
        address,
    };
    let (delivery_id, stored) = state.ingest.receive(request).await?;
    let status = match stored {
        Stored::Accepted => "accepted",
        Stored::Duplicate => "duplicate",
    };
    Ok(HttpResponse::Accepted().json(Receipt {
        delivery_id,
        status,
    }))
}

/// Somebody opened the address in a browser, or chose the wrong method at the sender.
async fn explain() -> HttpResponse {
    let problem = Problem::new(Code::MethodNotAllowed)
        .detail("This is an address for webhooks: set the sender to POST (or PUT).");
    let mut response = actix_web::ResponseError::error_response(&problem);
    let allowed = actix_web::http::header::HeaderValue::from_static("POST, PUT");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// The whole body, if it is not too large and does not take too long.
async fn read_body(
    state: &AppState,
    http: &HttpRequest,
    payload: Payload,
) -> Result<Bytes, Problem> {
    let cap = state.ingest.max_body();
    if declared_length(http).is_some_and(|length| length > cap as u64) {
        return Err(Problem::new(Code::TooLarge));
    }
    let reading = collect(payload, cap);
    match tokio::time::timeout(state.ingest.body_timeout(), reading).await {
        Ok(read) => read,
        Err(_elapsed) => Err(Problem::new(Code::RequestTimeout)
            .detail("The body did not arrive in time. Send it again.")),
    }
}

async fn collect(mut payload: Payload, cap: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|err| {
            Problem::new(Code::Malformed)
                .detail("The body ended too early or could not be read.")
                .source(std::io::Error::other(err.to_string()))
        })?;
        if body.len() + chunk.len() > cap {
            return Err(Problem::new(Code::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn declared_length(http: &HttpRequest) -> Option<u64> {
    let length = http.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// The gateway names the one address that it saw; without a gateway it is the peer's.
fn client_address(http: &HttpRequest) -> Option<String> {
    let forwarded = http.headers().get("x-forwarded-for");
    let forwarded = forwarded.and_then(|value| value.to_str().ok());
    let forwarded: Option<IpAddr> = forwarded.and_then(|value| value.trim().parse().ok());
    let address = forwarded.or_else(|| http.peer_addr().map(|peer| peer.ip()));
    address.map(|address| address.to_string())
}
