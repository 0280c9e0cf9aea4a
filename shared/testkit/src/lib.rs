#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test helper reports by panicking, reads test settings and makes its own clients"
)]

mod client;
mod clock;
mod database;
mod eventually;
pub mod media;
mod neighbors;
mod world;

pub use client::{Client, TestResponse};
pub use clock::TestClock;
pub use eventually::{eventually, eventually_within, setting};
pub use neighbors::{Forgery, INTERNAL_SECRET, Neighbors, SeenRequest};
pub use world::{Running, TestWorld};
