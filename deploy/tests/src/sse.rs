//! A browser's event stream, recorded.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use serde_json::Value;
use tokio::task::JoinHandle;

/// Everything that one person was told, oldest first.
#[derive(Debug)]
pub struct EventLog {
    seen: Arc<Mutex<Vec<(String, Value)>>>,
    reader: JoinHandle<()>,
}

impl EventLog {
    /// Opens `/api/v1/events` with a bearer token.
    pub async fn open(base_url: &str, token: &str) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a plain client");
        let request = client
            .get(format!("{base_url}/api/v1/events"))
            .bearer_auth(token);
        let response = request.send().await.expect("the stream opens");
        assert_eq!(response.status(), 200, "the stream opens");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let reader = tokio::spawn(async move {
            let (mut stream, mut text) = (response.bytes_stream(), String::new());
            while let Some(Ok(chunk)) = stream.next().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                while let Some(end) = text.find("\n\n") {
                    let frame: String = text.drain(..end + 2).collect();
                    record(&frame, &log);
                }
            }
        });
        Self { seen, reader }
    }

    /// The data of every event of this type.
    pub fn of(&self, kind: &str) -> Vec<Value> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter()
            .filter(|(name, _)| name == kind)
            .map(|(_, data)| data.clone())
            .collect()
    }

    /// Every event type seen so far.
    pub fn kinds(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn record(frame: &str, log: &Mutex<Vec<(String, Value)>>) {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
    if let (Some(kind), Some(data)) = (field("event: "), field("data: ")) {
        let data = serde_json::from_str(data).expect("events are JSON");
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((kind.to_owned(), data));
    }
}
