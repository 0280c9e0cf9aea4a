//! The public keys of auth-service: fetched from its fixed address only, kept when it is away, and refetched for an
//! unknown key id at most every 30 seconds.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    DecodingKey,
    jwk::{JwkSet, KeyAlgorithm},
};
use tokio::sync::Mutex;

use crate::{Outbound, OutboundOptions};

const REFETCH_FLOOR: Duration = Duration::from_secs(30);

type Keys = HashMap<String, DecodingKey>;

/// Where verification keys come from.
#[derive(Debug)]
pub struct KeySource {
    keys: RwLock<Arc<Keys>>,
    remote: Option<Remote>,
}

#[derive(Debug)]
struct Remote {
    client: Outbound,
    last_try: Mutex<Option<Instant>>,
}

impl KeySource {
    /// Keys of the auth-service at `auth_url`.
    pub fn remote(auth_url: &str) -> Self {
        let client = Outbound::new(OutboundOptions {
            timeout: Duration::from_secs(2),
            max_body_bytes: 64 * 1024,
            ..OutboundOptions::new("auth-service-keys", auth_url)
        });
        Self {
            keys: RwLock::default(),
            remote: Some(Remote {
                client,
                last_try: Mutex::new(None),
            }),
        }
    }

    /// Fixed keys: auth-service's own, which it replaces when it rotates them.
    pub fn fixed(set: &JwkSet) -> Self {
        Self {
            keys: RwLock::new(Arc::new(usable_keys(set))),
            remote: None,
        }
    }

    /// Replaces the keys.
    pub fn replace(&self, set: &JwkSet) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(usable_keys(set));
    }

    /// The key `kid`, refetching the set if it is not known.
    pub(crate) async fn find(&self, kid: &str) -> Result<Option<DecodingKey>, Unreachable> {
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        let mut last_try = remote.last_try.lock().await;
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        // Without any keys there is nothing to protect: a request that was cancelled in mid-fetch must not block the next.
        let has_keys = !self.snapshot().is_empty();
        if has_keys && last_try.is_some_and(|at| at.elapsed() < REFETCH_FLOOR) {
            return Ok(None);
        }
        *last_try = Some(Instant::now());
        match remote.fetch().await {
            Ok(set) => self.replace(&set),
            Err(err) => {
                tracing::warn!("The signing keys could not be fetched: {err}");
                return if has_keys { Ok(None) } else { Err(Unreachable) };
            }
        }
        Ok(self.known(kid))
    }

    fn snapshot(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        self.snapshot().get(kid).cloned()
    }
}

/// No key set was ever fetched and auth-service does not answer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("auth-service does not answer")]
pub(crate) struct Unreachable;

impl Remote {
    async fn fetch(&self) -> Result<JwkSet, crate::OutboundError> {
        self.client
            .get("/.well-known/jwks.json")
            .send()
            .await?
            .success()?
            .json()
    }
}

/// The ES256 keys of a set; others are ignored.
fn usable_keys(set: &JwkSet) -> Keys {
    set.keys
        .iter()
        .filter(|jwk| jwk.common.key_algorithm == Some(KeyAlgorithm::ES256))
        .filter_map(|jwk| Some((jwk.common.key_id.clone()?, DecodingKey::from_jwk(jwk).ok()?)))
        .collect()
}
