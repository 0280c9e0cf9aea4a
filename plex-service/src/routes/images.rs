//! `/plex/images`

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH},
    web::{Data, Path},
};
use serde::Deserialize;
use shared_http::{Caller, Problem, ValidQuery};
use shared_types::{access::Scope, problem::ProblemBody};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    app::AppState,
    images::{self, Kind},
    visibility,
};

/// The address has the picture's version, so that a browser may keep it; nobody else may.
const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=86400");

/// The size of a picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowImage {
    /// Width in pixels; the next larger of a few sizes is made.
    w: Option<u32>,
    /// Height in pixels.
    h: Option<u32>,
    /// Version; only there to make a new address for a new picture.
    #[expect(dead_code, reason = "it only makes the address new")]
    v: Option<String>,
}

/// Show a picture of an item or a collection: `poster`, `art` or `thumb`.
///
/// Permission: `library:read`, and its library must be visible to the caller.
#[utoipa::path(context_path = "/api/v1", tag = "plex",
    params(("item_id" = Uuid, Path, description = "The item or collection"),
    ("kind" = String, Path, description = "`poster`, `art` or `thumb`"), ShowImage),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 304),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 502, body = ProblemBody), (status = 503, body = ProblemBody)))]
#[get("/plex/images/{item_id}/{kind}")]
pub(crate) async fn show_image(
    state: Data<AppState>,
    caller: Caller,
    path: Path<(Uuid, String)>,
    query: ValidQuery<ShowImage>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.require(Scope::LibraryRead)?;
    let visible = visibility::for_caller(&state, &caller).await?;
    let (id, kind) = path.into_inner();
    let size = (query.0.w, query.0.h);
    let picture = images::find(&state, &visible, id, Kind::parse(&kind)?, size).await?;
    let etag = format!("\"{}\"", picture.etag);
    let is_known = has_match(&request, &etag);
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, KEEP))
        .insert_header(("x-content-type-options", "nosniff"));
    if is_known {
        return Ok(response.finish());
    }
    response.content_type(picture.content_type);
    Ok(response.body(picture.bytes))
}

fn has_match(request: &HttpRequest, etag: &str) -> bool {
    let given = request.headers().get_all(IF_NONE_MATCH);
    given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().trim_start_matches("W/") == etag || value.trim() == "*")
}
