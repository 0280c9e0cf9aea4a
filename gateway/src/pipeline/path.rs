//! One decision about paths, before anything looks at them: what could be read in two ways is refused.

use actix_web::http::Uri;
use shared_http::Problem;
use shared_types::problem::Code;

/// Longest request target, in bytes.
const MAX_TARGET_BYTES: usize = 8 * 1024;

/// Refuses empty and dot segments, backslashes, semicolons, and percent-encoded characters that a service might decode
/// into structure (`%2f %5c %00 %25 %3b %23 %3f %2e`) or that need no encoding at all (RFC 3986 §6.2.2.2).
pub(crate) fn check(uri: &Uri) -> Result<(), Problem> {
    let path = uri.path();
    let target_len = uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target_len > MAX_TARGET_BYTES {
        return Err(Problem::new(Code::HeadersTooLarge).detail("The address is too long."));
    }
    if uri.authority().is_some() || !path.starts_with('/') || !is_plain(path) {
        return Err(Problem::new(Code::Malformed).detail(
            "The path is ambiguous; write it without encoded separators, dots or empty segments.",
        ));
    }
    Ok(())
}

fn is_plain(path: &str) -> bool {
    let segments: Vec<&str> = path[1..].split('/').collect();
    let last = segments.len() - 1;
    let is_fine = |(index, segment): (usize, &&str)| match *segment {
        "" => index == last,
        "." | ".." => false,
        text => !text.contains(['\\', ';', '\0']) && encodings_are_fine(text),
    };
    segments.iter().enumerate().all(is_fine)
}

fn encodings_are_fine(segment: &str) -> bool {
    let mut rest = segment.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let Some(byte) = rest.get(at + 1..at + 3).and_then(decode_hex) else {
            return false;
        };
        let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_unreserved || byte < 0x20 || b"/\\%;#?\x7f".contains(&byte) {
            return false;
        }
        rest = &rest[at + 3..];
    }
    true
}

fn decode_hex(pair: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(pair).ok()?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_accepted(path: &str) -> bool {
        path.parse::<Uri>().is_ok_and(|uri| check(&uri).is_ok())
    }

    #[test]
    fn ambiguous_paths_are_refused() {
        for path in [
            "//api",
            "/api//v1",
            "/api/../x",
            "/./x",
            "/a/%2e%2e/b",
            "/a%2fb",
            "/a%5Cb",
            "/a%00b",
            "/a%25b",
            "/a;b",
            "/%61dmin",
            "/a%3fb",
            "/a%2",
            "/a%zz",
            "/a%23",
        ] {
            assert!(!is_accepted(path), "{path}");
        }
        for path in [
            "/",
            "/api/v1/me",
            "/assets/index-1.js",
            "/hooks/v1/x/",
            "/a%20b",
            "/%C3%A9",
        ] {
            assert!(is_accepted(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_path_has_only_one_reading(path in "/[a-z0-9./%;\\\\-]{0,30}") {
            if is_accepted(&path) {
                prop_assert!(!path.contains("/.."), "{}", path);
                prop_assert!(!path.contains("//"), "{}", path);
            }
        }
    }
}
