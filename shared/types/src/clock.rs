//! The time as a parameter, so that tests can move it.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

/// Where the current time comes from.
pub trait Clock: Send + Sync + Debug {
    /// The current time, truncated to microseconds: the precision that both databases keep.
    fn now(&self) -> DateTime<Utc>;
}
