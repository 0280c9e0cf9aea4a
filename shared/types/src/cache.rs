//! The port to the cache and to shared counters. `shared-cache` implements it in memory and over Redis.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;

/// A shared counter could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the cache is not available: {0}")]
pub struct CacheError(pub String);

/// A cache whose failures are misses, and counters whose failures are errors.
#[async_trait]
pub trait Cache: Send + Sync + Debug {
    /// The stored bytes; a failure is a miss.
    async fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Stores bytes for a while; a failure is logged and forgotten.
    async fn set(&self, key: &str, value: &[u8], ttl: Duration);

    /// Forgets a key.
    async fn delete(&self, key: &str);

    /// Adds one to a counter whose window starts with its first increment, and gives the new value.
    async fn increment(&self, key: &str, window: Duration) -> Result<u64, CacheError>;

    /// Whether the cache answers.
    async fn is_healthy(&self) -> bool;
}
