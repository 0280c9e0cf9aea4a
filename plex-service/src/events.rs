//! What plex-service consumes. Handlers only record work; jobs do it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;
use shared_db::{AnyConn, Id, inbox};
use shared_types::{
    bus::{Handler, Outcome},
    event::{DownloadFinished, Event, NormalizedEvent},
};

use crate::{
    app::AppState,
    handover,
    store::{self, libraries::LibraryRow, servers::ServerRow},
};

pub(crate) const HANDOVER_TOPICS: [&str; 1] = ["download.finished.v1"];
pub(crate) const HINT_CONSUMER: &str = "plex-service.hints";
pub(crate) const HINT_TOPICS: [&str; 1] = ["media.added.v1"];
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Records hand-overs of finished downloads.
pub(crate) struct Handovers(pub(crate) Arc<AppState>);

/// Records webhooks' hints that something is new.
pub(crate) struct Hints(pub(crate) Arc<AppState>);

fn unreadable(err: &serde_json::Error) -> Outcome {
    Outcome::Dead {
        reason: format!("the event cannot be read: {err}"),
    }
}

fn outcome(stored: Result<(), shared_db::Error>) -> Outcome {
    match stored {
        Ok(()) => Outcome::Done,
        Err(err) => Outcome::Retry {
            after: RETRY_AFTER,
            reason: err.to_string(),
        },
    }
}

#[async_trait]
impl Handler for Handovers {
    async fn handle(&self, event: &Event) -> Outcome {
        let finished: DownloadFinished = match event.fact() {
            Ok(finished) => finished,
            Err(err) => return unreadable(&err),
        };
        let (clock, event) = (Arc::clone(&self.0.clock), event.clone());
        let stored = self
            .0
            .db
            .tx(move |conn| handover::record(conn, &*clock, &event, &finished))
            .await;
        self.0.wake.handover.notify_one();
        outcome(stored)
    }
}

#[async_trait]
impl Handler for Hints {
    async fn handle(&self, event: &Event) -> Outcome {
        let hint: NormalizedEvent = match serde_json::from_value(event.data.clone()) {
            Ok(hint) => hint,
            Err(err) => return unreadable(&err),
        };
        let (id, now) = (event.id, self.0.clock.now());
        let delay = self.0.config.hint_delay();
        let stored = self
            .0
            .db
            .tx(move |conn| {
                if !inbox::claim(conn, HINT_CONSUMER, id, now)? {
                    return Ok(());
                }
                let libraries = hinted(conn, &hint)?;
                store::libraries::hint(conn, &libraries, delay)
            })
            .await;
        outcome(stored)
    }
}

/// The libraries that a hint may mean: the named one, or all of the named server, or all.
fn hinted(conn: &mut AnyConn, hint: &NormalizedEvent) -> Result<Vec<Id>, shared_db::Error> {
    if hint.source_kind == "jellyfin" {
        return Ok(Vec::new());
    }
    let servers = store::servers::list(conn)?;
    let libraries = store::libraries::list_all(conn)?;
    let named_server = names(hint.fields.get("server"));
    let is_meant = |server: &ServerRow| {
        named_server.is_empty()
            || named_server.contains(&server.machine_identifier)
            || named_server.contains(&server.name)
    };
    let of_servers: Vec<&LibraryRow> = libraries
        .iter()
        .filter(|library| {
            let server = servers.iter().find(|server| server.id == library.server_id);
            server.is_some_and(is_meant)
        })
        .collect();
    let named = names(hint.fields.get("library"));
    let named: Vec<Id> = of_servers
        .iter()
        .filter(|library| named.contains(&library.title) || named.contains(&library.plex_key))
        .map(|library| library.id)
        .collect();
    if named.is_empty() {
        return Ok(of_servers.iter().map(|library| library.id).collect());
    }
    Ok(named)
}

/// What a sender calls something: a text, a number, or an object with `id`, `key`, `name` or `title`.
fn names(value: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Some(Value::Object(fields)) => ["id", "uuid", "key", "name", "title"]
            .iter()
            .filter_map(|key| text(fields.get(*key)?))
            .collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}
