//! What clients see, made from rows. No secret has a place in these types but in [`FreshSource`].

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use shared_types::ids::{DeliveryId, EventId, NotificationId, SourceId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::Error,
    kind::{AuthMode, Kind},
    sources::Fresh,
    store::{
        deliveries::{AttemptRow, DeliveryRow, DeliverySummary},
        events::EventRow,
        notifications::NotificationRow,
        rejects::RejectRow,
        sources::SourceRow,
    },
};

/// A kind of source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceKind {
    kind: Kind,
    /// Name on screens.
    title: String,
    /// How it can authenticate, the best first.
    auth_modes: Vec<AuthMode>,
    /// What the best mode promises.
    guarantee: String,
    /// What to enter where.
    setup: Vec<String>,
}

impl From<Kind> for SourceKind {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            title: kind.title().to_owned(),
            auth_modes: kind.modes(),
            guarantee: kind.default_mode().guarantee().to_owned(),
            setup: kind.setup().iter().map(|step| (*step).to_owned()).collect(),
        }
    }
}

/// A short list that is not paged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kinds {
    pub(crate) items: Vec<SourceKind>,
}

/// An origin of webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
    id: SourceId,
    kind: Kind,
    name: String,
    enabled: bool,
    auth_mode: AuthMode,
    /// The header with the secret, in the mode `header`.
    header_name: Option<String>,
    /// What the mode promises.
    guarantee: String,
    created_at: DateTime<Utc>,
    last_seen_at: Option<DateTime<Utc>>,
    /// Where it sends to; in the mode `url_secret` the secret follows it.
    ingest_url: String,
}

impl Source {
    pub(crate) fn new(row: SourceRow, public_url: &str) -> Result<Self, Error> {
        let auth_mode: AuthMode = row.auth_mode.parse()?;
        Ok(Self {
            id: row.id,
            kind: row.kind.parse()?,
            name: row.name,
            enabled: row.is_enabled,
            auth_mode,
            header_name: row.header_name,
            guarantee: auth_mode.guarantee().to_owned(),
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.map(|at| at.0),
            ingest_url: format!("{public_url}/hooks/v1/{}", row.id),
        })
    }
}

/// A source with the secret that was just made: it is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreshSource {
    #[serde(flatten)]
    source: Source,
    /// What to enter at the sender as address.
    url: String,
    /// The secret.
    secret: String,
}

impl FreshSource {
    pub(crate) fn new(fresh: Fresh, public_url: &str) -> Result<Self, Error> {
        let source = Source::new(fresh.row, public_url)?;
        let secret = fresh.secret.expose().to_owned();
        let url = match source.auth_mode {
            AuthMode::UrlSecret => format!("{}/{secret}", source.ingest_url),
            _ => source.ingest_url.clone(),
        };
        Ok(Self {
            source,
            url,
            secret,
        })
    }
}

/// One received webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    id: DeliveryId,
    source_id: SourceId,
    source_name: String,
    kind: String,
    received_at: DateTime<Utc>,
    state: String,
    event_type: Option<String>,
    /// What was found out about the sender, in words.
    verdict: String,
    size_bytes: i64,
    attempts: i32,
    error: Option<String>,
    #[schema(value_type = Option<String>, format = Uuid)]
    duplicate_of: Option<Uuid>,
    #[schema(value_type = Option<String>, format = Uuid)]
    replay_of: Option<Uuid>,
}

impl From<DeliverySummary> for Delivery {
    fn from(row: DeliverySummary) -> Self {
        Self {
            id: row.id,
            source_id: row.source_id,
            source_name: row.source_name,
            kind: row.kind,
            received_at: row.received_at.0,
            state: row.state,
            event_type: row.event_type,
            verdict: row.verdict,
            size_bytes: row.size_bytes,
            attempts: row.attempts,
            error: row.error,
            duplicate_of: row.duplicate_of.map(|id| id.0),
            replay_of: row.replay_of.map(|id| id.0),
        }
    }
}

/// One try at processing a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attempt {
    at: DateTime<Utc>,
    /// The state that it led to.
    outcome: String,
    error: Option<String>,
}

/// An event that a delivery told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TracedEvent {
    id: EventId,
    /// Name in the catalog, such as `media.added`.
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    /// Fields that the catalog expects are missing.
    degraded: bool,
    /// The event that said the same before; this one was not published.
    #[schema(value_type = Option<String>, format = Uuid)]
    duplicate_of: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    delivery_id: DeliveryId,
    source_id: SourceId,
    data: Value,
}

impl From<EventRow> for TracedEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            subject: row.subject,
            degraded: row.is_degraded,
            duplicate_of: row.duplicate_of.map(|id| id.0),
            occurred_at: row.occurred_at.0,
            delivery_id: row.delivery_id,
            source_id: row.source_id,
            data: row.data.0,
        }
    }
}

/// Everything about a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryDetail {
    #[serde(flatten)]
    delivery: Delivery,
    method: String,
    content_type: Option<String>,
    /// The sender's address.
    address: Option<String>,
    /// By name; secrets are redacted.
    headers: BTreeMap<String, String>,
    /// The body, when it is text.
    body_text: Option<String>,
    /// The body, when it is not. Both are absent when the bytes are no longer kept.
    body_base64: Option<String>,
    attempts_log: Vec<Attempt>,
    events: Vec<TracedEvent>,
}

impl DeliveryDetail {
    pub(crate) fn new(
        row: DeliveryRow,
        summary: DeliverySummary,
        attempts: Vec<AttemptRow>,
        events: Vec<EventRow>,
    ) -> Self {
        let (body_text, body_base64) = match row.body.map(String::from_utf8) {
            None => (None, None),
            Some(Ok(text)) => (Some(text), None),
            Some(Err(bytes)) => (None, Some(STANDARD.encode(bytes.as_bytes()))),
        };
        let attempts = attempts.into_iter().map(|attempt| Attempt {
            at: attempt.at.0,
            outcome: attempt.outcome,
            error: attempt.error,
        });
        let headers = row.headers.0.as_object().into_iter().flatten();
        Self {
            delivery: summary.into(),
            method: row.method,
            content_type: row.content_type,
            address: row.address,
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
            body_text,
            body_base64,
            attempts_log: attempts.collect(),
            events: events.into_iter().map(Into::into).collect(),
        }
    }
}

/// A refused request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reject {
    #[schema(value_type = String, format = Uuid)]
    id: Uuid,
    #[schema(value_type = Option<String>, format = Uuid)]
    source_id: Option<Uuid>,
    at: DateTime<Utc>,
    reason: String,
    status: i32,
    address: Option<String>,
}

impl From<RejectRow> for Reject {
    fn from(row: RejectRow) -> Self {
        Self {
            id: row.id.0,
            source_id: row.source_id.map(|id| id.0),
            at: row.at.0,
            reason: row.reason,
            status: row.status,
            address: row.address,
        }
    }
}

/// Something a person is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notification {
    id: NotificationId,
    kind: String,
    title: String,
    body: String,
    /// A path of the web application.
    link: Option<String>,
    created_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
}

impl From<NotificationRow> for Notification {
    fn from(row: NotificationRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            body: row.body,
            link: row.link,
            created_at: row.created_at.0,
            read_at: row.read_at.map(|at| at.0),
        }
    }
}

/// What became of a request to replay many deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replay {
    /// Deliveries that the filter finds.
    pub(crate) matched: usize,
    /// Deliveries that were made of them; none in a dry run.
    pub(crate) replayed: usize,
    /// Their ids.
    pub(crate) delivery_ids: Vec<DeliveryId>,
    pub(crate) dry_run: bool,
}

/// The answer to a sender.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Receipt {
    pub(crate) delivery_id: DeliveryId,
    /// `accepted` or `duplicate`
    pub(crate) status: &'static str,
}
