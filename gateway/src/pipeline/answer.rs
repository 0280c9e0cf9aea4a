//! Headers that every answer carries.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::Verdict;

/// What the installation's address decides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerOptions {
    /// People open the site over https.
    pub(crate) is_https: bool,
}

const API_CSP: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";

/// Adds security headers and, when the request was counted, the limit headers (IETF draft RateLimit header fields).
pub(crate) fn complete(headers: &mut HeaderMap, options: AnswerOptions, verdict: Option<&Verdict>) {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    if options.is_https {
        set("strict-transport-security", "max-age=31536000");
        set("cross-origin-opener-policy", "same-origin");
    }
    if let Some(verdict) = verdict {
        let Verdict {
            class,
            burst,
            per_minute,
            remaining,
            retry_after,
        } = verdict;
        let reset = retry_after.unwrap_or_else(|| {
            u64::from(burst.saturating_sub(*remaining)) * 60 / u64::from((*per_minute).max(1))
        });
        set(
            "ratelimit-policy",
            &format!(
                "\"{class}\";q={burst};w={}",
                u64::from(*burst) * 60 / u64::from((*per_minute).max(1))
            ),
        );
        set("ratelimit", &format!("\"{class}\";r={remaining};t={reset}"));
    }
    if !headers.contains_key("content-security-policy") {
        headers.insert(
            HeaderName::from_static("content-security-policy"),
            HeaderValue::from_static(API_CSP),
        );
    }
    headers.remove("server");
}
