#![doc = include_str!("../README.md")]

mod app;
mod config;
mod credentials;
mod limits;
mod live;
mod pipeline;
mod routes;
mod upstreams;
mod web;

pub use app::{NAME, build};
pub use config::Config;
pub use routes::openapi;
