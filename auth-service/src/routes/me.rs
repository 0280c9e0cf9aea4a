//! `/me`: one's own account.

use actix_web::{
    HttpResponse, get, patch, post,
    web::{Data, Json},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson};
use shared_types::{access::Scope, problem::ProblemBody};
use utoipa::ToSchema;

use super::views::Me;
use crate::{
    app::AppState, error::Error, origin::Origin, password::Password, people,
    username::parse_display_name,
};

/// What changes; absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateMe {
    /// Name on screens, 1 to 80 characters.
    display_name: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    /// The password so far; absent only for somebody who has none.
    #[schema(value_type = Option<String>)]
    current_password: Option<Password>,
    /// 10 to 256 characters.
    #[schema(value_type = String)]
    new_password: Password,
}

/// The signed-in person.
///
/// Permission: any signed-in person.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "show_me", responses(
    (status = 200, body = Me), (status = 401, body = ProblemBody)))]
#[get("/me")]
pub(crate) async fn show_me(state: Data<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let (user, plex) = people::find(&state, caller.user_id).await?;
    Ok(Json(Me::new(&user, plex)))
}

/// Change one's own name on screens.
///
/// Permission: `account`. Publishes `user.updated.v1`.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "update_me",
    request_body = UpdateMe, responses(
    (status = 200, body = Me), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody)))]
#[patch("/me")]
pub(crate) async fn update_me(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    body: ValidJson<UpdateMe>,
) -> Result<Json<Me>, Problem> {
    caller.require(Scope::Account)?;
    if let Some(name) = &body.0.display_name {
        let name = parse_display_name(name).map_err(Error::from)?;
        people::rename(&state, caller.user_id, name, origin).await?;
    }
    let (user, plex) = people::find(&state, caller.user_id).await?;
    Ok(Json(Me::new(&user, plex)))
}

/// Change one's own password.
///
/// Permission: `account`, and the current password. Ends the other sessions.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "change_password",
    request_body = ChangePassword, responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/me/password")]
pub(crate) async fn change_password(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    body: ValidJson<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Account)?;
    let ChangePassword {
        current_password,
        new_password,
    } = body.0;
    people::change_password(&state, &caller, current_password, &new_password, origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
