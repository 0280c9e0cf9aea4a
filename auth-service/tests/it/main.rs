//! auth-service over real HTTP.

mod api_keys;
mod audit;
mod internal;
mod migrations;
mod openapi;
mod password;
mod plex;
mod rig;
mod secrets;
mod sessions;
mod setup;
mod tokens;
mod users;
