//! A circuit breaker on `failsafe`'s state machine that admits one probe at a time when half open.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use failsafe::{Config, Instrument, StateMachine, backoff, failure_policy};

/// Whether calls go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// They do.
    Closed,
    /// One probe does.
    HalfOpen,
    /// None does for a while.
    Open,
}

impl BreakerState {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: AtomicU8,
    is_probing: AtomicBool,
}

#[derive(Debug, Clone)]
struct Watch {
    name: Arc<str>,
    shared: Arc<Shared>,
}

impl Watch {
    fn set(&self, state: BreakerState) {
        self.shared.state.store(state as u8, Ordering::Release);
        metrics::gauge!("medianest_breaker_state", "upstream" => self.name.to_string())
            .set(state as u8);
    }
}

impl Instrument for Watch {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        tracing::warn!("The circuit breaker of `{}` opened", self.name);
        self.set(BreakerState::Open);
    }

    fn on_half_open(&self) {
        self.set(BreakerState::HalfOpen);
    }

    fn on_closed(&self) {
        self.set(BreakerState::Closed);
    }
}

type Machine =
    StateMachine<failure_policy::ConsecutiveFailures<std::iter::Repeat<Duration>>, Watch>;

/// Opens after five failures in a row and probes every ten seconds.
pub struct Breaker {
    machine: Machine,
    shared: Arc<Shared>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}

/// The right to make one call. Dropping it without a verdict (a cancelled request) counts as nothing.
#[derive(Debug)]
pub struct Permit<'b> {
    breaker: &'b Breaker,
    is_probe: bool,
}

impl Breaker {
    /// A closed breaker; `name` is the upstream in logs and metrics.
    pub fn new(name: &str) -> Self {
        let shared = Arc::new(Shared::default());
        let watch = Watch {
            name: name.into(),
            shared: Arc::clone(&shared),
        };
        let policy =
            failure_policy::consecutive_failures(5, backoff::constant(Duration::from_secs(10)));
        let machine = Config::new()
            .failure_policy(policy)
            .instrument(watch)
            .build();
        Self { machine, shared }
    }

    /// The current state.
    pub fn state(&self) -> BreakerState {
        match self.shared.state.load(Ordering::Acquire) {
            0 => BreakerState::Closed,
            1 => BreakerState::HalfOpen,
            _ => BreakerState::Open,
        }
    }

    /// Asks for a call; `None` means fail at once.
    pub fn permit(&self) -> Option<Permit<'_>> {
        if !self.machine.is_call_permitted() {
            return None;
        }
        let is_probe = self.state() == BreakerState::HalfOpen;
        if is_probe && self.shared.is_probing.swap(true, Ordering::AcqRel) {
            return None;
        }
        Some(Permit {
            breaker: self,
            is_probe,
        })
    }
}

impl Permit<'_> {
    /// The upstream answered sensibly (also with 4xx).
    pub fn succeeded(self) {
        self.breaker.machine.on_success();
    }

    /// It did not answer, or with a server error.
    pub fn failed(self) {
        self.breaker.machine.on_error();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker
                .shared
                .is_probing
                .store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_open_it_and_a_success_resets_the_count() {
        let breaker = Breaker::new("test");
        for _ in 0..4 {
            breaker.permit().expect("closed").failed();
        }
        breaker.permit().expect("closed").succeeded();
        for _ in 0..5 {
            assert_eq!(breaker.state(), BreakerState::Closed);
            breaker.permit().expect("closed").failed();
        }
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.permit().is_none());
    }
}
