//! `/webhooks/sources`

use actix_web::{
    HttpResponse, delete, get, patch, post,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidJson, ValidQuery};
use shared_runtime::Secret;
use shared_types::{
    access::Scope,
    ids::SourceId,
    page::{Page, clamp_limit},
    problem::ProblemBody,
};
use utoipa::ToSchema;

use super::{cursor_id, fetch};
use crate::{
    app::AppState,
    deliveries,
    error::Error,
    kind::{AuthMode, Kind},
    sources::{self, Wish},
    store::sources::{self as store, SourceChanges},
    views::{Delivery, FreshSource, Source},
};

/// A new source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSource {
    kind: Kind,
    /// Unique.
    name: String,
    /// The best one of the kind when absent.
    auth_mode: Option<AuthMode>,
    /// For the mode `header`; `X-MediaNest-Token` when absent.
    header_name: Option<String>,
    /// The sender's own secret, when it insists on one; made here when absent.
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<Secret>,
}

/// A changed source: what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateSource {
    name: Option<String>,
    /// A source that is turned off answers its sender with 410.
    enabled: Option<bool>,
    header_name: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListSources {
    /// Rows of a page: 1 to 200, 50 when absent.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List the sources.
///
/// Permission: `webhooks:manage`. Oldest first, without secrets.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", params(ListSources), responses(
    (status = 200, body = Page<Source>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
))]
#[get("/webhooks/sources")]
pub(crate) async fn list_sources(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListSources>,
) -> Result<Json<Page<Source>>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let limit = clamp_limit(query.0.limit);
    let after = cursor_id(query.0.cursor.as_deref()).map_err(Error::from)?;
    let rows = state
        .db
        .run(move |conn| store::list_sources(conn, after, fetch(limit)));
    let page = Page::from_rows(rows.await.map_err(Error::from)?, limit, |row| row.id);
    let items: Result<_, Error> = page
        .items
        .into_iter()
        .map(|row| Source::new(row, &state.public_url))
        .collect();
    Ok(Json(Page {
        items: items?,
        next_cursor: page.next_cursor,
    }))
}

/// Add a source.
///
/// Permission: `webhooks:manage`. Answers the secret, and the address to enter at the sender: this once and never again.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks", request_body = CreateSource, responses(
    (status = 201, body = FreshSource), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
))]
#[post("/webhooks/sources")]
pub(crate) async fn create_source(
    state: Data<AppState>,
    caller: Caller,
    body: ValidJson<CreateSource>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let wish = Wish {
        kind: body.0.kind,
        name: body.0.name,
        auth_mode: body.0.auth_mode,
        header_name: body.0.header_name,
        secret: body.0.secret,
    };
    let fresh = sources::create(&state.keeper, wish).await?;
    state.catalog.reload().await?;
    let view = FreshSource::new(fresh, &state.public_url)?;
    Ok(HttpResponse::Created().json(view))
}

/// Look at a source.
///
/// Permission: `webhooks:manage`.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = SourceId, Path, description = "The source")), responses(
    (status = 200, body = Source), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
))]
#[get("/webhooks/sources/{id}")]
pub(crate) async fn find_source(
    state: Data<AppState>,
    caller: Caller,
    id: Path<SourceId>,
) -> Result<Json<Source>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let found = state.db.run(move |conn| store::find_source(conn, *id));
    let row = found.await.map_err(Error::from)?.ok_or(Error::NotFound)?;
    Ok(Json(Source::new(row, &state.public_url)?))
}

/// Change a source.
///
/// Permission: `webhooks:manage`. Takes effect at once on this replica, within seconds on the others.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = SourceId, Path, description = "The source")), request_body = UpdateSource, responses(
    (status = 200, body = Source), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 422, body = ProblemBody),
))]
#[patch("/webhooks/sources/{id}")]
pub(crate) async fn update_source(
    state: Data<AppState>,
    caller: Caller,
    id: Path<SourceId>,
    body: ValidJson<UpdateSource>,
) -> Result<Json<Source>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let changes = SourceChanges {
        name: body.0.name,
        is_enabled: body.0.enabled,
        header_name: body.0.header_name,
    };
    let row = sources::change(&state.keeper, *id, changes).await?;
    state.catalog.reload().await?;
    Ok(Json(Source::new(row, &state.public_url)?))
}

/// Remove a source.
///
/// Permission: `webhooks:manage`. Its sender is refused from now on; what it sent stays.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = SourceId, Path, description = "The source")), responses(
    (status = 204), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
))]
#[delete("/webhooks/sources/{id}")]
pub(crate) async fn delete_source(
    state: Data<AppState>,
    caller: Caller,
    id: Path<SourceId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let deleted = state.db.tx(move |conn| store::delete_source(conn, *id));
    if !deleted.await.map_err(Error::from)? {
        return Err(Error::NotFound.into());
    }
    state.catalog.reload().await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a source a new secret.
///
/// Permission: `webhooks:manage`. The previous one works on for a day, so that the sender can be changed in peace.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = SourceId, Path, description = "The source")), responses(
    (status = 200, body = FreshSource), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
))]
#[post("/webhooks/sources/{id}/rotate")]
pub(crate) async fn rotate_source(
    state: Data<AppState>,
    caller: Caller,
    id: Path<SourceId>,
) -> Result<Json<FreshSource>, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let fresh = sources::rotate(&state.keeper, *id, state.rotation_overlap).await?;
    state.catalog.reload().await?;
    Ok(Json(FreshSource::new(fresh, &state.public_url)?))
}

/// Send a test through a source.
///
/// Permission: `webhooks:manage`. Makes a delivery that is processed like a real one and ends as the event `webhook.test`.
#[utoipa::path(context_path = "/api/v1", tag = "webhooks",
    params(("id" = SourceId, Path, description = "The source")), responses(
    (status = 202, body = Delivery), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
))]
#[post("/webhooks/sources/{id}/test")]
pub(crate) async fn test_source(
    state: Data<AppState>,
    caller: Caller,
    id: Path<SourceId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::WebhooksManage)?;
    let made = deliveries::send_test(&state.db, &state.clock, *id, caller.user_id).await?;
    state.work.notify_one();
    Ok(HttpResponse::Accepted().json(Delivery::from(made)))
}
