//! The sections that every service reads.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::{Faults, Section, Source};
use crate::Secret;

/// Settings that all services share.
#[derive(Debug, Clone, Default)]
pub struct Common {
    /// `[server]`
    pub server: ServerConfig,
    /// `[data]`
    pub data: DataConfig,
    /// `[database]`
    pub database: DatabaseConfig,
    /// `[bus]`
    pub bus: BusConfig,
    /// `[cache]`
    pub cache: CacheConfig,
    /// `[services]`
    pub services: ServicesConfig,
    /// `[internal]`
    pub internal: InternalConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[telemetry]`
    pub telemetry: TelemetryConfig,
    /// `[security]`
    pub security: SecurityConfig,
}

impl Common {
    pub(super) fn load(source: &mut Source) -> Self {
        Self {
            server: source.section("server"),
            data: source.section("data"),
            database: source.section("database"),
            bus: source.section("bus"),
            cache: source.section("cache"),
            services: source.section("services"),
            internal: source.section("internal"),
            log: source.section("log"),
            telemetry: source.section("telemetry"),
            security: source.section("security"),
        }
    }

    /// The database URL of one service: its own file in the data directory, or the shared PostgreSQL.
    pub fn database_url(&self, service: &str) -> String {
        match self.database.url.expose() {
            "sqlite:" => format!(
                "sqlite:{}",
                self.data.dir.join(format!("{service}.db")).display()
            ),
            url => url.to_owned(),
        }
    }
}

/// `[server]`: where the process listens.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address of the HTTP listener.
    pub bind: String,
    /// Address of the Prometheus listener; empty turns it off.
    pub metrics_bind: String,
    /// HTTP worker threads; 0 means one per processor core.
    pub workers: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8484".into(),
            metrics_bind: "127.0.0.1:9464".into(),
            workers: 0,
        }
    }
}

impl Section for ServerConfig {
    fn validate(&self, faults: &mut Faults) {
        for (key, value) in [
            ("server.bind", &self.bind),
            ("server.metrics_bind", &self.metrics_bind),
        ] {
            let optional = key == "server.metrics_bind" && value.is_empty();
            if !optional && value.parse::<SocketAddr>().is_err() {
                faults.add(
                    key,
                    format!("`{value}` is not an address and port such as `127.0.0.1:8484`"),
                );
            }
        }
    }
}

/// `[data]`: where the process keeps its files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// Databases, generated secrets and caches.
    #[schema(value_type = String)]
    pub dir: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            dir: ".medianest/data".into(),
        }
    }
}

impl Section for DataConfig {}

/// `[database]`: SQLite files or one PostgreSQL.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:` (one file per service in the data directory) or `postgres://…` (one schema per service).
    pub url: Secret,
    /// Connections per service.
    pub max_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: Secret::new("sqlite:"),
            max_connections: 4,
        }
    }
}

impl Section for DatabaseConfig {
    fn validate(&self, faults: &mut Faults) {
        let url = self.url.expose();
        if url != "sqlite:" && !url.starts_with("postgres://") && !url.starts_with("postgresql://")
        {
            faults.add(
                "database.url",
                "must be `sqlite:` or start with `postgres://`",
            );
        }
        if !(1..=200).contains(&self.max_connections) {
            faults.add("database.max_connections", "must be between 1 and 200");
        }
    }
}

/// `[bus]`: how events travel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BusConfig {
    /// `local:` (inside the `medianest` binary) or `amqp://…`.
    pub url: Secret,
    /// Prefix of exchanges and queues, so that several installations can share a broker.
    pub prefix: String,
}

impl Default for BusConfig {
    fn default() -> Self {
        Self {
            url: Secret::new("local:"),
            prefix: "medianest.".into(),
        }
    }
}

impl Section for BusConfig {
    fn validate(&self, faults: &mut Faults) {
        let url = self.url.expose();
        if url != "local:" && !url.starts_with("amqp://") && !url.starts_with("amqps://") {
            faults.add("bus.url", "must be `local:` or start with `amqp://`");
        }
    }
}

/// `[cache]`: first-level only, or shared by replicas.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// `memory:` or `redis://…`.
    pub url: Secret,
    /// Prefix of keys.
    pub prefix: String,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            url: Secret::new("memory:"),
            prefix: "medianest:".into(),
        }
    }
}

impl Section for CacheConfig {
    fn validate(&self, faults: &mut Faults) {
        let url = self.url.expose();
        if url != "memory:" && !url.starts_with("redis://") && !url.starts_with("rediss://") {
            faults.add("cache.url", "must be `memory:` or start with `redis://`");
        }
    }
}

/// `[services]`: where the services listen when each is its own process.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServicesConfig {
    /// auth-service
    pub auth_url: Option<String>,
    /// plex-service
    pub plex_url: Option<String>,
    /// download-service
    pub download_url: Option<String>,
    /// webhook-service
    pub webhook_url: Option<String>,
}

impl ServicesConfig {
    fn all(&self) -> [(&'static str, Option<&str>); 4] {
        [
            ("services.auth_url", self.auth_url.as_deref()),
            ("services.plex_url", self.plex_url.as_deref()),
            ("services.download_url", self.download_url.as_deref()),
            ("services.webhook_url", self.webhook_url.as_deref()),
        ]
    }
}

impl Section for ServicesConfig {
    fn validate(&self, faults: &mut Faults) {
        for (key, url) in self.all() {
            if let Some(url) = url.filter(|url| !is_http_url(url)) {
                faults.add(
                    key,
                    format!("`{url}` is not an http address such as `http://auth-service:8080`"),
                );
            }
        }
    }
}

/// `[internal]`: trust between the services.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InternalConfig {
    /// Shared by all services: proves to auth-service that a caller is one of them. Generated in the embedded shape.
    pub secret: Option<Secret>,
}

impl Section for InternalConfig {
    fn validate(&self, faults: &mut Faults) {
        if self
            .secret
            .as_ref()
            .is_some_and(|secret| secret.expose().len() < 32)
        {
            faults.add(
                "internal.secret",
                "must have at least 32 characters; `openssl rand -hex 32` makes one",
            );
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For log collectors.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// A level or a filter such as `info,plex_service=debug`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Pretty,
            level: "info,lapin=warn,actix_server=warn".into(),
        }
    }
}

impl Section for LogConfig {}

/// `[telemetry]`
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Base address of an OTLP/HTTP collector, such as `http://otel-collector:4318`; absent means no export.
    pub otlp_endpoint: Option<String>,
}

impl Section for TelemetryConfig {
    fn validate(&self, faults: &mut Faults) {
        if self
            .otlp_endpoint
            .as_deref()
            .is_some_and(|url| !is_http_url(url))
        {
            faults.add(
                "telemetry.otlp_endpoint",
                "must be an http address such as `http://otel-collector:4318`",
            );
        }
    }
}

/// Which session cookie browsers get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CookieMode {
    /// `__Host-mn_session`, https only.
    Secure,
    /// `mn_session`, for plain http in a trusted network.
    Lan,
}

/// `[security]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityConfig {
    /// The address that people open, without a path.
    pub public_url: String,
    /// `secure` or `lan`.
    pub cookie_mode: CookieMode,
    /// Networks of reverse proxies whose `X-Forwarded-For` is believed, such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<String>,
    /// 64 hexadecimal digits that encrypt stored secrets. Generated in the embedded shape.
    pub encryption_key: Option<Secret>,
    /// Seconds that a setup secret is valid.
    pub setup_secret_ttl_seconds: u64,
}

impl Default for SecurityConfig {
    fn default() -> Self {
        Self {
            public_url: "https://localhost:8484".into(),
            cookie_mode: CookieMode::Secure,
            trusted_proxies: Vec::new(),
            encryption_key: None,
            setup_secret_ttl_seconds: 3600,
        }
    }
}

impl Section for SecurityConfig {
    fn validate(&self, faults: &mut Faults) {
        if !is_http_url(&self.public_url) {
            faults.add(
                "security.public_url",
                "must be the address that people open, such as `https://media.example.org`",
            );
        } else if self.public_url.starts_with("http://") && self.cookie_mode == CookieMode::Secure {
            faults.add(
                "security.cookie_mode",
                "`security.public_url` is plain http, where browsers refuse secure cookies: use https, or set `lan` if you trust this network",
            );
        }
        let key = self.encryption_key.as_ref();
        if key.is_some_and(|key| crate::Sealer::new(key).is_err()) {
            faults.add(
                "security.encryption_key",
                "must be 64 hexadecimal digits; `openssl rand -hex 32` makes them",
            );
        }
    }
}

fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
