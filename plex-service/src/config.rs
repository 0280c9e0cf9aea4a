//! The section `[plex]`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared_runtime::{Section, config::Faults};
use utoipa::ToSchema;

/// Settings of plex-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seconds between two full syncs of a server.
    pub sync_interval_seconds: u64,
    /// Seconds between two checks whether a server answers.
    pub check_interval_seconds: u64,
    /// Seconds that Plex's answer about what a person may see is used.
    pub access_ttl_seconds: u64,
    /// Seconds that it is used when Plex cannot be asked again.
    pub access_stale_seconds: u64,
    /// Milliseconds between a webhook's hint that something is new and the look at it; hints in between count as one.
    pub hint_delay_ms: u64,
    /// Milliseconds until Plex is asked again for a downloaded file; doubles each time.
    pub handover_retry_ms: u64,
    /// Most milliseconds between two such questions.
    pub handover_retry_max_ms: u64,
    /// Seconds after an accepted scan until a file that Plex does not show counts as failed.
    pub handover_give_up_seconds: u64,
    /// Most bytes of resized pictures on disk.
    pub image_cache_bytes: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sync_interval_seconds: 900,
            check_interval_seconds: 30,
            access_ttl_seconds: 600,
            access_stale_seconds: 86_400,
            hint_delay_ms: 5_000,
            handover_retry_ms: 1_000,
            handover_retry_max_ms: 30_000,
            handover_give_up_seconds: 3_600,
            image_cache_bytes: 512 * 1024 * 1024,
        }
    }
}

impl Config {
    pub(crate) fn hint_delay(&self) -> Duration {
        Duration::from_millis(self.hint_delay_ms)
    }

    pub(crate) fn check_interval(&self) -> Duration {
        Duration::from_secs(self.check_interval_seconds)
    }

    pub(crate) fn handover_give_up(&self) -> Duration {
        Duration::from_secs(self.handover_give_up_seconds)
    }

    /// The pause before the next question for a file, after `attempts` of them.
    pub(crate) fn handover_pause(&self, attempts: i32) -> Duration {
        let doublings = u32::try_from(attempts).unwrap_or(0).min(16);
        let pause = self.handover_retry_ms.saturating_mul(1 << doublings);
        Duration::from_millis(pause.min(self.handover_retry_max_ms))
    }
}

impl Section for Config {
    fn validate(&self, faults: &mut Faults) {
        for (key, value) in [
            ("plex.sync_interval_seconds", self.sync_interval_seconds),
            ("plex.check_interval_seconds", self.check_interval_seconds),
            ("plex.access_ttl_seconds", self.access_ttl_seconds),
            ("plex.handover_retry_ms", self.handover_retry_ms),
            ("plex.handover_retry_max_ms", self.handover_retry_max_ms),
            (
                "plex.handover_give_up_seconds",
                self.handover_give_up_seconds,
            ),
        ] {
            if value == 0 {
                faults.add(key, "must be at least 1");
            }
        }
        if self.access_stale_seconds < self.access_ttl_seconds {
            faults.add(
                "plex.access_stale_seconds",
                "must not be less than `plex.access_ttl_seconds`",
            );
        }
        if self.image_cache_bytes < 1024 * 1024 {
            faults.add("plex.image_cache_bytes", "must be at least 1048576 (1 MiB)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        let config = Config::default();
        let pauses: Vec<_> = [0, 1, 4, 5, 60]
            .map(|attempts| config.handover_pause(attempts).as_millis())
            .to_vec();
        assert_eq!(pauses, [1_000, 2_000, 16_000, 30_000, 30_000]);
    }
}
