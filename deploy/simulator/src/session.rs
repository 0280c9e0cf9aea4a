//! What is being played: the web hook events `media.*` move these along.

use std::sync::Mutex;

use crate::catalog::ItemId;

/// Something being played by the owner.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) key: u64,
    pub(crate) item: ItemId,
    /// `playing` or `paused`.
    pub(crate) state: &'static str,
}

/// The running playbacks of a server.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    started: u64,
    running: Vec<Session>,
}

impl Sessions {
    pub(crate) fn list(&self) -> Vec<Session> {
        self.0
            .lock()
            .expect("no panic while locked")
            .running
            .clone()
    }

    pub(crate) fn apply(&self, event: &str, item: ItemId) {
        let playing = match event {
            "media.play" | "media.resume" | "playback.started" => Some("playing"),
            "media.pause" => Some("paused"),
            "media.stop" => None,
            _ => return,
        };
        let mut state = self.0.lock().expect("no panic while locked");
        state.running.retain(|session| session.item != item);
        if let Some(playing) = playing {
            state.started += 1;
            let session = Session {
                key: state.started,
                item,
                state: playing,
            };
            state.running.push(session);
        }
    }
}
