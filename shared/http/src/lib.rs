#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod body;
mod caller;
mod context;
mod health;
mod outbound;
mod problem;
mod server;
mod token;

pub use body::{ValidJson, ValidQuery, parse_json};
pub use caller::{Caller, ServiceCaller};
pub use context::{current_request_id, new_request_id};
pub use health::Health;
pub use outbound::{
    Breaker, BreakerState, Outbound, OutboundError, OutboundOptions, Permit, Reply, RequestBuilder,
};
pub use problem::Problem;
pub use server::{ServerOptions, serve};
pub use token::{KeySource, ServiceTokens, TokenError, Verifier};
