//! Misbehavior on demand, applied to every request of plex.tv or of one server.

use std::{sync::Arc, time::Duration};

use actix_web::{
    Error, HttpResponse,
    body::{BodyStream, BoxBody, MessageBody},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    rt::net::TcpStream,
    web::Data,
};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use socket2::{SockRef, Socket};

use crate::{pms, world::World};

/// How a target misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 401 whatever the token.
    Unauthorized,
    /// 500.
    InternalError,
    /// The right answer, later.
    Slow(Duration),
    /// No answer within any sensible time.
    Hang,
    /// The connection is torn down instead of an answer.
    Reset,
}

/// Who misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultTarget {
    /// plex.tv; the control routes stay usable.
    PlexTv,
    /// The server with this index.
    Server(usize),
}

/// Longer than any client waits, yet not for ever.
const HANG: Duration = Duration::from_mins(10);

/// A second handle to the client's connection, to make it end with a reset.
pub(crate) struct Connection(Socket);

/// Remembers the socket of a connection with its requests.
pub(crate) fn remember_connection(stream: &dyn std::any::Any, data: &mut Extensions) {
    let socket = stream
        .downcast_ref::<TcpStream>()
        .map(|stream| SockRef::from(stream).try_clone());
    if let Some(Ok(socket)) = socket {
        data.insert(Connection(socket));
    }
}

/// Middleware: logs the request and applies the fault that is set.
pub(crate) async fn apply(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let world = request
        .app_data::<Data<World>>()
        .map(|world| Arc::clone(world));
    let target = request
        .app_data::<Data<FaultTarget>>()
        .map(|target| ***target);
    let path = request.path().to_owned();
    let (Some(world), Some(target), false) = (world, target, is_control(&path)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    world.log_request(request.method().as_str(), &path);
    match world.fault(target) {
        Some(Fault::Unauthorized) if path != "/identity" => {
            Ok(request.into_response(failure(target, StatusCode::UNAUTHORIZED)))
        }
        Some(Fault::InternalError) => {
            Ok(request.into_response(failure(target, StatusCode::INTERNAL_SERVER_ERROR)))
        }
        Some(Fault::Reset) => Ok(reset(request)),
        fault => {
            tokio::time::sleep(delay(fault.as_ref())).await;
            Ok(next.call(request).await?.map_into_boxed_body())
        }
    }
}

fn is_control(path: &str) -> bool {
    path.starts_with("/simulator") || path == "/auth"
}

fn delay(fault: Option<&Fault>) -> Duration {
    match fault {
        Some(Fault::Slow(delay)) => *delay,
        Some(Fault::Hang) => HANG,
        _ => Duration::ZERO,
    }
}

fn failure(target: FaultTarget, status: StatusCode) -> HttpResponse {
    match target {
        FaultTarget::Server(_) => pms::error_page(status),
        FaultTarget::PlexTv => HttpResponse::build(status).json(json!({"errors": [{
            "code": if status == StatusCode::UNAUTHORIZED { 1001 } else { 0 },
            "message": if status == StatusCode::UNAUTHORIZED {
                "User could not be authenticated"
            } else {
                "Internal Server Error"
            },
            "status": status.as_u16(),
        }]})),
    }
}

/// A body that fails makes the connection close; without lingering the close is a reset.
fn reset(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    let connection = request.conn_data::<Connection>();
    if let Some(Err(error)) = connection.map(|one| one.0.set_linger(Some(Duration::ZERO))) {
        tracing::warn!(%error, "the connection will end without a reset");
    }
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("reset on purpose")) });
    let response = HttpResponse::Ok().body(BodyStream::new(broken));
    request.into_response(response)
}
