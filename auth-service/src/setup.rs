//! First-run setup: a one-time secret opens the door for exactly one administrator, then the door is gone.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::Arc,
};

use chrono::Duration;
use serde_json::json;
use shared_types::access::Role;
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::{
    app::AppState,
    audit::{Entry, Name},
    error::Error,
    events,
    opaque::{self, Sent},
    origin::Origin,
    password::Password,
    people::{self, NewPerson},
    sessions::{self, Opened, SignIn},
    store::{
        installation::{self as store, InstallationRow},
        users::{UserRow, insert_user},
    },
    throttle::Bucket,
    username::Username,
};

/// After so many wrong tries a new secret is needed.
const MAX_FAILURES: i32 = 5;
/// Without characters that look alike: 5 bits each.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// What setup needs to know.
#[derive(Debug)]
pub(crate) struct Setup {
    /// `setup-secret` in the data directory.
    pub(crate) file: PathBuf,
    /// How long a secret is valid.
    pub(crate) valid: Duration,
}

/// The request, parsed.
#[derive(Debug)]
pub(crate) struct FirstAdmin {
    pub(crate) secret: Sent,
    pub(crate) username: Username,
    pub(crate) password: Password,
    pub(crate) email: Option<String>,
}

/// At start: makes a secret when there is no administrator, and clears a leftover file when there is one.
pub(crate) async fn prepare(state: &AppState) -> Result<(), Error> {
    if is_required(state).await? {
        return make_secret(state).await;
    }
    remove_file(state);
    Ok(())
}

/// Whether nobody has done the setup yet.
pub(crate) async fn is_required(state: &AppState) -> Result<bool, Error> {
    Ok(installation(state).await?.setup_completed_at.is_none())
}

async fn installation(state: &AppState) -> Result<InstallationRow, Error> {
    state
        .db
        .run(|conn| Ok(store::find_installation(conn)?))
        .await
}

/// Makes the first administrator and signs them in.
pub(crate) async fn complete(
    state: &AppState,
    admin: FirstAdmin,
    sign_in: SignIn,
) -> Result<(UserRow, Opened), Error> {
    let secret_hash = admit(state, admin.secret.expose(), &sign_in.origin).await?;
    admin.password.check(
        "password",
        admin.username.as_str(),
        state.config.password_min_length,
    )?;
    let person = NewPerson {
        display_name: admin.username.as_str().to_owned(),
        username: admin.username,
        email: admin.email,
        role: Role::Admin,
        avatar_url: None,
        password_hash: Some(state.hasher.hash(&admin.password).await?),
    };
    let user = people::row(&*state.clock, person);
    let (clock, config) = (Arc::clone(&state.clock), Arc::clone(&state.config));
    let signed_in = state
        .db
        .tx(move |conn| {
            if !store::claim_setup(conn, &secret_hash, clock.now())? {
                return Err(Error::SetupDone);
            }
            insert_user(conn, &user)?;
            events::user_created(conn, &*clock, &user)?;
            Entry::success(Name::SetupCompleted)
                .by(user.user_id())
                .about(Some(user.user_id()))
                .write(conn, clock.now(), &sign_in.origin)?;
            let opened = sessions::open(conn, &*clock, &config, &user, &sign_in)?;
            Ok((user, opened))
        })
        .await?;
    remove_file(state);
    info!("Setup is done; the setup secret is not valid any more");
    Ok(signed_in)
}

/// Checks the secret and gives its hash.
async fn admit(state: &AppState, secret: &str, origin: &Origin) -> Result<Vec<u8>, Error> {
    let stored = installation(state).await?;
    if stored.setup_completed_at.is_some() {
        return Err(Error::SetupDone);
    }
    let bucket = Bucket::new("setup", &origin.network(), state.address_limit());
    let attempt = state.throttle.begin(&[bucket]).await?;
    let given = hash_of(secret);
    let is_right = stored
        .setup_secret_hash
        .is_some_and(|hash| opaque::same(&hash, &given));
    let is_fresh = stored
        .setup_secret_expires_at
        .is_some_and(|at| state.clock.now() < at.0);
    if is_right && is_fresh {
        state.throttle.succeeded(attempt).await;
        return Ok(given);
    }
    refuse(state, origin, is_right).await
}

/// Counts a wrong secret; one too many, or one that is too old, makes a new one.
async fn refuse(state: &AppState, origin: &Origin, is_expired: bool) -> Result<Vec<u8>, Error> {
    let (now, origin) = (state.clock.now(), origin.clone());
    let failures = state
        .db
        .tx(move |conn| {
            Entry::failure(Name::SetupFailed)
                .details(json!({"expired": is_expired}))
                .write(conn, now, &origin)?;
            Ok::<_, Error>(store::update_setup_failures(conn)?)
        })
        .await?;
    // Exactly one of several wrong tries at once is the fifth.
    if is_expired || failures == MAX_FAILURES {
        make_secret(state).await?;
    }
    Err(Error::WrongSetupSecret)
}

async fn make_secret(state: &AppState) -> Result<(), Error> {
    let secret = random_secret();
    let hash = hash_of(&secret);
    let expires_at = state.clock.now() + state.setup.valid;
    let is_open = state
        .db
        .tx(move |conn| Ok::<_, Error>(store::update_setup_secret(conn, &hash, expires_at)?))
        .await?;
    if !is_open {
        return Ok(());
    }
    if let Err(err) = write_file(state, &secret) {
        warn!(
            "The setup secret could not be written to `{}`: {err}",
            state.setup.file.display()
        );
    }
    let minutes = state.setup.valid.num_minutes();
    let secret = secret.as_str();
    info!(
        "The setup secret is {secret} (valid for {minutes} minutes): open MediaNest and create the administrator"
    );
    Ok(())
}

/// 100 random bits in four groups that a person can type.
fn random_secret() -> Zeroizing<String> {
    let mut secret = Zeroizing::new(String::with_capacity(23));
    for (position, byte) in rand::random::<[u8; 20]>().into_iter().enumerate() {
        if position > 0 && position % 5 == 0 {
            secret.push('-');
        }
        secret.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    secret
}

fn hash_of(secret: &str) -> Vec<u8> {
    opaque::digest(&secret.trim().to_ascii_lowercase())
}

fn write_file(state: &AppState, secret: &str) -> io::Result<()> {
    let path = &state.setup.file;
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{secret}")
}

fn remove_file(state: &AppState) {
    let path = &state.setup.file;
    match fs::remove_file(path) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => {
            warn!("`{}` could not be removed: {err}", path.display());
        }
        _ => {}
    }
}
