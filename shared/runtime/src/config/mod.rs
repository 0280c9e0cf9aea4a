//! Layered configuration: defaults, then a TOML file, then the environment.

mod common;
mod faults;
mod source;

pub use common::{
    BusConfig, CacheConfig, Common, CookieMode, DataConfig, DatabaseConfig, InternalConfig,
    LogConfig, LogFormat, SecurityConfig, ServerConfig, ServicesConfig, TelemetryConfig,
};
pub use faults::Faults;
pub use source::{SECTIONS, Source};

use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// One section of the configuration: a struct with defaults whose fields are the keys. The fields' doc comments become the
/// configuration reference.
pub trait Section: Default + Serialize + DeserializeOwned + ToSchema {
    /// Notes every value that cannot work, with what to do about it.
    fn validate(&self, _faults: &mut Faults) {}
}
