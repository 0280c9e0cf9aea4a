#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test helper reports by panicking, starts processes and makes its own clients"
)]

mod deployment;
mod house;
mod process;
mod sse;

pub use deployment::{Deployment, Shape};
pub use house::{House, Person};
pub use process::Process;
pub use sse::EventLog;
