//! `/internal`: what the gateway and the services ask. Every route wants proof of who asks.

use actix_web::{
    HttpRequest, get,
    http::header::AUTHORIZATION,
    post,
    web::{Data, Json, Path},
};
use serde::Serialize;
use shared_http::{Problem, ServiceCaller, ValidJson};
use shared_types::{
    access::service,
    ids::UserId,
    internal::{
        CreateServiceToken, ExchangeApiKey, ExchangeSession, ExchangedCredential, IssuedToken,
        PlexAccess,
    },
    problem::Code,
};

use crate::{api_keys, app::AppState, opaque, plex_servers, sessions, setup};

/// Whether first-run setup is still to be done.
#[derive(Debug, Serialize)]
struct SetupState {
    setup_required: bool,
}

/// A token that one service shows another. The proof is the internal secret.
#[post("/tokens")]
pub(crate) async fn create_service_token(
    state: Data<AppState>,
    request: HttpRequest,
    body: ValidJson<CreateServiceToken>,
) -> Result<Json<IssuedToken>, Problem> {
    if !has_internal_secret(&state, &request) {
        return Err(Problem::new(Code::Unauthenticated));
    }
    for (field, name) in [
        ("#/service", &body.0.service),
        ("#/audience", &body.0.audience),
    ] {
        if !service::ALL.contains(&name.as_str()) {
            return Err(Problem::new(Code::Invalid).field(field, "unknown", "No such service."));
        }
    }
    let issued = state
        .issuer
        .service_token(&body.0.service, &body.0.audience)?;
    Ok(Json(issued))
}

/// Compares digests: their length tells nothing, and the comparison takes the same time wherever they differ.
fn has_internal_secret(state: &AppState, request: &HttpRequest) -> bool {
    let header = request.headers().get(AUTHORIZATION);
    let given = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, secret)| secret.trim());
    let expected = opaque::digest(state.internal_secret.expose());
    given.is_some_and(|given| opaque::same(&opaque::digest(given), &expected))
}

/// The access token that a session cookie stands for.
#[post("/sessions/exchange")]
pub(crate) async fn exchange_session(
    state: Data<AppState>,
    caller: ServiceCaller,
    body: ValidJson<ExchangeSession>,
) -> Result<Json<ExchangedCredential>, Problem> {
    caller.require(&[service::GATEWAY])?;
    Ok(Json(sessions::exchange(&state, &body.0.session).await?))
}

/// The access token that an API key stands for.
#[post("/api-keys/exchange")]
pub(crate) async fn exchange_api_key(
    state: Data<AppState>,
    caller: ServiceCaller,
    body: ValidJson<ExchangeApiKey>,
) -> Result<Json<ExchangedCredential>, Problem> {
    caller.require(&[service::GATEWAY])?;
    Ok(Json(api_keys::exchange(&state, &body.0.key).await?))
}

/// Whether first-run setup is still to be done.
#[get("/setup")]
pub(crate) async fn show_setup(
    state: Data<AppState>,
    caller: ServiceCaller,
) -> Result<Json<SetupState>, Problem> {
    caller.require(&[service::GATEWAY])?;
    let setup_required = setup::is_required(&state).await?;
    Ok(Json(SetupState { setup_required }))
}

/// What a person may use of Plex, with their tokens for it.
#[get("/users/{id}/plex-access")]
pub(crate) async fn show_plex_access(
    state: Data<AppState>,
    caller: ServiceCaller,
    id: Path<UserId>,
) -> Result<Json<PlexAccess>, Problem> {
    caller.require(&[service::PLEX])?;
    Ok(Json(plex_servers::access(&state, *id).await?))
}
