//! Waiting for a condition with a bound, in place of sleeping.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Waits up to ten seconds until the condition holds; panics with `what` otherwise.
pub async fn eventually<F, Fut>(what: &str, condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    eventually_within(Duration::from_secs(10), what, condition).await;
}

/// Waits up to `limit` until the condition holds; panics with `what` otherwise.
pub async fn eventually_within<F, Fut>(limit: Duration, what: &str, mut condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let started = Instant::now();
    while !condition().await {
        assert!(
            started.elapsed() < limit,
            "waited {limit:?} in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A test setting from the environment, such as `MEDIANEST_FIXTURES`; empty counts as absent.
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
