//! Hears every event once per replica and keeps the last ones for streams that come back.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use shared_types::{
    bus::Bus,
    event::{Event, SessionRevoked},
    ids::UserId,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::credentials::Credentials;

/// Events kept for resuming.
const KEPT: usize = 2048;
/// Events that a slow stream may lag behind before it is told to resynchronize.
const BUFFER: usize = 512;

/// The replica's event hub.
pub(crate) struct Hub {
    live: broadcast::Sender<Arc<Event>>,
    recent: Mutex<VecDeque<Arc<Event>>>,
    streams: Mutex<HashMap<UserId, usize>>,
}

/// A place in the count of a person's streams.
pub(crate) struct Seat {
    hub: Arc<Hub>,
    user: UserId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut streams = self
            .hub
            .streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = streams.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                streams.remove(&self.user);
            }
        }
    }
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            live: broadcast::channel(BUFFER).0,
            recent: Mutex::default(),
            streams: Mutex::default(),
        }
    }

    /// Takes a seat unless the person has `limit` streams already.
    pub(crate) fn take_seat(self: &Arc<Self>, user: UserId, limit: usize) -> Option<Seat> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let count = streams.entry(user).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(Seat {
            hub: Arc::clone(self),
            user,
        })
    }

    /// Live events from now on, and what came after `last`; `None` when `last` is too old to continue from.
    pub(crate) fn join(
        &self,
        last: Option<&str>,
    ) -> (broadcast::Receiver<Arc<Event>>, Option<Vec<Arc<Event>>>) {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.live.subscribe();
        let Some(last) = last else {
            return (receiver, Some(Vec::new()));
        };
        let position = recent.iter().position(|event| event.id.to_string() == last);
        let missed = position.map(|at| recent.iter().skip(at + 1).cloned().collect());
        (receiver, missed)
    }

    fn tell(&self, event: Event) {
        let event = Arc::new(event);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back(Arc::clone(&event));
        let _listeners = self.live.send(event);
    }

    /// Listens to the bus until `stop`, reconnecting when the tap ends.
    pub(crate) async fn run(
        self: Arc<Self>,
        bus: Arc<dyn Bus>,
        credentials: Arc<Credentials>,
        stop: CancellationToken,
    ) {
        while !stop.is_cancelled() {
            match bus.tap(&["#"]).await {
                Ok(mut events) => loop {
                    let event = tokio::select! {
                        event = events.next() => event,
                        () = stop.cancelled() => return,
                    };
                    let Some(event) = event else { break };
                    if let Ok(revoked) = event.fact::<SessionRevoked>()
                        && event.routing_key() == "session.revoked.v1"
                    {
                        credentials.revoke(revoked.session_id, event.time.timestamp());
                    }
                    self.tell(event);
                },
                Err(err) => warn!("The gateway cannot hear events: {err}"),
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}
