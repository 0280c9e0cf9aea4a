//! Errors of a server: HTML whatever the client accepts.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

/// A request that failed; all that is told is the status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal(StatusCode);

impl Refusal {
    pub(super) const BAD_REQUEST: Self = Self(StatusCode::BAD_REQUEST);
    pub(super) const UNAUTHORIZED: Self = Self(StatusCode::UNAUTHORIZED);
    pub(super) const FORBIDDEN: Self = Self(StatusCode::FORBIDDEN);
    pub(super) const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND);
    pub(super) const CONFLICT: Self = Self(StatusCode::CONFLICT);
    pub(super) const URI_TOO_LONG: Self = Self(StatusCode::URI_TOO_LONG);
    pub(super) const INTERNAL: Self = Self(StatusCode::INTERNAL_SERVER_ERROR);
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.0
    }

    fn error_response(&self) -> HttpResponse {
        error_page(self.0)
    }
}

/// The page a server answers with.
pub(crate) fn error_page(status: StatusCode) -> HttpResponse {
    let reason = status.canonical_reason().unwrap_or_default();
    let code = status.as_u16();
    let page = format!(
        "<html><head><title>{reason}</title></head><body><h1>{code} {reason}</h1></body></html>"
    );
    HttpResponse::build(status)
        .insert_header(("X-Plex-Protocol", "1.0"))
        .insert_header(("Cache-Control", "no-cache"))
        .content_type("text/html")
        .body(page)
}
