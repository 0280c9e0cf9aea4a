#![doc = include_str!("../README.md")]

mod app;
mod catalog;
mod config;
mod content;
mod deliveries;
mod error;
mod events;
mod ingest;
mod jobs;
mod kind;
mod normalize;
mod notify;
mod process;
mod retry;
mod routes;
mod sources;
mod store;
mod verify;
mod views;

pub use app::{MIGRATIONS, NAME, build};
pub use config::Config;
pub use routes::openapi;
