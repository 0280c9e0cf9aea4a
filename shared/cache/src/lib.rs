#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod memory;
mod redis;

use std::sync::Arc;

use shared_types::cache::{Cache, CacheError};

use crate::{memory::MemoryCache, redis::RedisCache};

/// Opens the cache that `url` names: `memory:` or `redis://…` (`rediss://…` with TLS).
///
/// `prefix` goes before every key, so that deployments can share a server. A Redis that is away is
/// no error: the cache starts cold and connects when it can.
pub async fn connect(url: &str, prefix: &str) -> Result<Arc<dyn Cache>, CacheError> {
    match url.split_once(':') {
        Some(("memory", _)) => Ok(Arc::new(MemoryCache::new(prefix))),
        Some(("redis" | "rediss", _)) => Ok(Arc::new(RedisCache::connect(url, prefix).await?)),
        _ => Err(CacheError(unknown_scheme(url))),
    }
}

/// Names the scheme only: the rest of a URL may hold a password.
fn unknown_scheme(url: &str) -> String {
    let what = match url.split_once("://") {
        Some((scheme, _)) => format!("unknown scheme `{scheme}` in the cache URL"),
        None => "the cache URL has no known scheme".to_owned(),
    };
    format!("{what}: use `memory:` or `redis://host:port`")
}
