//! Request limits: one class per kind of route, one bucket per person or address, GCRA by `governor`.
//! Buckets live in this process; a replica more means a bucket more.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
};

use crate::Config;

/// What a request counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// A signed-in person's API request.
    User,
    /// Anything from an address that is not signed in.
    Anonymous,
    /// Attempts to sign in.
    SignIn,
    /// Posters and other images.
    Image,
    /// Webhooks.
    Hook,
    /// Sessions and keys that have to be asked for at auth-service.
    Exchange,
}

impl Class {
    const ALL: [Self; 6] = [
        Self::Exchange,
        Self::User,
        Self::Anonymous,
        Self::SignIn,
        Self::Image,
        Self::Hook,
    ];

    /// Name in headers and in `GET /me/limits`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Anonymous => "anonymous",
            Self::SignIn => "sign-in",
            Self::Image => "image",
            Self::Hook => "hook",
            Self::Exchange => "exchange",
        }
    }

    const fn rates(self, config: &Config) -> (u32, u32) {
        match self {
            Self::User => (config.user_per_minute, config.user_burst),
            Self::Anonymous => (config.anonymous_per_minute, config.anonymous_burst),
            Self::SignIn => (config.sign_in_per_minute, config.sign_in_burst),
            Self::Image => (config.image_per_minute, config.image_burst),
            Self::Hook => (config.hook_per_minute, config.hook_burst),
            Self::Exchange => (config.exchange_per_minute, config.exchange_burst),
        }
    }
}

type Limiter = RateLimiter<
    String,
    governor::state::keyed::DefaultKeyedStateStore<String>,
    DefaultClock,
    StateInformationMiddleware,
>;

/// The verdict on one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Which class it counted against.
    pub(crate) class: &'static str,
    /// Requests at once.
    pub(crate) burst: u32,
    /// Requests a minute.
    pub(crate) per_minute: u32,
    /// Requests left right now.
    pub(crate) remaining: u32,
    /// Seconds until it may try again; only when refused.
    pub(crate) retry_after: Option<u64>,
}

struct Bucket {
    limiter: Limiter,
    per_minute: u32,
    burst: u32,
}

/// All limits of this replica.
pub(crate) struct Limits {
    buckets: HashMap<Class, Bucket>,
    /// Last known remainder per class and key, to show without spending.
    seen: Mutex<HashMap<(Class, String), (u32, Instant)>>,
}

impl Limits {
    pub(crate) fn new(config: &Config) -> Self {
        let bucket = |class: Class| {
            let (per_minute, burst) = class.rates(config);
            let at_least_one = |value: u32| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
            let quota =
                Quota::per_minute(at_least_one(per_minute)).allow_burst(at_least_one(burst));
            let limiter = RateLimiter::keyed(quota).with_middleware();
            (
                class,
                Bucket {
                    limiter,
                    per_minute,
                    burst,
                },
            )
        };
        Self {
            buckets: Class::ALL.into_iter().map(bucket).collect(),
            seen: Mutex::default(),
        }
    }

    /// Spends one request of `key` in `class`.
    pub(crate) fn spend(&self, class: Class, key: &str) -> Verdict {
        let bucket = &self.buckets[&class];
        let (remaining, retry_after) = match bucket.limiter.check_key(&key.to_owned()) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), None),
            Err(refusal) => {
                let wait = refusal.wait_time_from(DefaultClock::default().now());
                (0, Some(whole_seconds(wait)))
            }
        };
        let decision = if retry_after.is_some() {
            "refused"
        } else {
            "allowed"
        };
        metrics::counter!("medianest_limit_decisions_total", "policy" => class.as_str(), "decision" => decision)
            .increment(1);
        self.lock_seen()
            .insert((class, key.to_owned()), (remaining, Instant::now()));
        Verdict {
            class: class.as_str(),
            burst: bucket.burst,
            per_minute: bucket.per_minute,
            remaining,
            retry_after,
        }
    }

    /// What is left of `key` in `class`, without spending.
    pub(crate) fn look(&self, class: Class, key: &str) -> Verdict {
        let bucket = &self.buckets[&class];
        let seen = self.lock_seen().get(&(class, key.to_owned())).copied();
        let remaining = seen.map_or(bucket.burst, |(left, at)| {
            let refilled = at.elapsed().as_millis() * u128::from(bucket.per_minute) / 60_000;
            let refilled = u32::try_from(refilled).unwrap_or(u32::MAX);
            left.saturating_add(refilled).min(bucket.burst)
        });
        Verdict {
            class: class.as_str(),
            burst: bucket.burst,
            per_minute: bucket.per_minute,
            remaining,
            retry_after: None,
        }
    }

    /// Forgets buckets that are full again; call it from a timer.
    pub(crate) fn prune(&self) {
        for bucket in self.buckets.values() {
            bucket.limiter.retain_recent();
        }
        let mut longest = Duration::ZERO;
        for bucket in self.buckets.values() {
            let refill = f64::from(bucket.burst) * 60.0 / f64::from(bucket.per_minute.max(1));
            longest = longest.max(Duration::from_secs_f64(refill));
        }
        self.lock_seen().retain(|_, (_, at)| at.elapsed() < longest);
    }

    fn lock_seen(&self) -> std::sync::MutexGuard<'_, HashMap<(Class, String), (u32, Instant)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At least one, rounded up: a client that waits this long is not refused again.
fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000))
        .unwrap_or(u64::MAX)
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_wait_is_told() {
        let config = Config {
            user_per_minute: 60,
            user_burst: 3,
            ..Config::default()
        };
        let limits = Limits::new(&config);
        let left: Vec<_> = (0..3)
            .map(|_| limits.spend(Class::User, "alice").remaining)
            .collect();
        assert_eq!(left, [2, 1, 0]);
        assert_eq!(limits.spend(Class::User, "alice").retry_after, Some(1));
        assert_eq!(limits.spend(Class::User, "bob").retry_after, None);
        assert_eq!(limits.look(Class::User, "carol").remaining, 3);
    }
}
