//! Calls to other programs: a pooled client with time-outs, a circuit breaker, a body cap, trace headers and metrics.

mod breaker;
mod client;

pub use breaker::{Breaker, BreakerState, Permit};
pub use client::{Outbound, OutboundError, OutboundOptions, Reply, RequestBuilder};
