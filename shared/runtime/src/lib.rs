#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod clock;
pub mod config;
mod parts;
mod process;
mod sealer;
mod secret;
mod secrets;
mod supervisor;
pub mod telemetry;

pub use clock::SystemClock;
pub use config::{Common, Section, Source};
pub use parts::{Building, Parts, ServiceUrls, Serving};
pub use process::{Definition, health_check, run_service, shutdown_signal};
pub use sealer::{SealError, Sealer};
pub use secret::Secret;
pub use secrets::{load_or_create, random_token};
pub use supervisor::Supervisor;
