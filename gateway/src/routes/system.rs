//! `/system`: what the installation is and how its parts are.

use std::time::{Duration, Instant};

use actix_web::{
    HttpMessage, HttpRequest, get,
    web::{Data, Json},
};
use serde::Serialize;
use shared_http::Problem;
use shared_types::{
    access::Scope,
    problem::{Code, ProblemBody},
};
use utoipa::ToSchema;

use crate::{app::AppState, pipeline::Passed, upstreams::Upstream};

/// What a browser needs to know before anybody is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemStatus {
    /// Version of MediaNest.
    version: String,
    /// There is no administrator yet.
    setup_required: bool,
    /// Ways to sign in.
    sign_in: SignInWays,
}

/// Ways to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInWays {
    /// User name and password.
    password: bool,
    /// Plex account.
    plex: bool,
    /// Passkey.
    passkey: bool,
    /// Names of OpenID Connect providers.
    oidc: Vec<String>,
}

/// One part of the system.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceState {
    /// The service.
    name: String,
    /// `up`, `degraded` or `down`.
    state: String,
    /// `closed`, `open` or `half_open`.
    breaker: String,
    /// Milliseconds that the readiness check took.
    latency_ms: Option<u64>,
    /// What fails, in words.
    detail: Option<String>,
}

/// All parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceStates {
    /// One entry a service.
    items: Vec<ServiceState>,
}

/// What this installation is.
///
/// Permission: everybody.
#[utoipa::path(tag = "system", operation_id = "get_system_status", context_path = "/api/v1",
    responses((status = 200, body = SystemStatus), (status = 503, body = ProblemBody)))]
#[get("/system/status")]
pub(crate) async fn get_system_status(
    state: Data<AppState>,
) -> Result<Json<SystemStatus>, Problem> {
    let setup_required = state.setup_required().await?;
    Ok(Json(SystemStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        setup_required,
        sign_in: SignInWays {
            password: true,
            plex: true,
            passkey: false,
            oidc: Vec::new(),
        },
    }))
}

/// How every service is.
///
/// Permission: `system:manage`.
#[utoipa::path(tag = "system", operation_id = "list_services", context_path = "/api/v1",
    responses((status = 200, body = ServiceStates), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[get("/system/services")]
pub(crate) async fn list_services(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<ServiceStates>, Problem> {
    caller(&request)?.require(Scope::SystemManage)?;
    let checks = Upstream::ALL.map(|upstream| check(&state, upstream));
    Ok(Json(ServiceStates {
        items: futures_util::future::join_all(checks).await,
    }))
}

/// The person behind a request that passed the pipeline.
pub(crate) fn caller(request: &HttpRequest) -> Result<shared_http::Caller, Problem> {
    let passed = request.extensions().get::<Passed>().cloned();
    passed
        .and_then(|passed| passed.identity)
        .map(|identity| identity.caller)
        .ok_or_else(|| Problem::new(Code::Unauthenticated))
}

async fn check(state: &AppState, upstream: Upstream) -> ServiceState {
    let started = Instant::now();
    let reply = state
        .client_of(upstream)
        .get("/readyz")
        .timeout(Duration::from_secs(3))
        .send()
        .await;
    let latency_ms = u64::try_from(started.elapsed().as_millis()).ok();
    let (name, detail) = match reply {
        Ok(reply) if reply.status.is_success() => ("up", None),
        Ok(reply) => (
            "degraded",
            Some(String::from_utf8_lossy(&reply.body).into_owned()),
        ),
        Err(err) => ("down", Some(err.to_string())),
    };
    ServiceState {
        name: upstream.name().to_owned(),
        state: name.to_owned(),
        breaker: state
            .upstreams
            .get(upstream)
            .breaker
            .state()
            .as_str()
            .to_owned(),
        latency_ms: latency_ms.filter(|_| name != "down"),
        detail,
    }
}
