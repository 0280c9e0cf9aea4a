//! auth-service over real HTTP.

mod api_keys;
mod internal;
mod migrations;
mod password;
mod plex;
mod rig;
mod secrets;
mod sessions;
mod setup;
mod tokens;
mod users;
