#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod access;
pub mod bus;
pub mod cache;
mod clock;
pub mod event;
pub mod ids;
pub mod internal;
pub mod page;
pub mod problem;

pub use clock::Clock;
