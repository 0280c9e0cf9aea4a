//! Which deliveries are the same request once more: by the sender's delivery id where it has one, otherwise by content
//! within a window that fits how the sender repeats itself.

use std::time::Duration;

use actix_web::http::header::HeaderMap;

use crate::{content, deliveries::DedupeKey, kind::Kind, verify};

const WEEK: Duration = Duration::from_hours(7 * 24);
const MAX_ID: usize = 128;
/// Test messages are small; larger bodies are not searched for one.
const MAX_TEST_BODY: usize = 8 * 1024;

/// `None`: never a repetition (somebody pressed "Test" twice and wants to see both).
pub(super) fn of(
    kind: Kind,
    headers: &HeaderMap,
    content_type: Option<&str>,
    body: &[u8],
) -> Option<DedupeKey> {
    if let Some(id) = delivery_id(kind, headers) {
        return Some(DedupeKey {
            key: format!("id:{id}"),
            window: WEEK,
        });
    }
    let identifying = content::identifying(kind, content_type, body);
    if looks_like_test(kind, identifying) {
        return None;
    }
    Some(DedupeKey {
        key: format!("sha256:{}", hex::encode(verify::sha256(identifying))),
        window: window(kind),
    })
}

/// The sender's name for what happened, where a header tells it.
pub(super) fn event_header(kind: Kind, headers: &HeaderMap) -> Option<String> {
    match kind {
        Kind::Github => super::text(headers, "x-github-event"),
        Kind::Gitea => {
            super::text(headers, "x-gitea-event").or_else(|| super::text(headers, "x-github-event"))
        }
        _ => None,
    }
}

fn delivery_id(kind: Kind, headers: &HeaderMap) -> Option<&str> {
    let names: &[&str] = match kind {
        Kind::Github => &["x-github-delivery"],
        Kind::Gitea => &[
            "x-gitea-delivery",
            "x-forgejo-delivery",
            "x-github-delivery",
        ],
        Kind::Standard => &["webhook-id", "svix-id"],
        _ => &[],
    };
    let mut ids = names.iter().filter_map(|name| headers.get(*name));
    ids.find_map(|id| id.to_str().ok().filter(|id| is_id(id)))
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Only decides whether the delivery counts as a repetition; a wrong guess is caught by the events' own keys.
fn looks_like_test(kind: Kind, body: &[u8]) -> bool {
    let marker: &[u8] = match kind {
        Kind::Sonarr | Kind::Radarr | Kind::Lidarr | Kind::Prowlarr => b"\"Test\"",
        Kind::Seerr => b"TEST_NOTIFICATION",
        Kind::UptimeKuma => b"Testing",
        _ => return false,
    };
    body.len() <= MAX_TEST_BODY && body.windows(marker.len()).any(|window| window == marker)
}

const fn window(kind: Kind) -> Duration {
    Duration::from_secs(match kind {
        Kind::Plex | Kind::Tautulli | Kind::Jellyfin | Kind::Apprise => 5,
        Kind::Alertmanager | Kind::Grafana => 120,
        _ => 60,
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_senders_id_counts_before_the_content() {
        let mut headers = HeaderMap::new();
        let by_content = of(Kind::Github, &headers, None, b"{}").unwrap();
        assert!(by_content.key.starts_with("sha256:"));
        headers.insert(
            "x-github-delivery".parse().unwrap(),
            HeaderValue::from_static("e1504f13-f12a"),
        );
        let by_id = of(Kind::Github, &headers, None, b"{}").unwrap();
        assert_eq!(
            (by_id.key.as_str(), by_id.window),
            ("id:e1504f13-f12a", WEEK)
        );
    }

    #[test]
    fn a_test_is_never_a_repetition() {
        let headers = HeaderMap::new();
        assert_eq!(
            of(Kind::Sonarr, &headers, None, br#"{"eventType":"Test"}"#),
            None
        );
        assert!(of(Kind::Sonarr, &headers, None, br#"{"eventType":"Grab"}"#).is_some());
    }
}
