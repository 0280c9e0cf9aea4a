#![doc = include_str!("../README.md")]

mod app;
mod config;
mod downloads;
mod egress;
mod error;
mod events;
mod fairness;
mod jobs;
mod library;
mod link;
mod preset;
mod quota;
mod routes;
mod state;
mod store;
mod views;
mod ytdlp;

pub use app::{MIGRATIONS, NAME, build};
pub use config::{Config, Quotas};
pub use routes::openapi;
pub use ytdlp::tools::missing_tools;
