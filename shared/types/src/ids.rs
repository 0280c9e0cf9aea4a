//! Identifiers: one UUIDv7 newtype per thing, so that they cannot be mixed up and sort by creation time.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::{NoContext, Timestamp, Uuid};

use crate::Clock;

/// A UUIDv7 (RFC 9562 §5.7) for the clock's current time.
fn uuid_at(clock: &dyn Clock) -> Uuid {
    let now = clock.now();
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for the clock's current time.
            pub fn generate(clock: &dyn Clock) -> Self {
                Self(uuid_at(clock))
            }

            /// The plain UUID, as the database stores it.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A person with an account.
    UserId,
    /// One sign-in of one person on one device.
    SessionId,
    /// A configured Plex Media Server.
    ServerId,
    /// A library (section) of a Plex server.
    LibraryId,
    /// A movie, show, season, episode, artist, album or track of a library.
    ItemId,
    /// A collection of a library.
    CollectionId,
    /// A download: one submitted link.
    DownloadId,
    /// One video of a download.
    DownloadItemId,
    /// A source: the origin of webhooks.
    SourceId,
    /// A delivery: one received webhook.
    DeliveryId,
    /// An event on the bus.
    EventId,
    /// A notification to a person.
    NotificationId,
    /// An API key of a person.
    ApiKeyId,
    /// A pending Plex sign-in.
    PinId,
}
