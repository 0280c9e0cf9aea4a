#![doc = include_str!("../README.md")]

mod app;
mod config;
mod error;

mod routes;
mod views;

mod collections;
mod handover;
mod images;
mod items;
mod search;
mod servers;
mod sync;
mod visibility;

mod events;
mod jobs;

mod plex;
mod store;

pub use app::{MIGRATIONS, NAME, build};
pub use config::Config;
pub use routes::openapi;

use error::Error;
