//! `/me/api-keys`: keys for scripts.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared_http::{Caller, Problem, ValidJson};
use shared_types::{access::Scope, ids::ApiKeyId, page::Page, problem::ProblemBody};
use utoipa::ToSchema;

use crate::{
    api_keys::{self, NewKey, prefix, scopes_of},
    app::AppState,
    origin::Origin,
    store::api_keys::ApiKeyRow,
};

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateApiKey {
    /// What it is for.
    name: String,
    /// What it may do: some of what its owner may do.
    scopes: Vec<Scope>,
    /// Days until it expires; 90 by default.
    expires_in_days: Option<u32>,
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiKey {
    /// Id.
    id: ApiKeyId,
    /// What it is for.
    name: String,
    /// How the key begins.
    prefix: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it expires.
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_used_at: Option<DateTime<Utc>>,
}

/// A key that was just made, with its secret: it is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    /// The whole key.
    key: String,
    #[serde(flatten)]
    shown: ApiKey,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        let id = ApiKeyId::from(row.id);
        Self {
            id,
            prefix: prefix(id),
            scopes: scopes_of(&row),
            name: row.name,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            last_used_at: row.last_used_at.map(DateTime::from),
        }
    }
}

/// One's own keys, the newest first.
///
/// Permission: `account`. There are at most 25, so this is always one page.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "list_api_keys", responses(
    (status = 200, body = Page<ApiKey>), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[get("/me/api-keys")]
pub(crate) async fn list_api_keys(
    state: Data<AppState>,
    caller: Caller,
) -> Result<Json<Page<ApiKey>>, Problem> {
    caller.require(Scope::Account)?;
    let rows = api_keys::list(&state, caller.user_id).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(ApiKey::from).collect(),
        next_cursor: None,
    }))
}

/// Make a key. The answer is the only time that the key is shown.
///
/// Permission: `account`; the key's permissions must be the caller's own, without those over accounts.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "create_api_key",
    request_body = CreateApiKey, responses(
    (status = 201, body = CreatedApiKey), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/me/api-keys")]
pub(crate) async fn create_api_key(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    body: ValidJson<CreateApiKey>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Account)?;
    let new = NewKey {
        name: body.0.name,
        scopes: body.0.scopes,
        expires_in_days: body.0.expires_in_days,
    };
    let (row, key) = api_keys::create(&state, &caller, new, origin).await?;
    Ok(HttpResponse::Created().json(CreatedApiKey {
        key: key.reveal().to_string(),
        shown: row.into(),
    }))
}

/// Remove one of one's own keys.
///
/// Permission: `account`. Publishes `session.revoked.v1` for the key.
#[utoipa::path(tag = "me", context_path = "/api/v1", operation_id = "delete_api_key",
    params(("id" = ApiKeyId, Path, description = "The key")), responses(
    (status = 204), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody)))]
#[delete("/me/api-keys/{id}")]
pub(crate) async fn delete_api_key(
    state: Data<AppState>,
    caller: Caller,
    origin: Origin,
    id: Path<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Account)?;
    api_keys::delete(&state, &caller, *id, origin).await?;
    Ok(HttpResponse::NoContent().finish())
}
