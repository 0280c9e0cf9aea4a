//! Refresh tokens: each works once. Reuse of a used one is a theft until proven otherwise.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use shared_db::AnyConn;
use shared_types::{
    Clock,
    ids::{SessionId, UserId},
};

use crate::{
    app::AppState,
    audit::{Entry, Name},
    config::Config,
    error::Error,
    opaque::{self, Kind},
    origin::Origin,
    sessions::{Ending, Mode, Opened, end, is_live},
    store::{
        sessions::{self as store, RefreshTokenRow, SessionRow},
        users::UserRow,
    },
};

/// What a refresh gives.
#[derive(Debug)]
pub(crate) struct Refreshed {
    pub(crate) user: UserRow,
    pub(crate) opened: Opened,
}

/// Exchanges a refresh token for its successor. Using one twice ends the session, except once within the grace time when
/// nobody has used the successor: then the first answer was lost, or two tabs met.
pub(crate) async fn exchange(
    state: &AppState,
    token: &str,
    origin: Origin,
) -> Result<Refreshed, Error> {
    let hash = opaque::hash_of(Kind::Refresh, token).ok_or(Error::Unauthenticated)?;
    let (clock, config) = (Arc::clone(&state.clock), Arc::clone(&state.config));
    let refreshed = state
        .db
        .tx(move |conn| rotate(conn, &*clock, &config, &hash, &origin))
        .await?;
    refreshed.ok_or(Error::Unauthenticated)
}

/// `None` is a refusal whose effects are kept.
fn rotate(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    config: &Config,
    hash: &[u8],
    origin: &Origin,
) -> Result<Option<Refreshed>, Error> {
    let now = clock.now();
    let Some(token) = store::find_refresh_token(conn, hash)? else {
        return Ok(None);
    };
    let session_id = SessionId::from(token.session_id);
    let found = store::find_any_with_user(conn, session_id)?;
    let Some((session, user)) = found.filter(|(session, user)| is_live(session, user, config, now))
    else {
        return Ok(None);
    };
    let secret = opaque::generate(Kind::Refresh);
    let successor = opaque::digest(&secret);
    let is_first = store::claim_refresh_token(conn, hash, &successor, now)?;
    if !is_first && !forgive(conn, config, hash, &successor, now)? {
        note_reuse(conn, clock, &session, origin)?;
        return Ok(None);
    }
    store::insert_refresh_token(conn, &fresh_token(successor, session_id, now))?;
    store::update_last_seen(conn, session_id, now)?;
    Ok(Some(Refreshed {
        user,
        opened: Opened {
            session_id,
            mode: Mode::Token,
            secret,
        },
    }))
}

/// Whether a repeated use is harmless; then the unused successor is gone.
fn forgive(
    conn: &mut AnyConn,
    config: &Config,
    hash: &[u8],
    successor: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    // Read again: another request may have used the token since it was read.
    let token = store::find_refresh_token(conn, hash)?;
    let Some((used_at, old)) =
        token.and_then(|token| Some((token.used_at?, token.successor_hash?)))
    else {
        return Ok(false);
    };
    if now - used_at.0 > config.refresh_grace() {
        return Ok(false);
    }
    Ok(store::claim_forgiveness(conn, hash, successor)?
        && store::delete_unused_refresh_token(conn, &old)?)
}

fn note_reuse(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    session: &SessionRow,
    origin: &Origin,
) -> Result<(), Error> {
    let user = UserId::from(session.user_id);
    Entry::failure(Name::TokenReuse)
        .about(Some(user))
        .session(session.id.into())
        .write(conn, clock.now(), origin)?;
    let ending = Ending {
        by: user,
        reason: "token_reuse",
        origin: origin.clone(),
    };
    end(conn, clock, session, &ending)
}

/// The row of a token that nobody has used.
pub(crate) fn fresh_token(
    hash: Vec<u8>,
    session_id: SessionId,
    now: DateTime<Utc>,
) -> RefreshTokenRow {
    RefreshTokenRow {
        hash,
        session_id: session_id.into(),
        created_at: now.into(),
        used_at: None,
        successor_hash: None,
        is_forgiven: false,
    }
}
