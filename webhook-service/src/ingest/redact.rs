//! What is kept of a request's headers: everything but secrets, in a form that is safe to show.

use actix_web::http::header::{HeaderMap, HeaderName};
use serde_json::{Map, Value};

const MAX_HEADERS: usize = 64;
const MAX_VALUE_CHARS: usize = 1024;
/// Headers whose names give away that their value is a secret.
const SECRET_WORDS: [&str; 6] = ["auth", "cookie", "token", "secret", "password", "api-key"];

/// The headers by lower-case name. `secret_header` is the one that the source shows its secret in.
pub(super) fn headers(
    headers: &HeaderMap,
    secret_header: Option<&HeaderName>,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for name in headers.keys().take(MAX_HEADERS) {
        let is_secret = secret_header == Some(name)
            || SECRET_WORDS.iter().any(|word| name.as_str().contains(word));
        let values: Vec<_> = headers
            .get_all(name)
            .map(|value| legible(value.as_bytes()))
            .collect();
        let shown = if is_secret {
            "[redacted]".to_owned()
        } else {
            values.join(", ")
        };
        kept.insert(name.as_str().to_owned(), Value::String(shown));
    }
    kept
}

/// The bytes as text without control characters, cut to a sensible length.
pub(super) fn legible(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_VALUE_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn no_secret_is_kept() {
        let mut map = HeaderMap::new();
        for name in [
            "authorization",
            "x-hook",
            "x-plex-token",
            "cookie",
            "user-agent",
        ] {
            map.insert(name.parse().unwrap(), HeaderValue::from_static("s3cr3t"));
        }
        let kept = headers(&map, Some(&"X-Hook".parse().unwrap()));
        let shown = kept.iter().filter(|(_, value)| *value == "s3cr3t");
        assert_eq!(shown.count(), 1);
        assert_eq!(kept["user-agent"], "s3cr3t");
    }
}
