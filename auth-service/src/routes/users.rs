//! `/users`: people, for administrators.

use actix_web::{
    HttpResponse, get, patch, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, ValidQuery};
use shared_types::{
    access::{Role, Scope},
    ids::UserId,
    page::{Page, clamp_limit, decode_cursor},
    problem::ProblemBody,
};
use utoipa::ToSchema;

use super::views::ManagedUser;
use crate::{
    app::AppState,
    error::Error,
    origin::Origin,
    password::Password,
    people::{self, AccessChange, NewPerson},
    sessions::{self, Ending},
    store::users::UserRow,
    username::{Username, parse_display_name, parse_email},
};

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// Rows of the page, at most 200.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// An account to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateUser {
    /// 2 to 40 letters, digits, dots, dashes and underscores.
    username: String,
    /// 10 to 256 characters.
    #[schema(value_type = String)]
    password: Password,
    /// Name on screens; the user name by default.
    display_name: Option<String>,
    /// `member` by default.
    role: Option<Role>,
    /// Mail address.
    email: Option<String>,
}

/// What changes; absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUser {
    /// Name on screens.
    display_name: Option<String>,
    /// Role. The person must sign in again.
    role: Option<Role>,
    /// Whether the person may not sign in. Their sessions end.
    suspended: Option<bool>,
}

/// People, the oldest account first.
///
/// Permission: `users:manage`.
#[utoipa::path(tag = "users", context_path = "/api/v1", operation_id = "list_users", params(ListUsers), responses(
    (status = 200, body = Page<ManagedUser>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
#[get("/users")]
pub(crate) async fn list_users(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListUsers>,
) -> Result<Json<Page<ManagedUser>>, Problem> {
    caller.require(Scope::UsersManage)?;
    let limit = clamp_limit(query.0.limit);
    let after = query.0.cursor.as_deref().map(decode_cursor::<UserId>);
    let after = after.transpose().map_err(Error::from)?;
    let rows = people::list(&state, after, limit + 1).await?;
    let page = Page::from_rows(rows, limit, UserRow::user_id);
    Ok(Json(page.map(|row| ManagedUser::from(&row))))
}

/// Make an account with a password.
///
/// Permission: `users:manage`. Publishes `user.created.v1`.
#[utoipa::path(tag = "users", context_path = "/api/v1", operation_id = "create_user",
    request_body = CreateUser, responses(
    (status = 201, body = ManagedUser), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/users")]
pub(crate) async fn create_user(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    body: ValidJson<CreateUser>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::UsersManage)?;
    let (person, password) = parse(body.0)?;
    let user = people::create(&state, &caller, person, &password, origin).await?;
    Ok(HttpResponse::Created().json(ManagedUser::from(&user)))
}

fn parse(body: CreateUser) -> Result<(NewPerson, Password), Error> {
    let username = Username::parse(&body.username)?;
    let display_name = match &body.display_name {
        Some(name) => parse_display_name(name)?,
        None => username.as_str().to_owned(),
    };
    let person = NewPerson {
        username,
        display_name,
        email: body.email.as_deref().map(parse_email).transpose()?,
        role: body.role.unwrap_or(Role::Member),
        avatar_url: None,
        password_hash: None,
    };
    Ok((person, body.password))
}

/// One person.
///
/// Permission: `users:manage`.
#[utoipa::path(tag = "users", context_path = "/api/v1", operation_id = "show_user",
    params(("id" = UserId, Path, description = "The person")), responses(
    (status = 200, body = ManagedUser), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[get("/users/{id}")]
pub(crate) async fn show_user(
    state: Data<AppState>,
    caller: Caller,
    id: Path<UserId>,
) -> Result<Json<ManagedUser>, Problem> {
    caller.require(Scope::UsersManage)?;
    let (user, _plex) = people::find(&state, *id).await?;
    Ok(Json(ManagedUser::from(&user)))
}

/// Change somebody's name, role or right to sign in.
///
/// Permission: `users:manage`. The last administrator stays one. Publishes `user.updated.v1`, and `session.revoked.v1`
/// for every session when role or status change.
#[utoipa::path(tag = "users", context_path = "/api/v1", operation_id = "update_user",
    request_body = UpdateUser, params(("id" = UserId, Path, description = "The person")), responses(
    (status = 200, body = ManagedUser), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[patch("/users/{id}")]
pub(crate) async fn update_user(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    id: Path<UserId>,
    body: ValidJson<UpdateUser>,
) -> Result<Json<ManagedUser>, Problem> {
    caller.require(Scope::UsersManage)?;
    let name = body.0.display_name.as_deref().map(parse_display_name);
    let change = AccessChange {
        display_name: name.transpose().map_err(Error::from)?,
        role: body.0.role,
        suspended: body.0.suspended,
    };
    let user = people::change_access(&state, &caller, *id, change, origin).await?;
    Ok(Json(ManagedUser::from(&user)))
}

/// End all sessions of somebody.
///
/// Permission: `users:manage`. Publishes `session.revoked.v1` for each.
#[utoipa::path(tag = "users", context_path = "/api/v1", operation_id = "revoke_user_sessions",
    params(("id" = UserId, Path, description = "The person")), responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[post("/users/{id}/revoke-sessions")]
pub(crate) async fn revoke_user_sessions(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    id: Path<UserId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::UsersManage)?;
    let ending = Ending {
        by: caller.user_id,
        reason: "ended_by_admin",
        origin,
    };
    sessions::end_everywhere(&state, *id, ending).await?;
    Ok(HttpResponse::NoContent().finish())
}
