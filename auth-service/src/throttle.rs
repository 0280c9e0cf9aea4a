//! Failed sign-ins are counted per address, per account and per device, and are shared by all replicas.
//!
//! An attempt is counted before the password is looked at, so that attempts in parallel cannot slip through, and taken
//! back when it succeeds. Windows are aligned to the clock; the key of a counter names its window.

use std::{sync::Arc, time::Duration};

use shared_types::{Clock, cache::Cache};

use crate::{error::Error, opaque};

/// So many failures within so many seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// Failures that are let through.
    pub(crate) failures: u32,
    /// Length of the window.
    pub(crate) window_seconds: u32,
}

/// One counter: whose, and its limit.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    key: String,
    limit: Limit,
}

impl Bucket {
    /// `kind` and `whose` name the counter. Only a hash of `whose` leaves this process.
    pub(crate) fn new(kind: &str, whose: &str, limit: Limit) -> Self {
        let whose = hex::encode(&opaque::digest(&format!("{kind}/{whose}"))[..16]);
        Self {
            key: format!("auth:try:{kind}:{whose}"),
            limit,
        }
    }
}

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct Throttle {
    shared: Arc<dyn Cache>,
    /// Used while the shared counters are away: never "allow all".
    local: Arc<dyn Cache>,
    clock: Arc<dyn Clock>,
}

/// Attempts that were counted and may turn out well.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt {
    keys: Vec<(String, Duration)>,
}

impl Throttle {
    pub(crate) fn new(
        shared: Arc<dyn Cache>,
        local: Arc<dyn Cache>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            shared,
            local,
            clock,
        }
    }

    /// Counts an attempt in every bucket; refuses it when one of them is full.
    pub(crate) async fn begin(&self, buckets: &[Bucket]) -> Result<Attempt, Error> {
        let now = self.clock.now().timestamp().unsigned_abs();
        let mut keys = Vec::with_capacity(buckets.len());
        let mut wait = 0;
        for bucket in buckets {
            let seconds = u64::from(bucket.limit.window_seconds.max(1));
            let key = format!("{}:{}", bucket.key, now / seconds);
            let window = Duration::from_secs(seconds);
            let failures = self.count(&key, window).await;
            if failures > u64::from(bucket.limit.failures) {
                wait = wait.max(seconds - now % seconds);
            }
            keys.push((key, window));
        }
        if wait > 0 {
            return Err(Error::Throttled { retry_after: wait });
        }
        Ok(Attempt { keys })
    }

    /// Takes a successful attempt back.
    pub(crate) async fn succeeded(&self, attempt: Attempt) {
        for (key, window) in attempt.keys {
            let successes = self.increment(&format!("{key}:won"), window).await;
            let known = successes.to_string();
            let key = format!("{key}:known");
            self.shared.set(&key, known.as_bytes(), window).await;
            self.local.set(&key, known.as_bytes(), window).await;
        }
    }

    /// Attempts so far, this one included, without those that succeeded.
    async fn count(&self, key: &str, window: Duration) -> u64 {
        let attempts = self.increment(key, window).await;
        let known = format!("{key}:known");
        let successes = match self.shared.get(&known).await {
            Some(bytes) => Some(bytes),
            None => self.local.get(&known).await,
        };
        let successes = successes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.parse::<u64>().ok());
        attempts.saturating_sub(successes.unwrap_or(0))
    }

    async fn increment(&self, key: &str, window: Duration) -> u64 {
        match self.shared.increment(key, window).await {
            Ok(count) => count,
            Err(err) => {
                tracing::warn!("Failed sign-ins are counted by this replica alone: {err}");
                // The counter in memory has no way to fail; if it had, nobody would get in.
                self.local.increment(key, window).await.unwrap_or(u64::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use shared_runtime::SystemClock;
    use shared_types::cache::CacheError;

    use super::*;

    /// A cache that is away.
    #[derive(Debug)]
    struct Away;

    #[async_trait]
    impl Cache for Away {
        async fn get(&self, _key: &str) -> Option<Vec<u8>> {
            None
        }

        async fn set(&self, _key: &str, _value: &[u8], _ttl: Duration) {}

        async fn delete(&self, _key: &str) {}

        async fn increment(&self, _key: &str, _window: Duration) -> Result<u64, CacheError> {
            Err(CacheError("on purpose".to_owned()))
        }

        async fn is_healthy(&self) -> bool {
            false
        }
    }

    #[tokio::test]
    async fn without_the_shared_counters_a_replica_counts_alone() {
        let local = shared_cache::connect("memory:", "").await.expect("memory");
        let throttle = Throttle::new(Arc::new(Away), local, Arc::new(SystemClock));
        let day = Limit {
            failures: 2,
            window_seconds: 86_400,
        };
        let buckets = [Bucket::new("account", "alice", day)];
        for _ in 0..5 {
            let attempt = throttle.begin(&buckets).await.expect("admitted");
            throttle.succeeded(attempt).await;
        }
        for _ in 0..2 {
            drop(throttle.begin(&buckets).await.expect("admitted"));
        }
        let refused = throttle.begin(&buckets).await;
        assert!(matches!(
            refused,
            Err(Error::Throttled {
                retry_after: 1..=86_400
            })
        ));
    }
}
