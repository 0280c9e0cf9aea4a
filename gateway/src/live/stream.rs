//! One browser's event stream (WHATWG server-sent events).

use std::{convert::Infallible, sync::Arc, time::Duration};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use serde_json::json;
use shared_types::event::Event;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

use super::{Viewer, hub::Seat};
use crate::{app::AppState, credentials::Shown};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the credential and the visible libraries are looked at again.
const RECHECK_EVERY: u32 = 4;

struct State {
    app: actix_web::web::Data<AppState>,
    viewer: Viewer,
    shown: Shown,
    events: Receiver<Arc<Event>>,
    backlog: Vec<Bytes>,
    heartbeat: tokio::time::Interval,
    beats: u32,
    stop: CancellationToken,
    _seat: Seat,
}

/// The stream's frames: `hello`, what was missed (or `resync`), then live events with a heartbeat.
pub(crate) fn stream(
    app: actix_web::web::Data<AppState>,
    viewer: Viewer,
    shown: Shown,
    last_event_id: Option<&str>,
    seat: Seat,
) -> impl Stream<Item = Result<Bytes, Infallible>> + 'static {
    let (events, missed) = app.hub.join(last_event_id);
    let hello = json!({"build": env!("CARGO_PKG_VERSION")});
    let mut backlog = vec![Bytes::from(format!(
        "retry: 2000\nevent: hello\ndata: {hello}\n\n"
    ))];
    match missed {
        Some(missed) => {
            backlog.extend(
                missed
                    .iter()
                    .filter(|event| viewer.may_see(event))
                    .map(|event| frame(event)),
            );
        }
        None => backlog.push(Bytes::from_static(b"event: resync\ndata: {}\n\n")),
    }
    backlog.reverse();
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = app.stop.clone();
    let state = State {
        app,
        viewer,
        shown,
        events,
        backlog,
        heartbeat,
        beats: 0,
        stop,
        _seat: seat,
    };
    stream::unfold(state, |mut state| async move {
        let bytes = state.next().await?;
        Some((Ok(bytes), state))
    })
}

impl State {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(bytes) = self.backlog.pop() {
            return Some(bytes);
        }
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Ok(_) if self.is_ended() => return None,
                    Ok(event) if self.viewer.may_see(&event) => return Some(frame(&event)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Some(Bytes::from_static(b"event: resync\ndata: {}\n\n")),
                    Err(RecvError::Closed) => return None,
                },
                _ = self.heartbeat.tick() => return self.beat().await,
                () = self.stop.cancelled() => return None,
            }
        }
    }

    fn is_ended(&self) -> bool {
        let session = self.viewer.caller.session_id;
        self.app
            .credentials
            .is_revoked(session, self.viewer.issued_at)
    }

    /// A heartbeat; now and then it asks whether the person may still listen, and to what.
    async fn beat(&mut self) -> Option<Bytes> {
        if self.is_ended() {
            return None;
        }
        self.beats += 1;
        if self.beats.is_multiple_of(RECHECK_EVERY) {
            let identity = self.app.credentials.resolve(&self.shown).await.ok()??;
            if let Some(libraries) = self.app.visible_libraries(&identity.token).await {
                self.viewer.libraries = libraries;
            }
            self.viewer.caller = identity.caller;
            self.viewer.issued_at = identity.issued_at;
        }
        Some(Bytes::from_static(b": heartbeat\n\n"))
    }
}

/// One event as a frame. Its JSON has no line breaks.
fn frame(event: &Event) -> Bytes {
    let data = serde_json::to_string(event).unwrap_or_default();
    Bytes::from(format!(
        "id: {}\nevent: {}\ndata: {data}\n\n",
        event.id, event.kind
    ))
}
