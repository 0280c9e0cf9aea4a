//! What webhook-service tells.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Fact;
use crate::ids::{DeliveryId, NotificationId, SourceId, UserId};

/// A delivery was verified and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReceived {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The source that sent it.
    pub source_id: SourceId,
    /// Kind of source, such as `plex`.
    pub source_kind: String,
    /// The sender's own name for what happened, when it was readable.
    pub event_type: Option<String>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// What a sender said, in our own words. Its event type is `medianest.<name>.v1` with a name of the catalog
/// (`media.added`, `request.available`, `playback.started`, …), so it is published with `Event::of_kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NormalizedEvent {
    /// The delivery it came from.
    pub delivery_id: DeliveryId,
    /// The source that sent it.
    pub source_id: SourceId,
    /// Kind of source, such as `plex`.
    pub source_kind: String,
    /// Name in the catalog, such as `media.added`.
    pub name: String,
    /// When it happened, by the sender's clock, or when it arrived.
    pub occurred_at: DateTime<Utc>,
    /// Fields that the catalog expects were missing.
    pub degraded: bool,
    /// The catalog's common keys: `title`, `media_type`, `ids`, `user`, `server`, …
    pub fields: Map<String, Value>,
}

/// A person has something new in their inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationCreated {
    /// The notification.
    pub notification_id: NotificationId,
    /// Whom it is for.
    pub user_id: UserId,
    /// Kind, such as `download.in_plex`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub body: String,
}

impl Fact for WebhookReceived {
    const TYPE: &'static str = "medianest.webhook.received.v1";

    fn subject(&self) -> String {
        format!("delivery/{}", self.delivery_id)
    }
}

impl Fact for NotificationCreated {
    const TYPE: &'static str = "medianest.notification.created.v1";

    fn subject(&self) -> String {
        format!("user/{}", self.user_id)
    }
}
