//! What every cache does.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use shared_types::cache::Cache;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

async fn memory() -> Arc<dyn Cache> {
    shared_cache::connect("memory:", "t:").await.unwrap()
}

/// A cache with a key space of its own, or nothing when no server was named.
async fn redis(test: &str) -> Option<Arc<dyn Cache>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where the server is"
    )]
    let Ok(url) = std::env::var("MEDIANEST_TEST_REDIS_URL") else {
        eprintln!("skipped: MEDIANEST_TEST_REDIS_URL is not set");
        return None;
    };
    let nanos = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let prefix = format!("test:{nanos}:{test}:");
    Some(shared_cache::connect(&url, &prefix).await.unwrap())
}

async fn eventually_gone(cache: &dyn Cache, key: &str) -> bool {
    let limit = Instant::now() + Duration::from_secs(5);
    while Instant::now() < limit {
        if cache.get(key).await.is_none() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

async fn values_are_kept_replaced_and_deleted(cache: Arc<dyn Cache>) {
    assert_eq!(cache.get("poster").await, None);

    cache.set("poster", &[0, 255, 10], MINUTE).await;
    assert_eq!(cache.get("poster").await, Some(vec![0, 255, 10]));

    cache.set("poster", b"", MINUTE).await;
    assert_eq!(cache.get("poster").await, Some(vec![]));

    cache.delete("poster").await;
    assert_eq!(cache.get("poster").await, None);
    cache.delete("poster").await;
}

async fn a_value_is_gone_after_its_time(cache: Arc<dyn Cache>) {
    cache.set("long", b"1", MINUTE).await;
    cache.set("long", b"2", Duration::from_millis(50)).await;
    cache.set("other", b"3", MINUTE).await;

    assert!(eventually_gone(&*cache, "long").await);
    assert_eq!(cache.get("other").await, Some(b"3".to_vec()));

    cache.set("other", b"4", Duration::ZERO).await;
    assert_eq!(cache.get("other").await, None);
    cache.delete("other").await;
}

async fn a_counter_counts_within_its_window(cache: Arc<dyn Cache>) {
    assert_eq!(cache.increment("logins", MINUTE).await.unwrap(), 1);
    assert_eq!(cache.increment("logins", MINUTE).await.unwrap(), 2);
    assert_eq!(cache.increment("others", MINUTE).await.unwrap(), 1);
}

async fn a_window_is_not_prolonged_by_later_increments(cache: Arc<dyn Cache>) {
    let window = Duration::from_millis(200);
    let limit = Instant::now() + Duration::from_secs(5);

    let mut highest = 0;
    let started_again = loop {
        let value = cache.increment("burst", window).await.unwrap();
        if value < highest {
            break value;
        }
        highest = value;
        assert!(Instant::now() < limit, "the window never ended");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };

    assert_eq!(started_again, 1);
}

async fn concurrent_increments_are_all_counted(cache: Arc<dyn Cache>) {
    let adding = (0..50).map(|_| {
        let cache = Arc::clone(&cache);
        async move { cache.increment("shared", MINUTE).await.unwrap() }
    });

    let mut seen = futures_util::future::join_all(adding).await;
    seen.sort_unstable();

    assert_eq!(seen, (1..=50).collect::<Vec<u64>>());
}

mod in_memory {
    use super::*;

    #[tokio::test]
    async fn values_are_kept_replaced_and_deleted() {
        super::values_are_kept_replaced_and_deleted(memory().await).await;
    }

    #[tokio::test]
    async fn a_value_is_gone_after_its_time() {
        super::a_value_is_gone_after_its_time(memory().await).await;
    }

    #[tokio::test]
    async fn a_counter_counts_within_its_window() {
        super::a_counter_counts_within_its_window(memory().await).await;
    }

    #[tokio::test]
    async fn a_window_is_not_prolonged_by_later_increments() {
        super::a_window_is_not_prolonged_by_later_increments(memory().await).await;
    }

    #[tokio::test]
    async fn concurrent_increments_are_all_counted() {
        super::concurrent_increments_are_all_counted(memory().await).await;
    }
}

mod in_redis {
    use super::*;

    #[tokio::test]
    async fn values_are_kept_replaced_and_deleted() {
        if let Some(cache) = redis("values").await {
            super::values_are_kept_replaced_and_deleted(cache).await;
        }
    }

    #[tokio::test]
    async fn a_value_is_gone_after_its_time() {
        if let Some(cache) = redis("ttl").await {
            super::a_value_is_gone_after_its_time(cache).await;
        }
    }

    #[tokio::test]
    async fn a_counter_counts_within_its_window() {
        if let Some(cache) = redis("counter").await {
            super::a_counter_counts_within_its_window(cache).await;
        }
    }

    #[tokio::test]
    async fn a_window_is_not_prolonged_by_later_increments() {
        if let Some(cache) = redis("window").await {
            super::a_window_is_not_prolonged_by_later_increments(cache).await;
        }
    }

    #[tokio::test]
    async fn concurrent_increments_are_all_counted() {
        if let Some(cache) = redis("concurrent").await {
            super::concurrent_increments_are_all_counted(cache).await;
        }
    }
}
