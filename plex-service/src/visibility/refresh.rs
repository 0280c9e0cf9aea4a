//! Asks Plex, with a person's own tokens, which sections they may see; one question at a time per person. When Plex or
//! auth-service is away, the stored answer stays in use for a day.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use shared_http::OutboundError;
use shared_runtime::Secret;
use shared_types::{
    access::service,
    ids::UserId,
    internal::{PlexAccess, PlexServerAccess},
};
use tracing::warn;

use super::stale_seconds;
use crate::{
    Error,
    app::AppState,
    plex,
    store::{
        self,
        access::{AccessRecord, SectionRef, ServerAccess},
        servers::ServerRow,
    },
};

/// After a question without an answer the stored one is used for this long without asking again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);

/// Who is being asked about right now.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<Option<Instant>>>>>);

impl Flights {
    fn of(&self, user: UserId) -> Arc<tokio::sync::Mutex<Option<Instant>>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flights.entry(user).or_default())
    }
}

/// What Plex lets a person see, asked again when the stored answer is too old.
pub(super) async fn current(
    state: &AppState,
    user: UserId,
    servers: &[ServerRow],
) -> Result<AccessRecord, Error> {
    if let Some(record) = stored(state, user)
        .await?
        .filter(|it| is_fresh(state, it, servers))
    {
        return Ok(record);
    }
    let flight = state.flights.of(user);
    let mut last_failure = flight.lock().await;
    let stored = stored(state, user).await?;
    let has_just_failed = last_failure.is_some_and(|at| at.elapsed() < PAUSE_AFTER_FAILURE);
    match stored {
        Some(record) if has_just_failed || is_fresh(state, &record, servers) => Ok(record),
        stored => {
            let (record, is_complete) = ask(state, user, servers, stored).await?;
            *last_failure = (!is_complete).then(Instant::now);
            Ok(record)
        }
    }
}

async fn stored(state: &AppState, user: UserId) -> Result<Option<AccessRecord>, Error> {
    Ok(state
        .db
        .run(move |conn| store::access::find(conn, user))
        .await?)
}

fn is_fresh(state: &AppState, record: &AccessRecord, servers: &[ServerRow]) -> bool {
    let ttl = i64::try_from(state.config.access_ttl_seconds).unwrap_or(i64::MAX / 1_000_000);
    let knows_all = servers.iter().all(|server| {
        record
            .servers
            .iter()
            .any(|known| known.server_id == server.id())
    });
    knows_all && record.checked_at > state.clock.now() - TimeDelta::seconds(ttl)
}

/// Asks auth-service for the person's tokens and every server for its sections. The flag says whether all answered.
async fn ask(
    state: &AppState,
    user: UserId,
    servers: &[ServerRow],
    stored: Option<AccessRecord>,
) -> Result<(AccessRecord, bool), Error> {
    let access = match plex_access(state, user).await {
        Ok(access) => access,
        Err(err) => {
            warn!("What `{user}` may see in Plex could not be asked: {err}");
            let usable = stored.filter(|record| is_usable(state, record));
            return match usable {
                Some(record) => Ok((record, false)),
                None => Err(Error::AccessUnknown(Some(err))),
            };
        }
    };
    let old = stored.map(|record| record.servers).unwrap_or_default();
    let now = state.clock.now();
    let asked = servers.iter().map(|server| {
        let old = old.iter().find(|known| known.server_id == server.id());
        on_server(state, server, &access, old, now)
    });
    let answers: Vec<_> = join_all(asked).await.into_iter().collect();
    let is_complete = answers.iter().all(|(_, is_answered)| *is_answered);
    let known: Vec<ServerAccess> = answers.into_iter().filter_map(|(known, _)| known).collect();
    if known.is_empty() && !is_complete {
        return Err(Error::AccessUnknown(None));
    }
    let record = AccessRecord {
        checked_at: if is_complete {
            now
        } else {
            DateTime::<Utc>::UNIX_EPOCH
        },
        servers: known,
    };
    let saved = record.clone();
    state
        .db
        .tx(move |conn| store::access::store(conn, user, &saved))
        .await?;
    Ok((record, is_complete))
}

fn is_usable(state: &AppState, record: &AccessRecord) -> bool {
    let oldest = state.clock.now() - TimeDelta::seconds(stale_seconds(state));
    record
        .servers
        .iter()
        .any(|server| server.fetched_at >= oldest)
}

async fn plex_access(state: &AppState, user: UserId) -> Result<PlexAccess, OutboundError> {
    let token = state.tokens.token_for(service::AUTH).await?;
    let path = format!("/internal/users/{user}/plex-access");
    let reply = state.auth.get(&path).bearer(&token).send().await?;
    if reply.status.as_u16() == 404 {
        return Ok(PlexAccess {
            plex_user_id: None,
            servers: Vec::new(),
            fresh: true,
        });
    }
    reply.success()?.json()
}

/// What one server lets the person see, and whether that is its answer of now.
async fn on_server(
    state: &AppState,
    server: &ServerRow,
    access: &PlexAccess,
    old: Option<&ServerAccess>,
    now: DateTime<Utc>,
) -> (Option<ServerAccess>, bool) {
    let entry = |sections| ServerAccess {
        server_id: server.id(),
        sections,
        fetched_at: now,
    };
    let granted = access
        .servers
        .iter()
        .find(|granted| granted.machine_identifier == server.machine_identifier);
    let Some(granted) = granted else {
        // A list that plex.tv did not confirm proves nothing.
        return match old {
            Some(old) if !access.fresh => (Some(old.clone()), true),
            _ => (Some(entry(Vec::new())), true),
        };
    };
    if server.state == "down" {
        return (old.cloned(), false);
    }
    match sections(state, server, granted).await {
        Ok(sections) => (Some(entry(sections)), true),
        Err(Error::Plex(plex::Error::Unauthorized | plex::Error::Forbidden)) => {
            (Some(entry(Vec::new())), true)
        }
        Err(err) => {
            warn!(
                "`{}` could not be asked what a person may see: {err}",
                server.name
            );
            (old.cloned(), false)
        }
    }
}

async fn sections(
    state: &AppState,
    server: &ServerRow,
    granted: &PlexServerAccess,
) -> Result<Vec<SectionRef>, Error> {
    let token = Secret::new(granted.access_token.clone());
    let sections = state.clients.of(server)?.sections_as(&token).await?;
    let references = sections.into_iter().map(|section| SectionRef {
        key: section.key,
        uuid: section.uuid,
    });
    Ok(references.collect())
}
