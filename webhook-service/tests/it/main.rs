//! The service over real HTTP, with its own database and stand-ins for its neighbors.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests report by panicking and say what they skip"
)]

mod conformance;
mod deliveries;
mod durability;
mod ingest;
mod notifications;
mod sources;
mod support;
