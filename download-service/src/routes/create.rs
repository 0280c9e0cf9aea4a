//! Submitting a link.

use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION, post, web::Data};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use shared_http::{Caller, Problem, ValidJson};
use shared_types::{
    access::Scope,
    ids::LibraryId,
    problem::{Code, ProblemBody},
};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    downloads::{self, RequestKey, Submission, Submitted},
    error::Error,
    link::VideoUrl,
    preset::Preset,
    store::DownloadRow,
    views::Download,
};

const MAX_PRIORITY: i32 = 100;
const MAX_COLLECTION_CHARS: usize = 100;
const MAX_KEY_BYTES: usize = 200;

/// A link to download.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDownload {
    /// Page of a video or of a playlist.
    url: String,
    /// `best` (the default), `1080p`, `720p` or `audio`.
    #[serde(default)]
    preset: Option<String>,
    /// A library that takes videos; absent: the server's default.
    #[serde(default)]
    library_id: Option<LibraryId>,
    /// The collection to add to; absent: named after the playlist; null: none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    collection: Option<String>,
    /// Higher goes first among one's own.
    #[serde(default)]
    priority: Option<i32>,
}

/// Tells `null`, which becomes the empty name, from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    Ok(Some(name.unwrap_or_default()))
}

/// Submit a link.
///
/// Permission: `downloads`. Counts against the caller's quotas and publishes `download.requested.v1`. With an
/// `Idempotency-Key`, a repetition of the same request answers 202 with the first answer and submits nothing.
#[utoipa::path(
    context_path = "/api/v1",
    tag = "downloads",
    request_body = CreateDownload,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions of this request harmless")),
    responses(
        (status = 201, body = Download),
        (status = 202, body = Download, description = "A repetition of an earlier request"),
        (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
#[post("/downloads")]
pub(crate) async fn create_download(
    state: Data<AppState>,
    caller: Caller,
    request: HttpRequest,
    body: ValidJson<CreateDownload>,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::Downloads)?;
    let key = request_key(&request, &body.0)?;
    let submission = submission(&state, &body.0)?;
    if let Some(library) = submission.library_id {
        may_use(&state, &request, library).await?;
    }
    match downloads::submit(&state, caller.user_id, submission, key, answer).await? {
        Submitted::New(row) => {
            Ok(HttpResponse::Created().json(Download::new(*row, state.hold().as_deref())))
        }
        Submitted::Repeated(body) => Ok(HttpResponse::Accepted().json(body)),
    }
}

/// A library that the caller cannot see does not exist for them.
async fn may_use(state: &AppState, request: &HttpRequest, library: LibraryId) -> Result<(), Error> {
    let header = request.headers().get(AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.split_once(' '));
    let (_scheme, token) = token.ok_or_else(|| Error::unknown_library(library))?;
    if state.catalog.is_visible(library, token).await? {
        return Ok(());
    }
    Err(Error::unknown_library(library))
}

fn answer(row: &DownloadRow) -> serde_json::Value {
    serde_json::to_value(Download::new(row.clone(), None)).unwrap_or_default()
}

fn submission(state: &AppState, body: &CreateDownload) -> Result<Submission, Error> {
    let invalid = |field, reason: String| Error::Invalid { field, reason };
    let url = VideoUrl::parse(&body.url, &state.allow)?;
    let preset = match &body.preset {
        None => Preset::default(),
        Some(name) => name
            .parse()
            .map_err(|err: crate::preset::UnknownPreset| invalid("preset", err.to_string()))?,
    };
    let priority = body.priority.unwrap_or_default();
    if priority.abs() > MAX_PRIORITY {
        return Err(invalid(
            "priority",
            "The priority must be between -100 and 100.".to_owned(),
        ));
    }
    let collection = body
        .collection
        .as_deref()
        .map(collection_name)
        .transpose()?;
    Ok(Submission {
        url,
        preset,
        library_id: body.library_id,
        collection,
        priority,
    })
}

fn collection_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.chars().count() > MAX_COLLECTION_CHARS || name.chars().any(char::is_control) {
        let reason =
            "The name of a collection has at most 100 characters and no control characters.";
        return Err(Error::Invalid {
            field: "collection",
            reason: reason.to_owned(),
        });
    }
    Ok(name.to_owned())
}

/// The key of the request, and what tells it from another request with the same key.
fn request_key(
    request: &HttpRequest,
    body: &CreateDownload,
) -> Result<Option<RequestKey>, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Problem::new(Code::Malformed)
            .detail("`Idempotency-Key` must have 1 to 200 printable characters."));
    }
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    Ok(Some(RequestKey {
        key: key.to_owned(),
        hash: hex::encode(Sha256::digest(bytes)),
    }))
}
