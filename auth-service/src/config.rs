//! The `[auth]` section.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use shared_runtime::{Section, config::Faults};
use shared_types::access::ACCESS_TOKEN_SECONDS;
use url::Url;
use utoipa::ToSchema;

/// Least memory that a password hash may cost, in KiB (OWASP's argon2id row with one pass).
const MIN_PASSWORD_MEMORY_KIB: u32 = 47_104;

/// Settings of auth-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of plex.tv.
    pub plex_tv_url: String,
    /// Page where people approve a Plex sign-in.
    pub plex_auth_url: String,
    /// Seconds that a Plex sign-in may take.
    pub plex_pin_seconds: u32,
    /// Seconds that plex.tv's answer about a person's servers is used again.
    pub plex_access_cache_seconds: u32,
    /// Days without use after which a session ends.
    pub session_idle_days: u32,
    /// Days after which a session ends however much it is used.
    pub session_absolute_days: u32,
    /// Live sessions of one person; one more ends the oldest.
    pub max_sessions_per_user: u32,
    /// Life of an access token in seconds, at most 600.
    pub access_token_seconds: u32,
    /// Seconds in which a refresh token that was just used is forgiven once (a lost answer, two tabs at once).
    pub refresh_grace_seconds: u32,
    /// Days that an API key is valid unless its owner says otherwise.
    pub api_key_days: u32,
    /// Memory of a password hash in KiB.
    pub password_memory_kib: u32,
    /// Passes of a password hash over its memory.
    pub password_iterations: u32,
    /// Shortest password.
    pub password_min_length: u32,
    /// Failed sign-ins from one address within `address_window_seconds`.
    pub failures_per_address: u32,
    /// Window of `failures_per_address`.
    pub address_window_seconds: u32,
    /// Failed sign-ins for one account within `account_window_seconds`, from devices that never signed in to it.
    pub failures_per_account: u32,
    /// Window of `failures_per_account`.
    pub account_window_seconds: u32,
}

impl Default for Config {
    /// Five failures and then three a minute for an address; ten and then thirty an hour for an account.
    fn default() -> Self {
        Self {
            plex_tv_url: "https://plex.tv".into(),
            plex_auth_url: "https://app.plex.tv/auth".into(),
            plex_pin_seconds: 600,
            plex_access_cache_seconds: 600,
            session_idle_days: 30,
            session_absolute_days: 90,
            max_sessions_per_user: 50,
            access_token_seconds: 600,
            refresh_grace_seconds: 10,
            api_key_days: 90,
            password_memory_kib: MIN_PASSWORD_MEMORY_KIB,
            password_iterations: 1,
            password_min_length: 10,
            failures_per_address: 5,
            address_window_seconds: 100,
            failures_per_account: 10,
            account_window_seconds: 1200,
        }
    }
}

impl Config {
    /// How long a session lives without use.
    pub(crate) fn session_idle(&self) -> Duration {
        Duration::days(self.session_idle_days.into())
    }

    /// How long a session lives at most.
    pub(crate) fn session_absolute(&self) -> Duration {
        Duration::days(self.session_absolute_days.into())
    }

    /// For how long a repeated use of a refresh token can be forgiven.
    pub(crate) fn refresh_grace(&self) -> Duration {
        Duration::seconds(self.refresh_grace_seconds.into())
    }

    fn positive(&self) -> [(&'static str, u32); 11] {
        [
            ("auth.plex_pin_seconds", self.plex_pin_seconds),
            ("auth.session_idle_days", self.session_idle_days),
            ("auth.session_absolute_days", self.session_absolute_days),
            ("auth.max_sessions_per_user", self.max_sessions_per_user),
            ("auth.access_token_seconds", self.access_token_seconds),
            ("auth.api_key_days", self.api_key_days),
            ("auth.password_iterations", self.password_iterations),
            ("auth.failures_per_address", self.failures_per_address),
            ("auth.address_window_seconds", self.address_window_seconds),
            ("auth.failures_per_account", self.failures_per_account),
            ("auth.account_window_seconds", self.account_window_seconds),
        ]
    }
}

impl Section for Config {
    fn validate(&self, faults: &mut Faults) {
        for (key, url) in [
            ("auth.plex_tv_url", &self.plex_tv_url),
            ("auth.plex_auth_url", &self.plex_auth_url),
        ] {
            if !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
                faults.add(
                    key,
                    format!("`{url}` is not a web address such as `https://plex.tv`"),
                );
            }
        }
        for (key, _) in self.positive().iter().filter(|(_, value)| *value == 0) {
            faults.add(key, "must be at least 1");
        }
        if i64::from(self.access_token_seconds) > ACCESS_TOKEN_SECONDS {
            faults.add("auth.access_token_seconds", "must be at most 600");
        }
        if !(MIN_PASSWORD_MEMORY_KIB..=1_048_576).contains(&self.password_memory_kib) {
            faults.add(
                "auth.password_memory_kib",
                format!("must be between {MIN_PASSWORD_MEMORY_KIB} and 1048576"),
            );
        }
        if !(8..=64).contains(&self.password_min_length) {
            faults.add("auth.password_min_length", "must be between 8 and 64");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_weak_settings_are_refused() {
        let mut faults = Faults::default();
        Config::default().validate(&mut faults);
        assert!(faults.is_empty(), "{faults}");

        let weak = Config {
            access_token_seconds: 3600,
            password_memory_kib: 1024,
            failures_per_address: 0,
            plex_tv_url: "plex.tv".into(),
            ..Config::default()
        };
        weak.validate(&mut faults);
        assert_eq!(faults.lines().len(), 4, "{faults}");
    }
}
