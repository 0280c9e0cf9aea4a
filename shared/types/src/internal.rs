//! Bodies of the internal API: what services ask each other over HTTP, behind a service token.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{LibraryId, ServerId, SessionId, UserId};

/// `POST /internal/tokens` of auth-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateServiceToken {
    /// The service that asks.
    pub service: String,
    /// The one service that the token is for.
    pub audience: String,
}

/// A short-lived token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IssuedToken {
    /// The signed token.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
}

/// `POST /internal/sessions/exchange` of auth-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSession {
    /// The browser's session cookie value.
    pub session: String,
}

/// `POST /internal/api-keys/exchange` of auth-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeApiKey {
    /// The whole key, `mnk_…`.
    pub key: String,
}

/// The access token that a session or an API key stands for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExchangedCredential {
    /// A person's access token.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// The person.
    pub user_id: UserId,
    /// The session, or the key's own session id.
    pub session_id: SessionId,
}

/// `GET /internal/users/{id}/plex-access` of auth-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlexAccess {
    /// The linked Plex account, when there is one.
    pub plex_user_id: Option<i64>,
    /// The servers that the account may use, with the account's token for each.
    pub servers: Vec<PlexServerAccess>,
    /// False when plex.tv could not be asked and this is the last known answer.
    pub fresh: bool,
}

/// One server in [`PlexAccess`].
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PlexServerAccess {
    /// The server's machine identifier.
    pub machine_identifier: String,
    /// The account's token for this server. Never stored, logged or passed on.
    pub access_token: String,
}

impl std::fmt::Debug for PlexServerAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlexServerAccess")
            .field("machine_identifier", &self.machine_identifier)
            .finish_non_exhaustive()
    }
}

/// One entry of `GET /internal/servers` of plex-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KnownServer {
    /// Our id.
    pub id: ServerId,
    /// Plex's id.
    pub machine_identifier: String,
    /// Display name.
    pub name: String,
}

/// One entry of `GET /internal/libraries` of plex-service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LibraryLocation {
    /// Our id.
    pub id: LibraryId,
    /// The server it is on.
    pub server_id: ServerId,
    /// Display name.
    pub title: String,
    /// `movie`, `show`, `artist` or `photo`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Plex's metadata agent; `com.plexapp.agents.none` marks home videos.
    pub agent: String,
    /// The library's folders, as the Plex server sees them.
    pub locations: Vec<String>,
}
