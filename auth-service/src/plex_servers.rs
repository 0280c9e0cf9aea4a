//! The servers that are configured here, as plex-service knows them, and which of them a Plex account may use.

use serde::{Deserialize, Serialize};
use shared_db::Ts;
use shared_runtime::Sealer;
use shared_types::{
    access::service,
    ids::UserId,
    internal::{KnownServer, PlexAccess, PlexServerAccess},
};
use tracing::warn;

use crate::{
    app::AppState,
    audit::{Entry, Name},
    error::Error,
    origin::Origin,
    plextv::{PlexTvError, Resource},
    store::{
        plex::{self as store, PlexAccountRow, VALID},
        users::{UserRow, find_user},
    },
};

/// One server with the account's token for it, as it is stored: sealed.
#[derive(Serialize, Deserialize)]
struct Granted {
    machine_identifier: String,
    access_token: String,
}

/// The configured servers.
pub(crate) async fn configured(state: &AppState) -> Result<Vec<KnownServer>, Error> {
    let token = state.issuer.service_token(service::AUTH, service::PLEX)?;
    let request = state.plex_service.get("/internal/servers");
    let reply = request.bearer(&token.access_token).send().await;
    reply
        .and_then(shared_http::Reply::success)
        .and_then(|reply| reply.json())
        .map_err(Error::PlexService)
}

/// Seals what plex.tv said about a person's servers.
pub(crate) fn seal(
    sealer: &Sealer,
    user: UserId,
    resources: &[Resource],
) -> Result<Vec<u8>, Error> {
    let granted: Vec<Granted> = resources.iter().filter_map(granted).collect();
    let json = serde_json::to_vec(&granted).map_err(|err| Error::broken("Plex servers", err))?;
    Ok(sealer.seal(&servers_context(user), &json))
}

fn granted(resource: &Resource) -> Option<Granted> {
    Some(Granted {
        machine_identifier: resource.client_identifier.clone(),
        access_token: resource.access_token.clone()?,
    })
}

fn servers_context(user: UserId) -> String {
    format!("plex-servers/{user}")
}

/// Names a sealed Plex token: only the same person's opens.
pub(crate) fn token_context(user: UserId) -> String {
    format!("plex-token/{user}")
}

/// What a person may use of Plex. When plex.tv is away, or names nothing where it named something before, this is the
/// last known answer: nobody loses access by a failed or empty answer.
pub(crate) async fn access(state: &AppState, user: UserId) -> Result<PlexAccess, Error> {
    let account = state
        .db
        .run(move |conn| {
            find_user(conn, user)?
                .filter(UserRow::is_active)
                .ok_or(Error::NotFound)?;
            Ok::<_, Error>(store::find_account(conn, user)?)
        })
        .await?;
    let Some(account) = account else {
        return Ok(PlexAccess {
            plex_user_id: None,
            servers: Vec::new(),
            fresh: true,
        });
    };
    if is_recent(state, account.servers_at) {
        return known(state, user, &account, true);
    }
    if account.token_state != VALID {
        return known(state, user, &account, false);
    }
    renew(state, user, account).await
}

fn is_recent(state: &AppState, asked_at: Option<Ts>) -> bool {
    let seconds = i64::from(state.config.plex_access_cache_seconds);
    asked_at.is_some_and(|at| (state.clock.now() - at.0).num_seconds() < seconds)
}

async fn renew(
    state: &AppState,
    user: UserId,
    account: PlexAccountRow,
) -> Result<PlexAccess, Error> {
    let token = state
        .sealer
        .open(&token_context(user), &account.token_sealed)?;
    let token = String::from_utf8(token).map_err(|err| Error::broken("a Plex token", err))?;
    match state.plextv.servers(&token).await {
        Ok(servers) if servers.is_empty() => {
            warn!("plex.tv names no server for user {user}; the last answer stays in use");
            known(state, user, &account, false)
        }
        Ok(servers) => keep(state, user, account, &servers).await,
        Err(PlexTvError::Unauthorized) => {
            note_refusal(state, user).await?;
            known(state, user, &account, false)
        }
        Err(PlexTvError::Failed(cause)) => {
            warn!("plex.tv could not be asked about user {user}: {cause}");
            known(state, user, &account, false)
        }
    }
}

async fn keep(
    state: &AppState,
    user: UserId,
    mut account: PlexAccountRow,
    servers: &[Resource],
) -> Result<PlexAccess, Error> {
    let sealed = seal(&state.sealer, user, servers)?;
    account.servers_sealed = Some(sealed.clone());
    let now = state.clock.now();
    state
        .db
        .tx(move |conn| Ok::<_, Error>(store::update_servers(conn, user, &sealed, now)?))
        .await?;
    known(state, user, &account, true)
}

async fn note_refusal(state: &AppState, user: UserId) -> Result<(), Error> {
    let now = state.clock.now();
    state
        .db
        .tx(move |conn| {
            if store::update_token_revoked(conn, user)? {
                Entry::failure(Name::PlexTokenRefused)
                    .about(Some(user))
                    .write(conn, now, &Origin::default())?;
            }
            Ok(())
        })
        .await
}

fn known(
    state: &AppState,
    user: UserId,
    account: &PlexAccountRow,
    fresh: bool,
) -> Result<PlexAccess, Error> {
    let granted: Vec<Granted> = match &account.servers_sealed {
        Some(sealed) => {
            let json = state.sealer.open(&servers_context(user), sealed)?;
            serde_json::from_slice(&json).map_err(|err| Error::broken("Plex servers", err))?
        }
        None => Vec::new(),
    };
    let servers = granted.into_iter().map(|granted| PlexServerAccess {
        machine_identifier: granted.machine_identifier,
        access_token: granted.access_token,
    });
    Ok(PlexAccess {
        plex_user_id: Some(account.plex_user_id),
        servers: servers.collect(),
        fresh,
    })
}
