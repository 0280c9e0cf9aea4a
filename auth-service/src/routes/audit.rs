//! `/audit`: the audit log, for those who may read it.

use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{
    access::Scope,
    ids::{SessionId, UserId},
    page::{Page, clamp_limit, decode_cursor},
    problem::ProblemBody,
};
use utoipa::ToSchema;

use crate::{app::AppState, audit, error::Error, store::audit::AuditRow};

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAudit {
    /// Only entries of this name, such as `authn_login_fail`.
    event: Option<String>,
    /// Rows of the page, at most 200.
    limit: Option<u32>,
    /// From the page before.
    cursor: Option<String>,
}

/// Something that happened to an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Place in the log.
    seq: i64,
    /// When.
    at: DateTime<Utc>,
    /// What, in the words of the OWASP logging vocabulary.
    event: String,
    /// `success` or `failure`.
    outcome: String,
    /// Who did it.
    actor_id: Option<UserId>,
    /// Whose account it is about.
    subject_id: Option<UserId>,
    /// The session it is about.
    session_id: Option<SessionId>,
    /// The way in.
    method: Option<String>,
    /// From where.
    address: Option<String>,
    /// With what.
    user_agent: Option<String>,
    /// The request, to find it in logs and traces.
    request_id: Option<String>,
    /// More about it.
    #[schema(value_type = Object)]
    details: Value,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at.0,
            event: row.event,
            outcome: row.outcome,
            actor_id: row.actor_id.map(UserId::from),
            subject_id: row.subject_id.map(UserId::from),
            session_id: row.session_id.map(SessionId::from),
            method: row.method,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
            details: row.details.0,
        }
    }
}

/// The audit log, the newest entry first.
///
/// Permission: `audit:read`.
#[utoipa::path(tag = "audit", context_path = "/api/v1", operation_id = "list_audit_entries", params(ListAudit),
    responses((status = 200, body = Page<AuditEntry>), (status = 400, body = ProblemBody),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
#[get("/audit")]
pub(crate) async fn list_audit_entries(
    state: Data<AppState>,
    caller: Caller,
    query: ValidQuery<ListAudit>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    caller.require(Scope::AuditRead)?;
    let ListAudit {
        event,
        limit,
        cursor,
    } = query.0;
    let limit = clamp_limit(limit);
    let before = cursor.as_deref().map(decode_cursor::<i64>);
    let before = before.transpose().map_err(Error::from)?;
    let rows = audit::list(&state, event, before, limit + 1).await?;
    let page = Page::from_rows(rows, limit, |row| row.seq);
    Ok(Json(page.map(AuditEntry::from)))
}
