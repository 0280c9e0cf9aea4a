//! `/me/limits`: what is left of a person's request limits.

use actix_web::{
    HttpRequest, get,
    web::{Data, Json},
};
use serde::Serialize;
use shared_http::Problem;
use shared_types::problem::ProblemBody;
use utoipa::ToSchema;

use super::system::caller;
use crate::{app::AppState, limits::Class};

/// One limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestLimit {
    /// What it counts: `user` or `image` requests.
    name: String,
    /// Requests at once.
    limit: u32,
    /// Requests left right now.
    remaining: u32,
    /// Seconds until all are there again.
    reset_seconds: u64,
}

/// A person's limits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MyLimits {
    /// One entry a limit.
    items: Vec<RequestLimit>,
}

/// My request limits, with what is left.
///
/// Permission: any signed-in person. Download quotas are at `/downloads/usage`.
#[utoipa::path(tag = "system", operation_id = "list_my_limits", context_path = "/api/v1",
    responses((status = 200, body = MyLimits), (status = 401, body = ProblemBody)))]
#[get("/me/limits")]
pub(crate) async fn list_my_limits(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<MyLimits>, Problem> {
    let key = caller(&request)?.user_id.to_string();
    let items = [Class::User, Class::Image].map(|class| {
        let verdict = state.limits.look(class, &key);
        let missing = u64::from(verdict.burst - verdict.remaining);
        RequestLimit {
            name: verdict.class.to_owned(),
            limit: verdict.burst,
            remaining: verdict.remaining,
            reset_seconds: (missing * 60).div_ceil(u64::from(verdict.per_minute.max(1))),
        }
    });
    Ok(Json(MyLimits {
        items: items.into(),
    }))
}
