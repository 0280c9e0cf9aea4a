//! Events: the CloudEvents 1.0 envelope and one type per fact, each with its version in the name.

mod download;
mod identity;
mod library;
mod webhook;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Clock, ids::EventId};

pub use download::{
    DownloadCancelled, DownloadFailed, DownloadFinished, DownloadInPlex, DownloadProgress,
    DownloadRequested, DownloadStarted, FinishedFile, Progress,
};
pub use identity::{SessionRevoked, UserCreated, UserDeleted, UserUpdated};
pub use library::{
    LibraryItemAdded, LibrarySynced, PlexAccessChanged, PlexServerDown, PlexServerUp,
};
pub use webhook::{NormalizedEvent, NotificationCreated, WebhookReceived};

/// Every event type starts with this.
pub const TYPE_PREFIX: &str = "medianest.";

/// Something that happened, as the payload of an [`Event`].
pub trait Fact: Serialize + DeserializeOwned {
    /// `medianest.<domain>.<fact>.v<n>`
    const TYPE: &'static str;

    /// What it happened to. Events of one subject keep their order.
    fn subject(&self) -> String;
}

/// The CloudEvents 1.0 envelope that travels over the bus and to browsers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: String,
    /// Unique; consumers deduplicate by it.
    pub id: EventId,
    /// The service that tells it, such as `/download-service`.
    pub source: String,
    /// `medianest.<domain>.<fact>.v<n>`
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// What it happened to.
    pub subject: String,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// W3C trace context of the request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The fact.
    pub data: Value,
}

impl Event {
    /// Wraps a fact. `source` is the service's name.
    pub fn new<F: Fact>(clock: &dyn Clock, source: &str, fact: &F) -> Self {
        Self::of_kind(clock, source, F::TYPE, fact.subject(), fact)
    }

    /// Wraps a payload whose event type is known only at run time (normalized webhook events).
    pub fn of_kind(
        clock: &dyn Clock,
        source: &str,
        kind: &str,
        subject: String,
        data: &impl Serialize,
    ) -> Self {
        Self {
            specversion: "1.0".to_owned(),
            id: EventId::generate(clock),
            source: format!("/{source}"),
            kind: kind.to_owned(),
            time: clock.now(),
            subject,
            datacontenttype: "application/json".to_owned(),
            traceparent: None,
            data: serde_json::to_value(data).expect("facts serialize to JSON"),
        }
    }

    /// The same event with the trace context of its cause.
    #[must_use]
    pub fn with_traceparent(mut self, traceparent: Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }

    /// The fact inside.
    pub fn fact<F: Fact>(&self) -> Result<F, serde_json::Error> {
        serde_json::from_value(self.data.clone())
    }

    /// The topic on the bus: the type without its prefix.
    pub fn routing_key(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind)
    }
}
