//! The cache of the embedded shape: values in moka, bounded by bytes, and counters in a map.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use moka::{Expiry, future::Cache as Moka};
use shared_types::cache::{Cache, CacheError};

/// What keys and values may take together.
const CAPACITY_BYTES: u64 = 64 * 1024 * 1024;

/// What moka keeps per entry beside key and value, roughly.
const ENTRY_OVERHEAD_BYTES: usize = 128;

/// Below this many counters, expired ones are not worth looking for.
const PRUNE_FROM: usize = 1024;

pub(crate) struct MemoryCache {
    prefix: String,
    values: Moka<String, Value>,
    counters: Mutex<Counters>,
}

#[derive(Clone)]
struct Value {
    bytes: Arc<[u8]>,
    ttl: Duration,
}

impl MemoryCache {
    pub(crate) fn new(prefix: &str) -> Self {
        Self::with_capacity(prefix, CAPACITY_BYTES)
    }

    fn with_capacity(prefix: &str, capacity_bytes: u64) -> Self {
        let values = Moka::builder()
            .max_capacity(capacity_bytes)
            .weigher(weight)
            .expire_after(OwnTtl)
            .build();
        Self {
            prefix: prefix.to_owned(),
            values,
            counters: Mutex::default(),
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let value = self.values.get(&self.key(key)).await?;
        Some(value.bytes.to_vec())
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration) {
        let value = Value {
            bytes: value.into(),
            ttl,
        };
        self.values.insert(self.key(key), value).await;
    }

    async fn delete(&self, key: &str) {
        self.values.invalidate(&self.key(key)).await;
    }

    async fn increment(&self, key: &str, window: Duration) -> Result<u64, CacheError> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(counters.increment(self.key(key), window, Instant::now()))
    }

    async fn is_healthy(&self) -> bool {
        true
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache")
            .field("prefix", &self.prefix)
            .field("entries", &self.values.entry_count())
            .finish_non_exhaustive()
    }
}

#[expect(clippy::ptr_arg, reason = "moka hands out its key type")]
fn weight(key: &String, value: &Value) -> u32 {
    let bytes = key.len() + value.bytes.len() + ENTRY_OVERHEAD_BYTES;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Every entry lives as long as it was stored for.
struct OwnTtl;

impl Expiry<String, Value> for OwnTtl {
    fn expire_after_create(&self, _: &String, value: &Value, _: Instant) -> Option<Duration> {
        Some(value.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &Value,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.ttl)
    }
}

/// Counters with a fixed window that starts at the first increment.
#[derive(Default)]
struct Counters {
    open: HashMap<String, Counter>,
    prune_at: usize,
}

struct Counter {
    value: u64,
    ends: Instant,
}

impl Counters {
    fn increment(&mut self, key: String, window: Duration, now: Instant) -> u64 {
        self.prune(now);
        let fresh = Counter {
            value: 0,
            ends: now + window,
        };
        let counter = self
            .open
            .entry(key)
            .and_modify(|counter| {
                if counter.ends <= now {
                    *counter = Counter { ..fresh };
                }
            })
            .or_insert(fresh);
        counter.value += 1;
        counter.value
    }

    /// Looks at all counters only when their number has doubled since the last look.
    fn prune(&mut self, now: Instant) {
        if self.open.len() < self.prune_at.max(PRUNE_FROM) {
            return;
        }
        self.open.retain(|_, counter| counter.ends > now);
        self.prune_at = self.open.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_starts_again_when_its_window_has_passed() {
        let mut counters = Counters::default();
        let start = Instant::now();
        let window = Duration::from_mins(1);

        assert_eq!(counters.increment("a".to_owned(), window, start), 1);
        let late = start + Duration::from_secs(59);
        assert_eq!(counters.increment("a".to_owned(), window, late), 2);
        let next = start + Duration::from_mins(1);
        assert_eq!(counters.increment("a".to_owned(), window, next), 1);
    }

    #[test]
    fn expired_counters_do_not_pile_up() {
        let mut counters = Counters::default();
        let start = Instant::now();

        for i in 0..100_000_u32 {
            let now = start + Duration::from_millis(u64::from(i));
            counters.increment(format!("client-{i}"), Duration::from_millis(100), now);
        }

        assert!(counters.open.len() <= PRUNE_FROM, "{}", counters.open.len());
    }

    #[tokio::test]
    async fn more_bytes_than_the_capacity_are_not_kept() {
        let cache = MemoryCache::with_capacity("", 64 * 1024);
        for i in 0..200 {
            let key = format!("key-{i}");
            cache.set(&key, &[7; 1024], Duration::from_mins(1)).await;
        }

        cache.values.run_pending_tasks().await;

        assert!(cache.values.weighted_size() <= 64 * 1024);
        assert!(cache.values.entry_count() > 0);
    }
}
