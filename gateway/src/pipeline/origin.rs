//! A write that carries the session cookie must come from our own page.

use actix_web::http::header::{HeaderMap, ORIGIN};
use shared_http::Problem;
use shared_types::problem::Code;

/// Passes with `Sec-Fetch-Site: same-origin`, or, from browsers that do not send it, with our own `Origin`;
/// and always with `X-MediaNest: 1`, which no cross-origin form can send.
pub(crate) fn check(headers: &HeaderMap, own_origin: &str) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same_site = match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == own_origin,
        (None, None) => false,
    };
    if is_same_site && text("x-medianest") == Some("1") {
        return Ok(());
    }
    Err(Problem::new(Code::CrossSite)
        .detail("Writes with a session cookie need `X-MediaNest: 1` and must come from this site; scripts use a token instead."))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn passes(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        check(&headers, "https://media.example").is_ok()
    }

    #[test]
    fn only_our_own_page_may_write_with_a_cookie() {
        let ours = ("x-medianest", "1");
        assert!(passes(&[("sec-fetch-site", "same-origin"), ours]));
        assert!(passes(&[("origin", "https://media.example"), ours]));
        assert!(!passes(&[("sec-fetch-site", "same-origin")]));
        assert!(!passes(&[ours]));
        for site in ["cross-site", "same-site", "none"] {
            assert!(!passes(&[
                ("sec-fetch-site", site),
                ("origin", "https://media.example"),
                ours
            ]));
        }
        for origin in [
            "https://media.example.evil",
            "http://media.example",
            "null",
            "https://evil",
        ] {
            assert!(!passes(&[("origin", origin), ours]));
        }
    }
}
