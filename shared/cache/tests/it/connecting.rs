//! Which URLs are understood, and what a Redis that is away does to its callers.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn an_unknown_scheme_is_refused_without_repeating_the_url() {
    let error = shared_cache::connect("memcached://me:hunter2@cache", "")
        .await
        .unwrap_err();

    let text = error.to_string();
    assert!(text.contains("`memcached`"), "{text}");
    assert!(
        text.contains("use `memory:` or `redis://host:port`"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_broken_redis_url_is_refused_without_repeating_it() {
    let error = shared_cache::connect("redis://me:hunter2@host:port", "")
        .await
        .unwrap_err();

    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_server_that_refuses_connections_is_a_cold_cache() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let cache = shared_cache::connect(&format!("redis://{address}"), "")
        .await
        .unwrap();

    cache.set("key", b"value", MINUTE).await;

    assert_eq!(cache.get("key").await, None);
    assert!(cache.increment("key", MINUTE).await.is_err());
    assert!(!cache.is_healthy().await);
}

#[tokio::test]
async fn a_server_that_never_answers_holds_nobody_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cache = shared_cache::connect(&format!("redis://{address}"), "")
        .await
        .unwrap();

    let started = Instant::now();
    assert_eq!(cache.get("key").await, None);

    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}
