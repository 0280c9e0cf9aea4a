//! Configured servers: adding, changing, checking. A server is stored only after it answered and took the token.

use std::sync::Arc;

use shared_db::{Ts, outbox};
use shared_runtime::Secret;
use shared_types::{
    event::{Event, PlexServerDown, PlexServerUp},
    ids::ServerId,
};
use tracing::{info, warn};
use url::Url;

use crate::{
    Error,
    app::AppState,
    plex::{self, Identity, PlexClient, Section},
    store::{
        self,
        servers::{CheckedState, ServerChanges, ServerRow},
    },
    sync,
};

const UP: &str = "up";
const DOWN: &str = "down";
const UNAUTHORIZED: &str = "unauthorized";
const NO_SERVER: Error = Error::NotFound("server");
const MAX_NAME_CHARS: usize = 100;
const MAX_TOKEN_BYTES: usize = 2048;

/// What it takes to add a server.
#[derive(Debug)]
pub(crate) struct NewServer {
    pub(crate) name: Option<String>,
    pub(crate) url: String,
    pub(crate) token: Secret,
}

/// What may be changed.
#[derive(Debug, Default)]
pub(crate) struct ServerEdit {
    pub(crate) name: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) token: Option<Secret>,
}

/// A server that answered and took the token.
struct Proven {
    identity: Identity,
    sections: Vec<Section>,
    client: PlexClient,
}

/// Adds a server and asks for its first sync.
pub(crate) async fn add(state: &AppState, new: NewServer) -> Result<ServerRow, Error> {
    let url = parse_url(&new.url)?;
    check_token(&new.token)?;
    let name = new.name.as_deref().map(parse_name).transpose()?;
    let proven = prove(state, &url, &new.token).await?;
    let name = match name {
        Some(name) => name,
        None => own_name(&proven).await,
    };
    let id = ServerId::generate(&*state.clock);
    let now = Ts::from(state.clock.now());
    let row = ServerRow {
        id: id.into(),
        name,
        url,
        machine_identifier: proven.identity.machine_identifier,
        version: proven.identity.version,
        token_sealed: state.clients.seal(id, &new.token),
        state: UP.to_owned(),
        detail: None,
        last_seen_at: Some(now),
        last_synced_at: None,
        created_at: now,
        sync_state: "idle".to_owned(),
        sync_libraries_done: 0,
        sync_libraries_total: 0,
        sync_items_done: 0,
        sync_items_total: 0,
        sync_started_at: None,
        sync_finished_at: None,
        sync_error: None,
        sync_requested_at: None,
        sync_lease_until: None,
    };
    insert(state, row).await?;
    sync::store_sections(state, id, proven.sections).await?;
    state.wake.sync.notify_one();
    info!("Added a Plex server");
    find(state, id).await
}

async fn insert(state: &AppState, row: ServerRow) -> Result<(), Error> {
    let inserted = state
        .db
        .tx(move |conn| {
            store::servers::insert(conn, &row)?;
            store::sync::request(conn, row.id())?;
            Ok(())
        })
        .await;
    inserted.map_err(|err: shared_db::Error| {
        let names = [
            "servers_machine_identifier_key",
            "servers.machine_identifier",
        ];
        if err.violates(&names) {
            Error::ServerExists
        } else {
            err.into()
        }
    })
}

/// The name that the server gives itself.
async fn own_name(proven: &Proven) -> String {
    let name = proven.client.friendly_name().await.ok().flatten();
    name.unwrap_or_else(|| "Plex".to_owned())
}

pub(crate) async fn find(state: &AppState, id: ServerId) -> Result<ServerRow, Error> {
    state
        .db
        .run(move |conn| store::servers::find(conn, id))
        .await?
        .ok_or(NO_SERVER)
}

/// Changes a server. A new address or token must prove itself first, and must lead to the same server.
pub(crate) async fn edit(
    state: &AppState,
    id: ServerId,
    edit: ServerEdit,
) -> Result<ServerRow, Error> {
    let server = find(state, id).await?;
    let name = edit.name.as_deref().map(parse_name).transpose()?;
    let url = edit.url.as_deref().map(parse_url).transpose()?;
    if let Some(token) = &edit.token {
        check_token(token)?;
    }
    if url.as_ref().is_some_and(|url| *url != server.url) && edit.token.is_none() {
        return Err(invalid(
            "#/token",
            "required",
            "Give the token again with a new address: the stored one is sent only to the address it was stored for.",
        ));
    }
    if url.is_some() || edit.token.is_some() {
        let token = match &edit.token {
            Some(token) => token.clone(),
            None => state.clients.open(&server)?,
        };
        let proven = prove(state, url.as_deref().unwrap_or(&server.url), &token).await?;
        if proven.identity.machine_identifier != server.machine_identifier {
            return Err(invalid(
                "#/url",
                "other-server",
                "Another Plex server answers at this address; add it as a new one.",
            ));
        }
    }
    let changes = ServerChanges {
        name,
        url,
        token_sealed: edit.token.map(|token| state.clients.seal(id, &token)),
    };
    state
        .db
        .tx(move |conn| store::servers::update(conn, id, &changes))
        .await?;
    check(state, &find(state, id).await?).await?;
    find(state, id).await
}

/// Removes a server with everything mirrored from it. Plex itself is not touched.
pub(crate) async fn remove(state: &AppState, id: ServerId) -> Result<(), Error> {
    let is_deleted = state
        .db
        .tx(move |conn| store::servers::delete(conn, id))
        .await?;
    if !is_deleted {
        return Err(NO_SERVER);
    }
    state.clients.forget(id);
    state.wake.index.notify_one();
    Ok(())
}

/// Asks for a full sync.
pub(crate) async fn request_sync(state: &AppState, id: ServerId) -> Result<ServerRow, Error> {
    let is_known = state
        .db
        .tx(move |conn| store::sync::request(conn, id))
        .await?;
    if !is_known {
        return Err(NO_SERVER);
    }
    state.wake.sync.notify_one();
    find(state, id).await
}

/// Checks a server now and stores what was found; a change is told once.
pub(crate) async fn check(state: &AppState, server: &ServerRow) -> Result<(), Error> {
    let client = state.clients.of(server)?;
    let checked = probe(&client, &server.machine_identifier).await;
    let (id, name) = (server.id(), server.name.clone());
    let clock = Arc::clone(&state.clock);
    let is_back = state
        .db
        .tx(move |conn| {
            let before = store::servers::store_check(conn, id, &checked, clock.now())?;
            let event = match before.as_deref() {
                Some(before) => change(&*clock, id, name, before, &checked),
                None => None,
            };
            if let Some(event) = &event {
                outbox::append(conn, event)?;
            }
            Ok::<_, shared_db::Error>(event.is_some() && checked.state == UP)
        })
        .await?;
    if is_back {
        state.wake.handover.notify_one();
    }
    Ok(())
}

/// The event for a change of state, if it is one.
fn change(
    clock: &dyn shared_types::Clock,
    server_id: ServerId,
    name: String,
    before: &str,
    checked: &CheckedState,
) -> Option<Event> {
    match (before == UP, checked.state == UP) {
        (false, true) => {
            info!("The Plex server `{name}` answers again");
            let fact = PlexServerUp { server_id, name };
            Some(Event::new(clock, crate::NAME, &fact))
        }
        (true, false) => {
            let reason = checked.detail.clone().unwrap_or_default();
            warn!("The Plex server `{name}` cannot be used: {reason}");
            let fact = PlexServerDown {
                server_id,
                name,
                reason,
            };
            Some(Event::new(clock, crate::NAME, &fact))
        }
        _ => None,
    }
}

async fn probe(client: &PlexClient, machine_identifier: &str) -> CheckedState {
    let bad = |state, detail: String| CheckedState {
        state,
        detail: Some(detail),
        version: None,
    };
    let identity = match client.identity().await {
        Ok(identity) => identity,
        Err(err) => return bad(DOWN, sentence(&err)),
    };
    if identity.machine_identifier != machine_identifier {
        let detail = "Another Plex server answers at this address; was it set up again?";
        return bad(DOWN, detail.to_owned());
    }
    match client.sections().await {
        Ok(_) => CheckedState {
            state: UP,
            detail: None,
            version: identity.version,
        },
        Err(plex::Error::Unauthorized | plex::Error::Forbidden) => {
            let detail = "The server refuses the stored token; set a new one.";
            bad(UNAUTHORIZED, detail.to_owned())
        }
        Err(err) => bad(DOWN, sentence(&err)),
    }
}

/// An error as a sentence for the operator.
fn sentence(err: &plex::Error) -> String {
    let text = err.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    format!("{}.", first.chain(chars).collect::<String>())
}

/// Asks a server who it is and whether it takes the token, and says which field is wrong otherwise.
async fn prove(state: &AppState, url: &str, token: &Secret) -> Result<Proven, Error> {
    let client = state.clients.make("new server", url, token.clone());
    let identity = client.identity().await.map_err(|err| match err {
        plex::Error::NotPlex(_) | plex::Error::NotFound | plex::Error::Refused(_) => invalid(
            "#/url",
            "not-plex",
            "Something answers at this address, but it is not a Plex Media Server.",
        ),
        plex::Error::Unreachable(_) => invalid(
            "#/url",
            "unreachable",
            "Nothing answers at this address; check host, port and http or https.",
        ),
        err => invalid("#/url", "not-ready", &sentence(&err)),
    })?;
    let sections = client.sections().await.map_err(|err| match err {
        plex::Error::Unauthorized | plex::Error::Forbidden => invalid(
            "#/token",
            "refused",
            "The server refuses this token; use the token of the server's owner.",
        ),
        err => invalid("#/url", "not-ready", &sentence(&err)),
    })?;
    Ok(Proven {
        identity,
        sections,
        client,
    })
}

fn invalid(pointer: &'static str, code: &'static str, message: &str) -> Error {
    Error::InvalidField {
        pointer,
        code,
        message: message.to_owned(),
    }
}

/// The address without a trailing slash: http or https, a host, no user, query or fragment.
fn parse_url(text: &str) -> Result<String, Error> {
    let refused = || {
        invalid(
            "#/url",
            "url",
            "Give an address such as `http://192.168.1.10:32400`, without user, query or fragment.",
        )
    };
    let url = Url::parse(text.trim()).map_err(|_parse| refused())?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain || text.len() > 500 {
        return Err(refused());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn parse_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        return Err(invalid(
            "#/name",
            "length",
            "Give a name of 1 to 100 characters.",
        ));
    }
    Ok(name.to_owned())
}

fn check_token(token: &Secret) -> Result<(), Error> {
    let text = token.expose();
    let is_header_safe = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.is_empty() || text.len() > MAX_TOKEN_BYTES || !is_header_safe {
        return Err(invalid(
            "#/token",
            "token",
            "Give the server owner's X-Plex-Token: letters, digits and signs without spaces.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_taken() {
        assert_eq!(
            parse_url(" http://nas:32400/ ").expect("accepted"),
            "http://nas:32400"
        );
        for text in [
            "nas:32400",
            "ftp://nas",
            "http://user:pass@nas",
            "http://nas/?X-Plex-Token=a",
            "file:///etc/passwd",
            "",
        ] {
            assert!(parse_url(text).is_err(), "{text}");
        }
    }
}
