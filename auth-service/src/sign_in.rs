//! Sign-in with user name and password. Unknown, wrong and suspended look and last the same.

use std::sync::Arc;

use shared_runtime::Sealer;
use shared_types::ids::UserId;

use crate::{
    app::AppState,
    audit::{Entry, Name},
    error::Error,
    origin::Origin,
    password::{Password, Verdict},
    sessions::{self, Method, Opened, SignIn},
    store::users::{UserChanges, UserRow, find_user_by_name, update_user},
    throttle::Bucket,
    username::key_of,
};

/// A person who signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: UserRow,
    pub(crate) opened: Opened,
    /// Proves to a later sign-in that this browser has signed in to the account before.
    pub(crate) device: String,
}

/// Signs in with user name and password. `device` is the cookie of an earlier success.
pub(crate) async fn with_password(
    state: &AppState,
    username: &str,
    password: &Password,
    device: Option<&str>,
    sign_in: SignIn,
) -> Result<SignedIn, Error> {
    let key = key_of(username);
    let buckets = buckets(state, &key, device, &sign_in.origin);
    let attempt = state.throttle.begin(&buckets).await?;
    let name = key.clone();
    let found = state
        .db
        .run(move |conn| Ok::<_, Error>(find_user_by_name(conn, &name)?))
        .await?;
    let hash = found
        .as_ref()
        .and_then(|user| user.password_hash.as_deref());
    let verdict = state.hasher.verify(password, hash).await?;
    match found {
        Some(user) if verdict != Verdict::Wrong && user.is_active() => {
            state.throttle.succeeded(attempt).await;
            let renewed = renewed_hash(state, password, verdict).await?;
            let (user, opened) = open(state, user, renewed, sign_in).await?;
            let device = device_proof(&state.sealer, &key);
            Ok(SignedIn {
                user,
                opened,
                device,
            })
        }
        found => {
            note_failure(
                state,
                Method::Password,
                found.map(|user| user.user_id()),
                sign_in.origin,
            )
            .await?;
            Err(Error::InvalidCredentials)
        }
    }
}

/// A device that signed in before has its own counter: strangers cannot lock the owner of an account out.
fn buckets(state: &AppState, key: &str, device: Option<&str>, origin: &Origin) -> Vec<Bucket> {
    match device.filter(|device| is_known_device(&state.sealer, key, device)) {
        // Hexadecimal digits have two spellings; the counter must have one.
        Some(device) => {
            let device = device.to_ascii_lowercase();
            vec![Bucket::new("device", &device, state.account_limit())]
        }
        None => vec![
            Bucket::new("address", &origin.network(), state.address_limit()),
            Bucket::new("account", key, state.account_limit()),
        ],
    }
}

fn device_context(key: &str) -> String {
    format!("known-device/{key}")
}

/// A sealed random number that only opens for this account.
fn device_proof(sealer: &Sealer, key: &str) -> String {
    hex::encode(sealer.seal(&device_context(key), &rand::random::<[u8; 16]>()))
}

fn is_known_device(sealer: &Sealer, key: &str, proof: &str) -> bool {
    hex::decode(proof).is_ok_and(|sealed| sealer.open(&device_context(key), &sealed).is_ok())
}

async fn renewed_hash(
    state: &AppState,
    password: &Password,
    verdict: Verdict,
) -> Result<Option<String>, Error> {
    match verdict {
        Verdict::RightButOutdated => state.hasher.hash(password).await.map(Some),
        _ => Ok(None),
    }
}

async fn open(
    state: &AppState,
    user: UserRow,
    renewed: Option<String>,
    sign_in: SignIn,
) -> Result<(UserRow, Opened), Error> {
    let (clock, config) = (Arc::clone(&state.clock), Arc::clone(&state.config));
    state
        .db
        .tx(move |conn| {
            if renewed.is_some() {
                let changes = UserChanges {
                    password_hash: renewed,
                    ..UserChanges::default()
                };
                update_user(conn, user.user_id(), changes, clock.now())?;
            }
            let opened = sessions::open(conn, &*clock, &config, &user, &sign_in)?;
            Ok((user, opened))
        })
        .await
}

/// Writes a failed sign-in down. The typed name is not kept: people type passwords there.
pub(crate) async fn note_failure(
    state: &AppState,
    method: Method,
    user: Option<UserId>,
    origin: Origin,
) -> Result<(), Error> {
    let now = state.clock.now();
    state
        .db
        .tx(move |conn| {
            Entry::failure(Name::LoginFail)
                .about(user)
                .method(method.as_str())
                .write(conn, now, &origin)
        })
        .await
}

#[cfg(test)]
mod tests {
    use shared_runtime::Secret;

    use super::*;

    #[test]
    fn aut_05_a_device_is_known_to_its_own_account_only() {
        let sealer = Sealer::new(&Secret::new("ab".repeat(32))).expect("a valid key");
        let proof = device_proof(&sealer, "alice");
        assert!(is_known_device(&sealer, "alice", &proof));
        assert!(!is_known_device(&sealer, "bob", &proof));
        assert!(!is_known_device(&sealer, "alice", "00ff"));
        assert!(!is_known_device(&sealer, "alice", "not hex"));
    }
}
