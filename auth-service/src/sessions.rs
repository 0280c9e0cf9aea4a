//! Sessions: opened at sign-in, exchanged for access tokens, ended.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use shared_db::AnyConn;
use shared_types::{
    Clock,
    ids::{SessionId, UserId},
    internal::ExchangedCredential,
};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    app::AppState,
    audit::{Entry, Name},
    config::Config,
    error::Error,
    events,
    issuer::Holder,
    opaque::{self, Kind},
    origin::Origin,
    refresh,
    store::{
        sessions::{self as store, SessionRow},
        users::{UserRow, find_user},
    },
};

/// A session's last use is noted at most this often, in seconds.
const SEEN_EVERY_SECONDS: i64 = 60;

/// How the client keeps its session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// A browser: a cookie.
    Cookie,
    /// A script: an access token and a refresh token.
    #[default]
    Token,
}

/// The ways in. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// First-run setup.
    Setup,
    /// User name and password.
    Password,
    /// Sign in with Plex.
    Plex,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Password => "password",
            Self::Plex => "plex",
        }
    }
}

/// What a sign-in knows about the session to open.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    pub(crate) mode: Mode,
    pub(crate) method: Method,
    pub(crate) origin: Origin,
    /// The session cookie that the browser had before: it ends, so that nobody can plant one.
    pub(crate) previous: Option<String>,
}

/// An opened session: its id and the one copy of its secret.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: SessionId,
    pub(crate) mode: Mode,
    pub(crate) secret: Zeroizing<String>,
}

/// Why and by whom sessions are ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) by: UserId,
    pub(crate) reason: &'static str,
    pub(crate) origin: Origin,
}

/// Opens a session for `user`, in the transaction of the sign-in.
pub(crate) fn open(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    config: &Config,
    user: &UserRow,
    sign_in: &SignIn,
) -> Result<Opened, Error> {
    let now = clock.now();
    end_previous(conn, clock, sign_in)?;
    make_room(conn, clock, config, user, &sign_in.origin)?;
    let session_id = SessionId::generate(clock);
    let kind = match sign_in.mode {
        Mode::Cookie => Kind::Session,
        Mode::Token => Kind::Refresh,
    };
    let secret = opaque::generate(kind);
    let hash = opaque::digest(&secret);
    let is_cookie = sign_in.mode == Mode::Cookie;
    let row = SessionRow {
        id: session_id.into(),
        user_id: user.id,
        cookie_hash: is_cookie.then(|| hash.clone()),
        client_id: if is_cookie { "web" } else { "script" }.to_owned(),
        method: sign_in.method.as_str().to_owned(),
        user_agent: sign_in.origin.user_agent.clone(),
        address: sign_in.origin.address_text(),
        created_at: now.into(),
        last_seen_at: now.into(),
        expires_at: (now + config.session_absolute()).into(),
        revoked_at: None,
    };
    store::insert_session(conn, &row)?;
    if !is_cookie {
        store::insert_refresh_token(conn, &refresh::fresh_token(hash, session_id, now))?;
    }
    Entry::success(Name::LoginSuccess)
        .by(user.user_id())
        .about(Some(user.user_id()))
        .session(session_id)
        .method(sign_in.method.as_str())
        .write(conn, now, &sign_in.origin)?;
    Ok(Opened {
        session_id,
        mode: sign_in.mode,
        secret,
    })
}

fn end_previous(conn: &mut AnyConn, clock: &dyn Clock, sign_in: &SignIn) -> Result<(), Error> {
    let cookie = sign_in.previous.as_deref();
    let Some(hash) = cookie.and_then(|cookie| opaque::hash_of(Kind::Session, cookie)) else {
        return Ok(());
    };
    let Some((session, user)) = store::find_by_cookie(conn, &hash)? else {
        return Ok(());
    };
    let ending = Ending {
        by: user.user_id(),
        reason: "replaced",
        origin: sign_in.origin.clone(),
    };
    end(conn, clock, &session, &ending)
}

/// Ends the oldest sessions of a person who has too many.
fn make_room(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    config: &Config,
    user: &UserRow,
    origin: &Origin,
) -> Result<(), Error> {
    let live = store::list_live_for_user(conn, user.user_id(), clock.now())?;
    let keep = (config.max_sessions_per_user as usize).saturating_sub(1);
    let ending = Ending {
        by: user.user_id(),
        reason: "too_many",
        origin: origin.clone(),
    };
    for session in live.iter().skip(keep) {
        end(conn, clock, session, &ending)?;
    }
    Ok(())
}

/// Ends one session and tells everybody.
pub(crate) fn end(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    session: &SessionRow,
    ending: &Ending,
) -> Result<(), Error> {
    let (session_id, user_id) = (SessionId::from(session.id), UserId::from(session.user_id));
    let now = clock.now();
    if !store::update_revoked(conn, session_id, now)? {
        return Ok(());
    }
    events::session_revoked(conn, clock, user_id, session_id)?;
    Entry::success(Name::SessionRevoked)
        .by(ending.by)
        .about(Some(user_id))
        .session(session_id)
        .details(json!({"reason": ending.reason}))
        .write(conn, now, &ending.origin)
}

/// Ends all sessions of a person but `except`.
pub(crate) fn end_all(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user: UserId,
    except: Option<SessionId>,
    ending: &Ending,
) -> Result<(), Error> {
    for session in store::list_live_for_user(conn, user, clock.now())? {
        if Some(SessionId::from(session.id)) != except {
            end(conn, clock, &session, ending)?;
        }
    }
    Ok(())
}

/// Whether a session can still be used.
pub(crate) fn is_live(
    session: &SessionRow,
    user: &UserRow,
    config: &Config,
    now: DateTime<Utc>,
) -> bool {
    session.revoked_at.is_none()
        && user.is_active()
        && now < session.expires_at.0
        && now < session.last_seen_at.0 + config.session_idle()
}

/// The sessions of a person that can be used, the newest first.
pub(crate) async fn list(state: &AppState, user: UserId) -> Result<Vec<SessionRow>, Error> {
    let now = state.clock.now();
    let mut sessions = state
        .db
        .run(move |conn| Ok::<_, Error>(store::list_live_for_user(conn, user, now)?))
        .await?;
    sessions.retain(|session| now < session.last_seen_at.0 + state.config.session_idle());
    Ok(sessions)
}

/// A person ends one of their sessions.
pub(crate) async fn end_own(state: &AppState, id: SessionId, ending: Ending) -> Result<(), Error> {
    let clock = Arc::clone(&state.clock);
    state
        .db
        .tx(move |conn| {
            let session = store::find_live_for_user(conn, ending.by, id, clock.now())?;
            end(conn, &*clock, &session.ok_or(Error::NotFound)?, &ending)
        })
        .await
}

/// Ends all sessions of a person.
pub(crate) async fn end_everywhere(
    state: &AppState,
    user: UserId,
    ending: Ending,
) -> Result<(), Error> {
    let clock = Arc::clone(&state.clock);
    state
        .db
        .tx(move |conn| {
            find_user(conn, user)?.ok_or(Error::NotFound)?;
            end_all(conn, &*clock, user, None, &ending)
        })
        .await
}

/// The access token that a session cookie stands for.
pub(crate) async fn exchange(state: &AppState, cookie: &str) -> Result<ExchangedCredential, Error> {
    let hash = opaque::hash_of(Kind::Session, cookie).ok_or(Error::Unauthenticated)?;
    let found = state
        .db
        .run(move |conn| Ok::<_, Error>(store::find_by_cookie(conn, &hash)?))
        .await?;
    let now = state.clock.now();
    let (session, user) = found
        .filter(|(session, user)| is_live(session, user, &state.config, now))
        .ok_or(Error::Unauthenticated)?;
    if (now - session.last_seen_at.0).num_seconds() >= SEEN_EVERY_SECONDS {
        let id = session.id.into();
        state
            .db
            .tx(move |conn| Ok::<_, Error>(store::update_last_seen(conn, id, now)?))
            .await?;
    }
    let issued = state.issuer.access_token(&holder(&session, &user))?;
    Ok(ExchangedCredential {
        access_token: issued.access_token,
        expires_in: issued.expires_in,
        user_id: user.user_id(),
        session_id: session.id.into(),
    })
}

/// Whom the tokens of a session are for.
pub(crate) fn holder(session: &SessionRow, user: &UserRow) -> Holder {
    holder_of(user, session.id.into(), &session.client_id)
}

/// Whom the tokens of a session that was just opened are for.
pub(crate) fn holder_of(user: &UserRow, session_id: SessionId, client_id: &str) -> Holder {
    Holder {
        user_id: user.user_id(),
        session_id,
        client_id: client_id.to_owned(),
        role: user.role(),
        name: user.display_name.clone(),
        scopes: user.role().scopes().to_vec(),
    }
}
