//! `/.well-known/jwks.json`

use actix_web::{HttpResponse, get, http::header::CACHE_CONTROL, web::Data};

use crate::app::AppState;

/// The public keys that verify access tokens (RFC 7517).
///
/// Permission: none. May be cached for five minutes.
#[utoipa::path(tag = "auth", operation_id = "list_keys", responses((status = 200, description = "A JWK set")))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn list_keys(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(state.issuer.jwks())
}
