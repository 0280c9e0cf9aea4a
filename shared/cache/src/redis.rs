//! The cache of the scaled shape. Redis is an accelerator: whatever goes wrong with it is a miss
//! within a fraction of a second, except for counters, whose callers must know.

use std::{fmt, future::Future, time::Duration};

use async_trait::async_trait;
use redis::{
    Client, RedisError, RedisResult, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use shared_types::cache::{Cache, CacheError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(100);

/// The response time-out does not cover waiting for a connection that is being made; this does.
const OPERATION_TIMEOUT: Duration = Duration::from_millis(250);

/// The window starts with the first increment, and no crash can leave a counter without an end.
const INCREMENT: &str = r"
local value = redis.call('INCR', KEYS[1])
if value == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return value";

pub(crate) struct RedisCache {
    prefix: String,
    address: String,
    connection: ConnectionManager,
    increment: Script,
}

impl RedisCache {
    pub(crate) async fn connect(url: &str, prefix: &str) -> Result<Self, CacheError> {
        // The parser's own message may repeat the URL, and with it the password.
        let client = Client::open(url)
            .map_err(|error| CacheError(format!("invalid Redis URL ({:?})", error.kind())))?;
        let address = client.get_connection_info().addr().to_string();
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_lazy_with_config(client, config)
            .map_err(|error| CacheError(error.to_string()))?;
        let cache = Self {
            prefix: prefix.to_owned(),
            address,
            connection,
            increment: Script::new(INCREMENT),
        };
        cache.greet().await;
        Ok(cache)
    }

    async fn greet(&self) {
        if let Err(error) = bounded(CONNECT_TIMEOUT, self.ping()).await {
            let address = &self.address;
            tracing::warn!(%error, "Redis at {address} does not answer: starting without a cache");
        }
    }

    async fn ping(&self) -> RedisResult<()> {
        redis::cmd("PING")
            .query_async(&mut self.connection.clone())
            .await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn command(&self, name: &'static str, command: &redis::Cmd) -> Option<Option<Vec<u8>>> {
        let mut connection = self.connection.clone();
        let answer = bounded(OPERATION_TIMEOUT, command.query_async(&mut connection)).await;
        answer.inspect_err(|error| self.failed(name, error)).ok()
    }

    fn failed(&self, operation: &'static str, error: &RedisError) {
        metrics::counter!("medianest_cache_errors_total", "operation" => operation).increment(1);
        let address = &self.address;
        tracing::debug!(%error, "Redis at {address} failed to {operation}");
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &str) -> Option<Vec<u8>> {
        let command = redis::cmd("GET").arg(self.key(key)).take();
        self.command("get", &command).await.flatten()
    }

    async fn set(&self, key: &str, value: &[u8], ttl: Duration) {
        let ttl_ms = millis(ttl);
        if ttl_ms == 0 {
            return self.delete(key).await;
        }
        let command = redis::cmd("SET")
            .arg(self.key(key))
            .arg(value)
            .arg("PX")
            .arg(ttl_ms)
            .take();
        self.command("set", &command).await;
    }

    async fn delete(&self, key: &str) {
        let mut connection = self.connection.clone();
        let command = redis::cmd("DEL").arg(self.key(key)).take();
        let answer: RedisResult<u64> =
            bounded(OPERATION_TIMEOUT, command.query_async(&mut connection)).await;
        if let Err(error) = answer {
            self.failed("delete", &error);
        }
    }

    async fn increment(&self, key: &str, window: Duration) -> Result<u64, CacheError> {
        let mut connection = self.connection.clone();
        let mut call = self.increment.key(self.key(key));
        call.arg(millis(window).max(1));
        bounded(OPERATION_TIMEOUT, call.invoke_async(&mut connection))
            .await
            .map_err(|error| {
                self.failed("increment", &error);
                CacheError(error.to_string())
            })
    }

    async fn is_healthy(&self) -> bool {
        bounded(OPERATION_TIMEOUT, self.ping()).await.is_ok()
    }
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache")
            .field("address", &self.address)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

async fn bounded<T>(
    limit: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> RedisResult<T> {
    tokio::time::timeout(limit, answer)
        .await
        .unwrap_or_else(|_| Err((redis::ErrorKind::Io, "timed out").into()))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
