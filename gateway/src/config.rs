//! `[gateway]`: limits and time-outs of the public door.

use serde::{Deserialize, Serialize};
use shared_runtime::{Section, config::Faults};
use utoipa::ToSchema;

/// Settings of the gateway.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Requests a minute that a signed-in person may sustain.
    pub user_per_minute: u32,
    /// Requests that a signed-in person may send at once.
    pub user_burst: u32,
    /// Requests a minute for everything from one address that is not signed in.
    pub anonymous_per_minute: u32,
    /// Requests at once from one address that is not signed in.
    pub anonymous_burst: u32,
    /// Sign-in attempts a minute from one address.
    pub sign_in_per_minute: u32,
    /// Sign-in attempts at once from one address.
    pub sign_in_burst: u32,
    /// Images a minute for one person.
    pub image_per_minute: u32,
    /// Images at once for one person.
    pub image_burst: u32,
    /// Webhooks a minute from one address.
    pub hook_per_minute: u32,
    /// Webhooks at once from one address.
    pub hook_burst: u32,
    /// Session cookies and API keys a minute from one address that are not known yet or were not used for some seconds.
    pub exchange_per_minute: u32,
    /// The same, at once.
    pub exchange_burst: u32,
    /// Largest body of an API request, in bytes.
    pub max_body_bytes: usize,
    /// Largest body of a webhook, in bytes.
    pub max_hook_body_bytes: usize,
    /// Seconds to wait for the first byte of a service's answer.
    pub upstream_timeout_seconds: u64,
    /// Bodies of requests that are held in memory at the same time, in bytes, by everybody together.
    pub body_memory_bytes: usize,
    /// Event streams that one person may have open on one replica.
    pub streams_per_user: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user_per_minute: 100,
            user_burst: 300,
            anonymous_per_minute: 60,
            anonymous_burst: 120,
            sign_in_per_minute: 30,
            sign_in_burst: 30,
            image_per_minute: 1200,
            image_burst: 1200,
            hook_per_minute: 3000,
            hook_burst: 1000,
            exchange_per_minute: 240,
            exchange_burst: 240,
            max_body_bytes: 1024 * 1024,
            max_hook_body_bytes: 4 * 1024 * 1024,
            upstream_timeout_seconds: 60,
            body_memory_bytes: 256 * 1024 * 1024,
            streams_per_user: 10,
        }
    }
}

impl Section for Config {
    fn validate(&self, faults: &mut Faults) {
        let rates = [
            ("gateway.user_per_minute", self.user_per_minute),
            ("gateway.user_burst", self.user_burst),
            ("gateway.anonymous_per_minute", self.anonymous_per_minute),
            ("gateway.anonymous_burst", self.anonymous_burst),
            ("gateway.sign_in_per_minute", self.sign_in_per_minute),
            ("gateway.sign_in_burst", self.sign_in_burst),
            ("gateway.image_per_minute", self.image_per_minute),
            ("gateway.image_burst", self.image_burst),
            ("gateway.hook_per_minute", self.hook_per_minute),
            ("gateway.hook_burst", self.hook_burst),
            ("gateway.exchange_per_minute", self.exchange_per_minute),
            ("gateway.exchange_burst", self.exchange_burst),
        ];
        for (key, rate) in rates {
            if rate == 0 {
                faults.add(
                    key,
                    "must be at least 1; there is no way to turn a limit off",
                );
            }
        }
    }
}
