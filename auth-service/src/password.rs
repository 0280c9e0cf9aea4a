//! Passwords: the policy, and argon2id off the async threads.
//!
//! `common_passwords.txt` holds common passwords that are long enough for the policy: words and keyboard walks that lead
//! the published lists of leaked passwords, with the endings that people give them.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, phc::PasswordHash},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::Deserialize;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    config::Config,
    error::{Error, InvalidField},
    opaque::Sent,
};

const COMMON: &str = include_str!("common_passwords.txt");
const MAX_LENGTH: usize = 256;
/// Passwords that are checked at the same time.
const PARALLEL: usize = 2;
/// Passwords that may wait for their turn.
const QUEUE: usize = 32;

/// A password as somebody sent it. It never prints.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Password(Sent);

impl Password {
    /// Whether the policy allows it as a new password of `username`.
    pub(crate) fn check(
        &self,
        field: &'static str,
        username: &str,
        min_length: u32,
    ) -> Result<(), InvalidField> {
        let length = self.0.expose().chars().count();
        if length < min_length as usize || length > MAX_LENGTH {
            return Err(InvalidField::new(
                field,
                "length",
                format!("Use {min_length} to {MAX_LENGTH} characters."),
            ));
        }
        let folded = self.0.expose().to_lowercase();
        let own = [username, "medianest", "plex"];
        if own.iter().any(|name| folded == name.to_lowercase())
            || COMMON.lines().any(|common| common == folded)
        {
            return Err(InvalidField::new(
                field,
                "common",
                "This password is one of the first that an attacker would try; choose another.",
            ));
        }
        Ok(())
    }
}

/// Hashes and verifies passwords, at most two at once, with a bounded queue.
#[derive(Debug)]
pub(crate) struct Hasher {
    params: Params,
    turns: Semaphore,
    present: AtomicUsize,
}

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed with parameters that are not ours any more.
    RightButOutdated,
}

impl Hasher {
    /// A hasher with the configured parameters.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let params = Params::new(
            config.password_memory_kib,
            config.password_iterations,
            1,
            None,
        )
        .map_err(|err| Error::broken("the password parameters", err))?;
        Ok(Self {
            params,
            turns: Semaphore::new(PARALLEL),
            present: AtomicUsize::new(0),
        })
    }

    /// A PHC string for a new password.
    pub(crate) async fn hash(&self, password: &Password) -> Result<String, Error> {
        let (password, argon2) = (password.clone(), argon2(&self.params));
        self.in_turn(move || {
            let hash = argon2
                .hash_password(password.0.expose().as_bytes())
                .map_err(|err| Error::broken("hashing a password", err))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Compares a password with a stored hash. Without one it takes just as long and is wrong.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
    ) -> Result<Verdict, Error> {
        let phc = stored.map_or_else(|| self.nobodys_hash(), str::to_owned);
        let (password, params, exists) = (password.clone(), self.params.clone(), stored.is_some());
        self.in_turn(move || {
            let hash = PasswordHash::new(&phc)
                .map_err(|err| Error::broken("reading a password hash", err))?;
            match Argon2::default().verify_password(password.0.expose().as_bytes(), &hash) {
                Ok(()) if exists && is_current(&hash, &params) => Ok(Verdict::Right),
                Ok(()) if exists => Ok(Verdict::RightButOutdated),
                Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
                Err(err) => Err(Error::broken("checking a password", err)),
            }
        })
        .await
    }

    /// A hash that no password has, and that costs as much as everybody's to check.
    fn nobodys_hash(&self) -> String {
        let salt = STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>());
        let hash = STANDARD_NO_PAD.encode(rand::random::<[u8; 32]>());
        let (memory, passes) = (self.params.m_cost(), self.params.t_cost());
        format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${hash}")
    }

    async fn in_turn<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        let _presence = Presence::enter(&self.present)?;
        let _turn = self
            .turns
            .acquire()
            .await
            .expect("the semaphore is never closed");
        spawn_blocking(work)
            .await
            .map_err(|err| Error::broken("hashing a password", err))?
    }
}

/// A place in the queue; dropping it leaves.
struct Presence<'p>(&'p AtomicUsize);

impl<'p> Presence<'p> {
    fn enter(present: &'p AtomicUsize) -> Result<Self, Error> {
        let before = present.fetch_add(1, Ordering::AcqRel);
        let presence = Self(present);
        if before >= PARALLEL + QUEUE {
            return Err(Error::Busy);
        }
        Ok(presence)
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2(params: &Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
}

fn is_current(hash: &PasswordHash, params: &Params) -> bool {
    Params::try_from(hash).is_ok_and(|used| {
        (used.m_cost(), used.t_cost(), used.p_cost())
            == (params.m_cost(), params.t_cost(), params.p_cost())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password(text.to_owned().into())
    }

    #[test]
    fn aut_03_the_policy_is_length_and_a_list_of_common_passwords() {
        let refused = |text: &str| {
            password(text)
                .check("password", "some-long-name", 10)
                .err()
                .map(|fault| fault.rule)
        };
        assert_eq!(refused("short"), Some("length"));
        assert_eq!(refused(&"x".repeat(257)), Some("length"));
        assert_eq!(refused("Some-Long-Name"), Some("common"));
        assert_eq!(refused("Password123"), Some("common"));
        assert_eq!(refused("  correct horse "), None);
        assert_eq!(refused("🦀🦀🦀🦀🦀🦀🦀🦀🦀🦀"), None);
        assert_eq!(refused(&"q7".repeat(128)), None);
    }

    #[test]
    fn the_list_of_common_passwords_fits_the_policy() {
        let lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.len() >= 3_000, "{}", lines.len());
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() >= 10 && line.to_lowercase() == **line)
        );
    }

    #[tokio::test]
    async fn aut_01_hashes_are_argon2id_and_old_parameters_are_noticed() {
        let hasher = Hasher::new(&Config::default()).expect("valid parameters");
        let secret = password("correct horse battery");
        let phc = hasher.hash(&secret).await.expect("hashed");
        assert!(phc.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{phc}");
        let verify = async |hasher: &Hasher, text| {
            hasher
                .verify(&password(text), Some(&phc))
                .await
                .expect("checked")
        };
        assert_eq!(
            verify(&hasher, "correct horse battery").await,
            Verdict::Right
        );
        assert_eq!(
            verify(&hasher, "correct horse batterz").await,
            Verdict::Wrong
        );
        let nobody = hasher.verify(&secret, None).await.expect("checked");
        assert_eq!(nobody, Verdict::Wrong);

        let stricter = Hasher::new(&Config {
            password_iterations: 2,
            ..Config::default()
        });
        let stricter = stricter.expect("valid parameters");
        let verdict = verify(&stricter, "correct horse battery").await;
        assert_eq!(verdict, Verdict::RightButOutdated);
    }

    #[tokio::test]
    async fn aut_02_a_full_queue_is_refused_at_once() {
        let hasher = Hasher::new(&Config::default()).expect("valid parameters");
        hasher.present.store(PARALLEL + QUEUE, Ordering::Release);
        let refused = hasher.hash(&password("correct horse battery")).await;
        assert!(matches!(refused, Err(Error::Busy)));
        assert_eq!(hasher.present.load(Ordering::Acquire), PARALLEL + QUEUE);
    }
}
