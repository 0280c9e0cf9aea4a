//! Tokens: verifying them with auth-service's keys, and getting service tokens.

mod keys;
mod service;
mod verify;

pub use keys::KeySource;
pub use service::ServiceTokens;
pub use verify::{TokenError, Verifier};
