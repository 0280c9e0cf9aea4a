//! Links into Plex, and which paths of a server are pictures.

/// Opens an item in Plex Web.
pub(crate) fn plex_url(machine_identifier: &str, rating_key: &str) -> String {
    format!(
        "https://app.plex.tv/desktop/#!/server/{machine_identifier}/details?key=%2Flibrary%2Fmetadata%2F{rating_key}"
    )
}

const KINDS: [&str; 7] = [
    "thumb",
    "art",
    "poster",
    "banner",
    "clearLogo",
    "composite",
    "theme",
];

/// Whether a path of a server may be fetched as a picture:
/// `/(library/(metadata|collections)/<digits>/<kind>/ | :/resources/ | playlists/<digits>/composite/)…`.
pub(crate) fn is_picture_path(path: &str) -> bool {
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'?' | b'#' | b'%'));
    let is_safe = is_plain && !path.contains("..") && !path.contains("//");
    if !is_safe || path.ends_with("/-1") {
        return false;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        ["", "library", "metadata" | "collections", id, kind, _, ..] => {
            is_number(id) && KINDS.contains(kind)
        }
        ["", ":", "resources", name, ..] => !name.is_empty(),
        ["", "playlists", id, "composite", _, ..] => is_number(id),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_the_server_are_allowed() {
        for path in [
            "/library/metadata/55/thumb/1579514152",
            "/library/collections/9/composite/12",
            "/:/resources/movie.png",
            "/playlists/7/composite/1",
        ] {
            assert!(is_picture_path(path), "{path}");
        }
        for path in [
            "https://image.tmdb.org/t/p/original/x.jpg",
            "//evil.example/library/metadata/1/thumb/1",
            "/library/metadata/55/thumb/-1",
            "/library/metadata/../thumb/1",
            "/library/metadata/1/thumb/../../../status/sessions",
            "/library/metadata/1/thumb/1?X-Plex-Token=a",
            "/library/metadata/1/thumb/%2e%2e",
            "/library/metadata/abc/thumb/1",
            "/status/sessions",
            "",
        ] {
            assert!(!is_picture_path(path), "{path}");
        }
    }

    #[test]
    fn a_link_opens_the_item_in_plex_web() {
        assert_eq!(
            plex_url("abc", "12"),
            "https://app.plex.tv/desktop/#!/server/abc/details?key=%2Flibrary%2Fmetadata%2F12"
        );
    }
}
