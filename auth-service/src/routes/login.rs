//! Setup, password sign-in, refresh and sign-out.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderName},
    post,
    web::Data,
};
use chrono::Duration;
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson};
use shared_types::{access::Scope, problem::ProblemBody};
use utoipa::ToSchema;

use super::{
    cookies::{self, Name},
    views::{SessionAnswer, session_answer},
};
use crate::{
    app::AppState,
    error::Error,
    opaque::Sent,
    origin::Origin,
    password::Password,
    refresh,
    sessions::{self, Ending, Method, Mode, SignIn},
    setup::{self, FirstAdmin},
    sign_in,
    username::{Username, parse_email},
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// How long a device counts as known after a sign-in.
const DEVICE_DAYS: i64 = 365;

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CompleteSetup {
    /// From the log or the file `setup-secret`.
    #[schema(value_type = String)]
    setup_secret: Sent,
    /// 2 to 40 letters, digits, dots, dashes and underscores.
    username: String,
    /// 10 to 256 characters.
    #[schema(value_type = String)]
    password: Password,
    /// Mail address.
    email: Option<String>,
    /// How the client keeps its session.
    #[serde(default)]
    mode: Mode,
}

/// User name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// Sign-in name.
    username: String,
    /// Password.
    #[schema(value_type = String)]
    password: Password,
    /// How the client keeps its session.
    #[serde(default)]
    mode: Mode,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshTokens {
    /// The newest one of the session.
    #[schema(value_type = String)]
    refresh_token: Sent,
}

/// Create the first administrator and sign in.
///
/// Permission: the one-time setup secret. Works once in the life of an installation.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "complete_setup",
    request_body = CompleteSetup, responses(
    (status = 201, body = SessionAnswer), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/auth/setup")]
pub(crate) async fn complete_setup(
    state: Data<AppState>,
    request: HttpRequest,
    origin: Origin,
    body: ValidJson<CompleteSetup>,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let email = body.email.as_deref().map(parse_email).transpose();
    let admin = FirstAdmin {
        secret: body.setup_secret,
        username: Username::parse(&body.username).map_err(Error::from)?,
        password: body.password,
        email: email.map_err(Error::from)?,
    };
    let sign_in = sign_in_of(&state, &request, origin, body.mode, Method::Setup);
    let (user, opened) = setup::complete(&state, admin, sign_in).await?;
    session_answer(&state, StatusCode::CREATED, (&user, &opened), Vec::new())
}

/// Sign in with user name and password.
///
/// Permission: none. Failures are limited per address and per account.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "login",
    request_body = Login, responses(
    (status = 200, body = SessionAnswer), (status = 401, body = ProblemBody), (status = 429, body = ProblemBody),
    (status = 503, body = ProblemBody)))]
#[post("/auth/login")]
pub(crate) async fn login(
    state: Data<AppState>,
    request: HttpRequest,
    origin: Origin,
    body: ValidJson<Login>,
) -> Result<HttpResponse, Problem> {
    let Login {
        username,
        password,
        mode,
    } = body.0;
    let device = cookies::read(&state, &request, Name::Device);
    let sign_in = sign_in_of(&state, &request, origin, mode, Method::Password);
    let signed_in =
        sign_in::with_password(&state, &username, &password, device.as_deref(), sign_in).await?;
    let life = Duration::days(DEVICE_DAYS);
    let device = cookies::set(&state, Name::Device, &signed_in.device, life);
    let session = (&signed_in.user, &signed_in.opened);
    session_answer(&state, StatusCode::OK, session, vec![device])
}

/// What the request says about the session to open.
pub(super) fn sign_in_of(
    state: &AppState,
    request: &HttpRequest,
    origin: Origin,
    mode: Mode,
    method: Method,
) -> SignIn {
    let previous = cookies::read(state, request, Name::Session);
    SignIn {
        mode,
        method,
        origin,
        previous: previous.filter(|_cookie| mode == Mode::Cookie),
    }
}

/// Exchange a refresh token for new tokens.
///
/// Permission: the refresh token. It is used up; using it again ends the session.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "refresh_tokens",
    request_body = RefreshTokens, responses(
    (status = 200, body = SessionAnswer), (status = 401, body = ProblemBody)))]
#[post("/auth/refresh")]
pub(crate) async fn refresh_tokens(
    state: Data<AppState>,
    origin: Origin,
    body: ValidJson<RefreshTokens>,
) -> Result<HttpResponse, Problem> {
    let refreshed = refresh::exchange(&state, body.0.refresh_token.expose(), origin).await?;
    let session = (&refreshed.user, &refreshed.opened);
    session_answer(&state, StatusCode::OK, session, Vec::new())
}

/// End this session.
///
/// Permission: any signed-in person. Publishes `session.revoked.v1`.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "logout", responses(
    (status = 204), (status = 401, body = ProblemBody)))]
#[post("/auth/logout")]
pub(crate) async fn logout(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
) -> Result<HttpResponse, Problem> {
    let ending = signed_out(&caller, origin);
    match sessions::end_own(&state, caller.session_id, ending).await {
        // It ended meanwhile, or it is an API key's: there is nothing to end.
        Ok(()) | Err(Error::NotFound) => {}
        Err(err) => return Err(err.into()),
    }
    Ok(good_bye(&state))
}

/// End all sessions of the caller.
///
/// Permission: `account`. Publishes `session.revoked.v1` for each.
#[utoipa::path(tag = "auth", context_path = "/api/v1", operation_id = "logout_all", responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[post("/auth/logout-all")]
pub(crate) async fn logout_all(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Account)?;
    let ending = signed_out(&caller, origin);
    sessions::end_everywhere(&state, caller.user_id, ending).await?;
    Ok(good_bye(&state))
}

fn signed_out(caller: &Caller, origin: Origin) -> Ending {
    Ending {
        by: caller.user_id,
        reason: "signed_out",
        origin,
    }
}

fn good_bye(state: &AppState) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((CLEAR_SITE_DATA, "\"cache\", \"storage\""))
        .cookie(cookies::clear(state, Name::Session))
        .finish()
}
