//! What a sender said, in our own words: one file a family of senders, and one catalog of names for all of them.

mod alerts;
mod apprise;
mod arr;
mod fields;
mod generic;
mod ids;
mod jellyfin;
mod kuma;
mod plex;
mod repo;
mod seerr;
mod tautulli;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

pub(crate) use fields::Fields;

use crate::kind::Kind;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// Longest name that the bus takes as part of a topic.
const MAX_NAME: usize = 100;

/// Every name but `repo.<event>[.<action>]`, which GitHub makes up as it goes.
pub(crate) const CATALOG: [&str; 56] = [
    "alert.firing",
    "alert.resolved",
    "app.update_available",
    "app.updated",
    "auth.failed",
    "auth.succeeded",
    "auth.token_expired",
    "backup.completed",
    "catalog.added",
    "catalog.removed",
    "device.new",
    "download.completed",
    "download.failed",
    "download.grabbed",
    "download.manual_required",
    "file.deleted",
    "file.renamed",
    "file.retagged",
    "health.issue",
    "health.restored",
    "issue.commented",
    "issue.created",
    "issue.reopened",
    "issue.resolved",
    "media.added",
    "media.found",
    "media.ondeck",
    "media.rated",
    "media.removed",
    "media.watched",
    "notice.failure",
    "notice.info",
    "notice.success",
    "notice.warning",
    "playback.buffering",
    "playback.error",
    "playback.paused",
    "playback.progress",
    "playback.resumed",
    "playback.started",
    "playback.stopped",
    "request.approved",
    "request.available",
    "request.declined",
    "request.failed",
    "request.pending",
    "service.down",
    "service.up",
    "task.failed",
    "task.succeeded",
    "user.created",
    "user.deleted",
    "user.locked",
    "user.updated",
    "webhook.test",
    "webhook.unknown",
];

/// A delivery that is to be understood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) kind: Kind,
    /// By lower-case name.
    pub(crate) headers: &'a Map<String, Value>,
    pub(crate) document: &'a Value,
    pub(crate) received_at: DateTime<Utc>,
}

impl Input<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(Value::as_str)
    }
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// The sender's own name for it.
    pub(crate) event_type: Option<String>,
    /// Nothing: nobody needs to know.
    pub(crate) events: Vec<Normalized>,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Normalized {
    /// A name of [`CATALOG`], or `repo.…`.
    pub(crate) name: String,
    pub(crate) occurred_at: DateTime<Utc>,
    /// Fields that the catalog expects are missing.
    pub(crate) is_degraded: bool,
    pub(crate) fields: Map<String, Value>,
    /// What makes the same thing recognizable when it is said again, and for how long.
    pub(crate) key: Option<(String, Duration)>,
}

impl Normalized {
    fn new(name: &str, input: &Input<'_>, fields: Fields) -> Self {
        Self {
            name: name.to_owned(),
            occurred_at: input.received_at,
            is_degraded: false,
            fields: fields.into_map(),
            key: None,
        }
    }

    fn at(mut self, time: Option<DateTime<Utc>>) -> Self {
        self.occurred_at = time.unwrap_or(self.occurred_at);
        self
    }

    fn degraded(mut self, is_degraded: bool) -> Self {
        self.is_degraded = is_degraded;
        self
    }

    /// Recognizable by these, unless the one that identifies it is missing.
    fn keyed(mut self, window: Duration, parts: &[Option<String>]) -> Self {
        if parts.iter().any(Option::is_some) {
            let parts = parts.iter().map(|part| part.as_deref().unwrap_or_default());
            let parts: Vec<_> = std::iter::once(self.name.as_str()).chain(parts).collect();
            self.key = Some((json!(parts).to_string(), window));
        }
        self
    }

    /// What it is about: events of one subject keep their order.
    pub(crate) fn subject(&self, source: impl std::fmt::Display) -> String {
        ids::subject(&self.fields).unwrap_or_else(|| format!("source/{source}"))
    }
}

/// Understands a document. What is not known becomes `webhook.unknown`: visible, and replayable with a newer version.
pub(crate) fn read(input: &Input<'_>) -> Reading {
    match input.kind {
        Kind::Plex => plex::read(input),
        Kind::Seerr => seerr::read(input),
        Kind::Sonarr | Kind::Radarr | Kind::Lidarr | Kind::Prowlarr => arr::read(input),
        Kind::Tautulli => tautulli::read(input),
        Kind::UptimeKuma => kuma::read(input),
        Kind::Jellyfin => jellyfin::read(input),
        Kind::Github | Kind::Gitea => repo::read(input),
        Kind::Alertmanager | Kind::Grafana => alerts::read(input),
        Kind::Apprise => apprise::read(input),
        Kind::Standard | Kind::Generic => generic::read(input),
    }
}

/// What MediaNest's own test button says.
pub(crate) fn test_reading(received_at: DateTime<Utc>, kind: Kind) -> Reading {
    let input = Input {
        kind,
        headers: &Map::new(),
        document: &Value::Null,
        received_at,
    };
    Reading {
        event_type: Some("test".to_owned()),
        events: vec![Normalized::new("webhook.test", &input, Fields::default())],
    }
}

fn one(event_type: Option<String>, event: Normalized) -> Reading {
    Reading {
        event_type,
        events: vec![event],
    }
}

fn nothing(event_type: Option<String>) -> Reading {
    Reading {
        event_type,
        events: Vec::new(),
    }
}

fn unknown(input: &Input<'_>, event_type: Option<String>) -> Reading {
    let mut fields = Fields::default();
    fields.put("event_type", event_type.clone());
    one(
        event_type,
        Normalized::new("webhook.unknown", input, fields),
    )
}

/// Lower case, digits and underscores only: a part of a topic on the bus.
fn topic_part(text: &str) -> String {
    text.chars()
        .take(MAX_NAME / 2)
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => c,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-zA-Z0-9:/ .-]{0,12}".prop_map(Value::from),
        ];
        let keys = prop_oneof![
            "[a-zA-Z]{1,8}",
            prop::sample::select(vec![
                "event",
                "eventType",
                "Metadata",
                "Account",
                "Server",
                "guid",
                "Guid",
                "media",
                "request",
                "extra",
                "heartbeat",
                "monitor",
                "msg",
                "NotificationType",
                "alerts",
                "labels",
                "series",
                "movie",
                "episodes",
                "release",
                "title",
                "message",
                "type",
            ])
            .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(4, 48, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(keys.clone(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_document_of_any_kind_is_read_without_panic(document in any_json()) {
            let headers = Map::new();
            for kind in Kind::ALL {
                let input = Input {
                    kind: *kind,
                    headers: &headers,
                    document: &document,
                    received_at: DateTime::UNIX_EPOCH,
                };
                for event in read(&input).events {
                    prop_assert!(
                        CATALOG.contains(&event.name.as_str()) || event.name.starts_with("repo."),
                        "{}", event.name,
                    );
                    prop_assert!(!event.subject("x").is_empty());
                }
            }
        }
    }

    #[test]
    fn the_catalog_is_sorted_and_without_repetition() {
        assert!(CATALOG.is_sorted());
        let mut names = CATALOG.to_vec();
        names.dedup();
        assert_eq!(names.len(), CATALOG.len());
    }
}
