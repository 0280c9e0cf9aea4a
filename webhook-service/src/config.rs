//! The `[webhook]` section.

use serde::{Deserialize, Serialize};
use shared_runtime::{Section, config::Faults};
use utoipa::ToSchema;

/// `[webhook]`: the inbox.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Largest body of a delivery, in bytes.
    pub max_body_bytes: usize,
    /// Largest body of a delivery from Plex, which sends a picture along, in bytes.
    pub max_plex_body_bytes: usize,
    /// Seconds that a sender may take to send its body.
    pub body_timeout_seconds: u64,
    /// Deliveries per second that one source may send for long.
    pub rate_per_second: u32,
    /// Deliveries that one source may send at once.
    pub rate_burst: u32,
    /// Milliseconds before the first retry of a delivery that could not be processed; the later ones follow in the same proportion as 1 s, 5 s, 30 s, 2 min, … 12 h.
    pub retry_base_ms: u64,
    /// Days that the bytes of a delivery are kept.
    pub body_retention_days: u32,
    /// Days that a delivery and its events are listed. Dead ones stay.
    pub retention_days: u32,
    /// Most bytes that wait on disk while the database is away.
    pub spool_bytes: u64,
    /// Milliseconds after which storing goes to disk instead of waiting for the database.
    pub store_timeout_ms: u64,
    /// Hours that the previous secret of a source works after a rotation.
    pub rotation_overlap_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            max_plex_body_bytes: 4 * 1024 * 1024,
            body_timeout_seconds: 10,
            rate_per_second: 50,
            rate_burst: 200,
            retry_base_ms: 1000,
            body_retention_days: 30,
            retention_days: 90,
            spool_bytes: 256 * 1024 * 1024,
            store_timeout_ms: 2000,
            rotation_overlap_hours: 24,
        }
    }
}

impl Section for Config {
    fn validate(&self, faults: &mut Faults) {
        const LARGEST: usize = 32 * 1024 * 1024;
        for (key, value) in [
            ("webhook.max_body_bytes", self.max_body_bytes),
            ("webhook.max_plex_body_bytes", self.max_plex_body_bytes),
        ] {
            if !(1024..=LARGEST).contains(&value) {
                faults.add(key, format!("must be between 1024 and {LARGEST} bytes"));
            }
        }
        for (key, value) in [
            ("webhook.body_timeout_seconds", self.body_timeout_seconds),
            ("webhook.rate_per_second", self.rate_per_second.into()),
            ("webhook.rate_burst", self.rate_burst.into()),
            ("webhook.retry_base_ms", self.retry_base_ms),
            (
                "webhook.body_retention_days",
                self.body_retention_days.into(),
            ),
            ("webhook.store_timeout_ms", self.store_timeout_ms),
        ] {
            if value == 0 {
                faults.add(key, "must be at least 1");
            }
        }
        if self.retention_days < self.body_retention_days {
            faults.add(
                "webhook.retention_days",
                "must not be less than `webhook.body_retention_days`",
            );
        }
    }
}
