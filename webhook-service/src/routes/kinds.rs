//! `/webhooks/kinds`

use actix_web::{get, web::Json};
use shared_http::{Caller, Problem};
use shared_types::{access::Scope, problem::ProblemBody};

use crate::{kind::Kind, views::Kinds};

/// List the kinds of sources.
///
/// Permission: `webhooks:manage`. Says how each can authenticate, what that promises, and what to enter where.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", responses(
    (status = 200, body = Kinds),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[get("/webhooks/kinds")]
pub(crate) async fn list_source_kinds(caller: Caller) -> Result<Json<Kinds>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let items = Kind::ALL.iter().copied().map(Into::into).collect();
    Ok(Json(Kinds { items }))
}
