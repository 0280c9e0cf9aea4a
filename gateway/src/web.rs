//! Serves the SPA that was embedded at build time: precompressed, cached, with its content security policy.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        ETAG, IF_NONE_MATCH, VARY,
    },
};
use rust_embed::{EmbeddedFile, RustEmbed};
use shared_http::Problem;
use shared_types::problem::Code;

use crate::app::AppState;

/// The built files, or one page that says how to build them.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/web"]
struct Assets;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; \
object-src 'none'; require-trusted-types-for 'script'; trusted-types mn-worker";

/// An exact file, or the page for every address that the SPA's own router knows.
pub(crate) fn serve(request: &HttpRequest, _state: &AppState) -> Result<HttpResponse, Problem> {
    if !request.method().is_safe() {
        return Err(Problem::new(Code::MethodNotAllowed));
    }
    let path = request.path().trim_start_matches('/');
    if !path.is_empty() && Assets::get(path).is_some() {
        return Ok(file(request, path));
    }
    let is_page = !["api/", "assets/", "hooks/", "internal/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        && !["metrics", "internal", "api", "hooks"].contains(&path)
        && !path.rsplit('/').next().unwrap_or_default().contains('.');
    if is_page {
        Ok(file(request, "index.html"))
    } else {
        Err(Problem::new(Code::NotFound))
    }
}

fn file(request: &HttpRequest, path: &str) -> HttpResponse {
    let accepted = request
        .headers()
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (file, encoding) = best_variant(path, accepted);
    let Some(file) = file else {
        return HttpResponse::NotFound().finish();
    };
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let is_known = request
        .headers()
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((VARY, "accept-encoding"))
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((CONTENT_TYPE, content_type(path)));
    if is_known {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    response.body(file.data.into_owned())
}

fn best_variant(path: &str, accepted: &str) -> (Option<EmbeddedFile>, Option<&'static str>) {
    for (suffix, encoding) in [(".br", "br"), (".gz", "gzip")] {
        if accepted
            .split(',')
            .any(|name| name.split(';').next().unwrap_or_default().trim() == encoding)
            && let Some(file) = Assets::get(&format!("{path}{suffix}"))
        {
            return (Some(file), Some(encoding));
        }
    }
    (Assets::get(path), None)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _written = write!(text, "{byte:02x}");
        text
    })
}
