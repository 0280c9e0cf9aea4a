#![doc = include_str!("../README.md")]

mod app;
mod config;
mod error;
mod routes;

mod api_keys;
mod audit;
mod events;
mod issuer;
mod jobs;
mod opaque;
mod origin;
mod password;
mod people;
mod plex_servers;
mod plex_sign_in;
mod refresh;
mod sessions;
mod setup;
mod sign_in;
mod throttle;
mod username;

mod plextv;
mod store;

pub use app::{MIGRATIONS, NAME, build};
pub use config::Config;
pub use error::{Error, InvalidField};
pub use routes::openapi;
