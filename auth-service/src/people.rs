//! People: created by setup, by an administrator or by a first Plex sign-in; changed by themselves and by administrators.

use std::sync::Arc;

use chrono::Duration;
use serde_json::json;
use shared_db::AnyConn;
use shared_http::Caller;
use shared_types::{
    Clock,
    access::Role,
    ids::{SessionId, UserId},
};

use crate::{
    api_keys,
    app::AppState,
    audit::{Entry, Name},
    error::Error,
    events,
    origin::Origin,
    password::{Password, Verdict},
    sessions::{self, Ending},
    store::{
        installation::lock_installation,
        plex::{self, PlexAccountRow},
        sessions::find_live_for_user,
        users::{self as store, ACTIVE, SUSPENDED, UserChanges, UserRow},
    },
    throttle::Bucket,
    username::Username,
};

/// A change of credentials without the old password needs a sign-in that is at most this old.
const RECENT: Duration = Duration::minutes(15);

/// An account to be made.
#[derive(Debug)]
pub(crate) struct NewPerson {
    pub(crate) username: Username,
    pub(crate) display_name: String,
    pub(crate) email: Option<String>,
    pub(crate) role: Role,
    pub(crate) avatar_url: Option<String>,
    pub(crate) password_hash: Option<String>,
}

/// What an administrator changes about somebody.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccessChange {
    pub(crate) display_name: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) suspended: Option<bool>,
}

/// The row of a new person.
pub(crate) fn row(clock: &dyn Clock, person: NewPerson) -> UserRow {
    let now = clock.now();
    UserRow {
        id: UserId::generate(clock).into(),
        username_key: person.username.key(),
        username: person.username.as_str().to_owned(),
        display_name: person.display_name,
        email: person.email,
        role: person.role.as_str().to_owned(),
        status: ACTIVE.to_owned(),
        avatar_url: person.avatar_url,
        password_hash: person.password_hash,
        created_at: now.into(),
        updated_at: now.into(),
    }
}

/// Adds a person and tells everybody, in the transaction of the caller.
pub(crate) fn insert(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    user: &UserRow,
    by: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    store::insert_user(conn, user).map_err(|err| {
        if err.violates(&["users_username_key_key", "users.username_key"]) {
            return Error::UsernameTaken;
        }
        Error::Db(err)
    })?;
    events::user_created(conn, clock, user)?;
    Entry::success(Name::UserCreated)
        .by(by)
        .about(Some(user.user_id()))
        .details(json!({"role": user.role}))
        .write(conn, clock.now(), origin)
}

/// An administrator makes an account with a password.
pub(crate) async fn create(
    state: &AppState,
    caller: &Caller,
    mut person: NewPerson,
    password: &Password,
    origin: Origin,
) -> Result<UserRow, Error> {
    let name = person.username.as_str();
    password.check("password", name, state.config.password_min_length)?;
    person.password_hash = Some(state.hasher.hash(password).await?);
    let (clock, by) = (Arc::clone(&state.clock), caller.user_id);
    let user = row(&*clock, person);
    state
        .db
        .tx(move |conn| {
            insert(conn, &*clock, &user, by, &origin)?;
            Ok(user)
        })
        .await
}

/// The person and their Plex account.
pub(crate) async fn find(
    state: &AppState,
    id: UserId,
) -> Result<(UserRow, Option<PlexAccountRow>), Error> {
    state
        .db
        .run(move |conn| {
            let user = store::find_user(conn, id)?.ok_or(Error::NotFound)?;
            Ok((user, plex::find_account(conn, id)?))
        })
        .await
}

/// People whose accounts are younger than `after`, the oldest first.
pub(crate) async fn list(
    state: &AppState,
    after: Option<UserId>,
    limit: usize,
) -> Result<Vec<UserRow>, Error> {
    state
        .db
        .run(move |conn| Ok(store::list_users(conn, after, limit)?))
        .await
}

/// A person changes the name that others see.
pub(crate) async fn rename(
    state: &AppState,
    id: UserId,
    display_name: String,
    origin: Origin,
) -> Result<UserRow, Error> {
    let clock = Arc::clone(&state.clock);
    let changes = UserChanges {
        display_name: Some(display_name),
        ..UserChanges::default()
    };
    state
        .db
        .tx(move |conn| {
            let user = store::update_user(conn, id, changes, clock.now())?;
            events::user_updated(conn, &*clock, &user)?;
            Entry::success(Name::UserUpdated)
                .by(id)
                .about(Some(id))
                .write(conn, clock.now(), &origin)?;
            Ok(user)
        })
        .await
}

/// An administrator changes somebody's role, suspends or readmits them. Their sessions end when their access changes.
pub(crate) async fn change_access(
    state: &AppState,
    caller: &Caller,
    id: UserId,
    change: AccessChange,
    origin: Origin,
) -> Result<UserRow, Error> {
    let (clock, by) = (Arc::clone(&state.clock), caller.user_id);
    state
        .db
        .tx(move |conn| {
            // Two administrators who demote each other take turns here.
            lock_installation(conn)?;
            let before = store::find_user(conn, id)?.ok_or(Error::NotFound)?;
            let after = store::update_user(conn, id, changes_of(change), clock.now())?;
            keep_an_admin(conn, &before, &after)?;
            events::user_updated(conn, &*clock, &after)?;
            note_change(conn, &*clock, by, (&before, &after), &origin)?;
            Ok(after)
        })
        .await
}

fn changes_of(change: AccessChange) -> UserChanges {
    let status = change
        .suspended
        .map(|suspended| if suspended { SUSPENDED } else { ACTIVE }.to_owned());
    UserChanges {
        display_name: change.display_name,
        role: change.role.map(|role| role.as_str().to_owned()),
        status,
        ..UserChanges::default()
    }
}

fn keep_an_admin(conn: &mut AnyConn, before: &UserRow, after: &UserRow) -> Result<(), Error> {
    let is_admin = |user: &UserRow| user.role() == Role::Admin && user.is_active();
    if is_admin(before)
        && !is_admin(after)
        && store::count_other_admins(conn, after.user_id())? == 0
    {
        return Err(Error::LastAdmin);
    }
    Ok(())
}

fn note_change(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    by: UserId,
    (before, after): (&UserRow, &UserRow),
    origin: &Origin,
) -> Result<(), Error> {
    let id = after.user_id();
    let has_other_access = before.role != after.role || before.status != after.status;
    let name = if has_other_access {
        Name::AccessChanged
    } else {
        Name::UserUpdated
    };
    let details = json!({
        "role": {"from": before.role, "to": after.role},
        "status": {"from": before.status, "to": after.status},
    });
    Entry::success(name)
        .by(by)
        .about(Some(id))
        .details(details)
        .write(conn, clock.now(), origin)?;
    if !has_other_access {
        return Ok(());
    }
    let ending = Ending {
        by,
        reason: "access_changed",
        origin: origin.clone(),
    };
    sessions::end_all(conn, clock, id, None, &ending)?;
    api_keys::announce_all(conn, clock, id)
}

/// A person changes their password; their other sessions end.
pub(crate) async fn change_password(
    state: &AppState,
    caller: &Caller,
    current: Option<Password>,
    new: &Password,
    origin: Origin,
) -> Result<(), Error> {
    let id = caller.user_id;
    let (user, _plex) = find(state, id).await?;
    new.check(
        "new_password",
        &user.username,
        state.config.password_min_length,
    )?;
    match &user.password_hash {
        Some(hash) => check_current(state, id, current, hash).await?,
        None => check_recent(state, caller).await?,
    }
    let hash = state.hasher.hash(new).await?;
    let (clock, session) = (Arc::clone(&state.clock), caller.session_id);
    state
        .db
        .tx(move |conn| store_password(conn, &*clock, (id, session), hash, &origin))
        .await
}

fn store_password(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    (id, session): (UserId, SessionId),
    hash: String,
    origin: &Origin,
) -> Result<(), Error> {
    let changes = UserChanges {
        password_hash: Some(hash),
        ..UserChanges::default()
    };
    store::update_user(conn, id, changes, clock.now())?;
    Entry::success(Name::PasswordChange)
        .by(id)
        .about(Some(id))
        .session(session)
        .write(conn, clock.now(), origin)?;
    let ending = Ending {
        by: id,
        reason: "password_changed",
        origin: origin.clone(),
    };
    sessions::end_all(conn, clock, id, Some(session), &ending)
}

async fn check_current(
    state: &AppState,
    id: UserId,
    current: Option<Password>,
    hash: &str,
) -> Result<(), Error> {
    let bucket = Bucket::new("password", &id.to_string(), state.account_limit());
    let attempt = state.throttle.begin(&[bucket]).await?;
    let current = current.ok_or(Error::InvalidCredentials)?;
    if state.hasher.verify(&current, Some(hash)).await? == Verdict::Wrong {
        return Err(Error::InvalidCredentials);
    }
    state.throttle.succeeded(attempt).await;
    Ok(())
}

async fn check_recent(state: &AppState, caller: &Caller) -> Result<(), Error> {
    let (user, session, now) = (caller.user_id, caller.session_id, state.clock.now());
    let session = state
        .db
        .run(move |conn| Ok::<_, Error>(find_live_for_user(conn, user, session, now)?))
        .await?;
    let is_recent = session.is_some_and(|session| now - session.created_at.0 <= RECENT);
    if is_recent {
        Ok(())
    } else {
        Err(Error::SignInTooOld)
    }
}
