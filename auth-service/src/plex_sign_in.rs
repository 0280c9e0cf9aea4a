//! Sign in with Plex. The PIN is made and exchanged here, never in the browser; people are known by their numeric Plex
//! id; only accounts that can use a configured server get in. When plex.tv is away nothing is granted or taken.

use std::{sync::Arc, time::Duration as StdDuration};

use chrono::{DateTime, Duration, Utc};
use shared_db::AnyConn;
use shared_types::{
    access::Role,
    ids::{PinId, UserId},
    internal::KnownServer,
};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::{
    app::AppState,
    error::Error,
    opaque::{self, Kind},
    people::{self, NewPerson},
    plex_servers::{self, token_context},
    plextv::{Account, PRODUCT, PinState, Resource},
    sessions::{self, Method, Mode, Opened, SignIn},
    sign_in::note_failure,
    store::{
        plex::{self as store, PinRow, PlexAccountRow, VALID},
        users::{UserChanges, UserRow, find_user, find_user_by_name, update_user},
    },
    throttle::{Bucket, Limit},
    username::{Username, display_name_resembling},
};

/// plex.tv may be asked about a PIN once a second.
const POLL_EVERY: StdDuration = StdDuration::from_secs(1);
/// Sign-ins that one address may begin in ten minutes: each costs a request to plex.tv.
const BEGINNINGS: Limit = Limit {
    failures: 30,
    window_seconds: 600,
};
/// Two first sign-ins at once can want the same name or the same account: the second one looks again.
const TRIES: usize = 3;

/// A sign-in that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) id: PinId,
    pub(crate) code: String,
    pub(crate) auth_url: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) life: Duration,
    /// The cookie that binds the sign-in to the browser.
    pub(crate) browser: Zeroizing<String>,
}

/// How a sign-in stands.
#[derive(Debug)]
pub(crate) enum Progress {
    /// Not approved yet.
    Pending,
    /// Approved and admitted.
    Done(Box<(UserRow, Opened)>),
}

/// An approved account with everything needed to admit it.
struct Approved {
    pin: PinId,
    token: Zeroizing<String>,
    account: Account,
    servers: Vec<Resource>,
}

/// Begins a sign-in.
pub(crate) async fn begin(state: &AppState, origin_network: &str) -> Result<Begun, Error> {
    let bucket = Bucket::new("plex-pin", origin_network, BEGINNINGS);
    drop(state.throttle.begin(&[bucket]).await?);
    let pin = state.plextv.create_pin().await.map_err(Error::PlexTv)?;
    let seconds = i64::from(state.config.plex_pin_seconds).min(pin.expires_in.unwrap_or(i64::MAX));
    let life = Duration::seconds(seconds.max(1));
    let (id, now) = (PinId::generate(&*state.clock), state.clock.now());
    let browser = opaque::generate(Kind::PreLogin);
    let row = PinRow {
        id: id.into(),
        plex_pin_id: pin.id,
        browser_hash: opaque::digest(&browser),
        created_at: now.into(),
        expires_at: (now + life).into(),
    };
    state
        .db
        .tx(move |conn| Ok::<_, Error>(store::insert_pin(conn, &row)?))
        .await?;
    Ok(Begun {
        id,
        auth_url: auth_url(
            &state.config.plex_auth_url,
            state.plextv.client_id(),
            &pin.code,
        ),
        code: pin.code,
        expires_at: now + life,
        life,
        browser,
    })
}

/// Plex's page with the parameters in its fragment, where its script reads them.
fn auth_url(page: &str, client_id: &str, code: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("clientID", client_id)
        .append_pair("code", code)
        .append_pair("context[device][product]", PRODUCT)
        .finish();
    format!("{page}#?{query}")
}

/// Asks plex.tv once, and signs in when the sign-in was approved by somebody who may come in.
pub(crate) async fn complete(
    state: &AppState,
    id: PinId,
    browser: Option<&str>,
    sign_in: SignIn,
) -> Result<Progress, Error> {
    let pin = state
        .db
        .run(move |conn| Ok::<_, Error>(store::find_pin(conn, id)?))
        .await?
        .filter(|pin| state.clock.now() < pin.expires_at.0)
        .ok_or(Error::PinExpired)?;
    if sign_in.mode == Mode::Cookie && !is_same_browser(&pin, browser) {
        return Err(Error::OtherBrowser);
    }
    // When the counter is away, plex.tv itself says when it is asked too often.
    let counter = format!("auth:plex-poll:{id}");
    let polls = state.cache.increment(&counter, POLL_EVERY).await;
    if polls.is_ok_and(|polls| polls > 1) {
        return Ok(Progress::Pending);
    }
    match state.plextv.poll_pin(pin.plex_pin_id).await {
        Ok(PinState::Pending) => Ok(Progress::Pending),
        Ok(PinState::Expired) => {
            forget(state, id).await?;
            Err(Error::PinExpired)
        }
        Ok(PinState::Claimed(token)) => {
            let done = admit(state, id, Zeroizing::new(token), sign_in).await?;
            Ok(Progress::Done(Box::new(done)))
        }
        Err(cause) => Err(Error::PlexTv(cause)),
    }
}

fn is_same_browser(pin: &PinRow, browser: Option<&str>) -> bool {
    browser
        .and_then(|cookie| opaque::hash_of(Kind::PreLogin, cookie))
        .is_some_and(|hash| opaque::same(&hash, &pin.browser_hash))
}

async fn forget(state: &AppState, id: PinId) -> Result<(), Error> {
    state
        .db
        .tx(move |conn| {
            store::delete_pin(conn, id)?;
            Ok(())
        })
        .await
}

async fn admit(
    state: &AppState,
    pin: PinId,
    token: Zeroizing<String>,
    sign_in: SignIn,
) -> Result<(UserRow, Opened), Error> {
    let account = state.plextv.account(&token).await?;
    let servers = state.plextv.servers(&token).await?;
    let configured = plex_servers::configured(state).await?;
    if !may_use_one(&servers, &configured) {
        forget(state, pin).await?;
        note_failure(state, Method::Plex, None, sign_in.origin).await?;
        return Err(Error::NoServerAccess);
    }
    let approved = Arc::new(Approved {
        pin,
        token,
        account,
        servers,
    });
    for _ in 1..TRIES {
        match enter(state, &approved, &sign_in).await {
            Err(Error::UsernameTaken) => {}
            Err(Error::Db(err)) if err.is_unique_violation().is_some() => {}
            result => return result,
        }
    }
    enter(state, &approved, &sign_in).await
}

fn may_use_one(servers: &[Resource], configured: &[KnownServer]) -> bool {
    servers.iter().any(|server| {
        configured
            .iter()
            .any(|known| known.machine_identifier == server.client_identifier)
    })
}

async fn enter(
    state: &AppState,
    approved: &Arc<Approved>,
    sign_in: &SignIn,
) -> Result<(UserRow, Opened), Error> {
    let (clock, config) = (Arc::clone(&state.clock), Arc::clone(&state.config));
    let sealer = Arc::clone(&state.sealer);
    let (approved, sign_in) = (Arc::clone(approved), sign_in.clone());
    state
        .db
        .tx(move |conn| {
            // Of two answers to the same approval, one signs in.
            if !store::delete_pin(conn, approved.pin)? {
                return Err(Error::PinExpired);
            }
            let (user, linked_at) = find_or_create(conn, &*clock, &approved, &sign_in)?;
            if !user.is_active() {
                return Err(Error::Suspended);
            }
            let id = user.user_id();
            let row = PlexAccountRow {
                user_id: user.id,
                plex_user_id: approved.account.id,
                plex_username: approved.account.name().to_owned(),
                token_sealed: sealer.seal(&token_context(id), approved.token.as_bytes()),
                token_state: VALID.to_owned(),
                servers_sealed: Some(plex_servers::seal(&sealer, id, &approved.servers)?),
                servers_at: Some(clock.now().into()),
                linked_at: linked_at.into(),
            };
            store::upsert_account(conn, &row)?;
            let opened = sessions::open(conn, &*clock, &config, &user, &sign_in)?;
            Ok((user, opened))
        })
        .await
}

/// The person of a Plex account, and since when it is linked. The first sign-in makes a member.
fn find_or_create(
    conn: &mut AnyConn,
    clock: &dyn shared_types::Clock,
    approved: &Approved,
    sign_in: &SignIn,
) -> Result<(UserRow, DateTime<Utc>), Error> {
    let account = &approved.account;
    if let Some(linked) = store::find_account_by_plex_id(conn, account.id)? {
        let id = UserId::from(linked.user_id);
        let user = find_user(conn, id)?.ok_or(Error::NotFound)?;
        let changes = UserChanges {
            avatar_url: avatar(account),
            ..UserChanges::default()
        };
        let is_same = changes.avatar_url.is_none() || changes.avatar_url == user.avatar_url;
        let user = if is_same {
            user
        } else {
            update_user(conn, id, changes, clock.now())?
        };
        return Ok((user, linked.linked_at.0));
    }
    let person = NewPerson {
        username: free_username(conn, account)?,
        display_name: display_name_resembling(account.name()),
        email: None,
        role: Role::Member,
        avatar_url: avatar(account),
        password_hash: None,
    };
    let user = people::row(clock, person);
    people::insert(conn, clock, &user, user.user_id(), &sign_in.origin)?;
    Ok((user, clock.now()))
}

/// Only https pictures, and no endless addresses.
fn avatar(account: &Account) -> Option<String> {
    let thumb = account.thumb.as_deref()?;
    (thumb.starts_with("https://") && thumb.len() <= 500).then(|| thumb.to_owned())
}

fn free_username(conn: &mut AnyConn, account: &Account) -> Result<Username, Error> {
    let wanted = Username::resembling(account.name());
    if find_user_by_name(conn, &wanted.key())?.is_none() {
        return Ok(wanted);
    }
    for number in 2..10_000 {
        let name = wanted.numbered(number);
        if find_user_by_name(conn, &name.key())?.is_none() {
            return Ok(name);
        }
    }
    Err(Error::UsernameTaken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_plexs_page_stand_in_the_fragment() {
        assert_eq!(
            auth_url("https://app.plex.tv/auth", "id-1", "c0de"),
            "https://app.plex.tv/auth#?clientID=id-1&code=c0de&context%5Bdevice%5D%5Bproduct%5D=MediaNest"
        );
    }
}
