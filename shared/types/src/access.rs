//! Who may do what: roles are sets of scopes, and tokens carry the scopes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{SessionId, UserId};

/// `typ` of a person's access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";
/// `typ` of a token that one service shows another.
pub const SERVICE_TOKEN_TYPE: &str = "mn-int+jwt";
/// `iss` of every token.
pub const ISSUER: &str = "medianest";
/// Life of a person's access token, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;
/// Life of a service token, in seconds.
pub const SERVICE_TOKEN_SECONDS: i64 = 60;
/// Tolerated difference between two clocks, in seconds.
pub const LEEWAY_SECONDS: i64 = 30;

/// Names of the five programs, as they stand in `aud` and `sub`.
pub mod service {
    /// The public door.
    pub const GATEWAY: &str = "gateway";
    /// People, sessions and tokens.
    pub const AUTH: &str = "auth-service";
    /// Servers, libraries and collections.
    pub const PLEX: &str = "plex-service";
    /// The download queue.
    pub const DOWNLOAD: &str = "download-service";
    /// The webhook inbox and notifications.
    pub const WEBHOOK: &str = "webhook-service";
    /// All of them: the audience of a person's token.
    pub const ALL: [&str; 5] = [GATEWAY, AUTH, PLEX, DOWNLOAD, WEBHOOK];
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:tt;)+) => {
        /// One permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)+
        }

        impl Scope {
            /// Every scope.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in tokens and keys.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl FromStr for Scope {
            type Err = UnknownScope;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($name => Ok(Self::$variant),)+ other => Err(UnknownScope(other.to_owned())) }
            }
        }
    };
}

scopes! {
    /// See and change one's own account, sessions and keys.
    Account = "account";
    /// Browse and search the libraries one may see.
    LibraryRead = "library:read";
    /// Servers, syncs, scans and collections.
    LibraryManage = "library:manage";
    /// Submit downloads and manage one's own.
    Downloads = "downloads";
    /// See and manage everybody's downloads.
    DownloadsManage = "downloads:manage";
    /// One's own notifications.
    Notifications = "notifications";
    /// Sources, deliveries and replays.
    WebhooksManage = "webhooks:manage";
    /// People, roles and invites.
    UsersManage = "users:manage";
    /// Read the audit log.
    AuditRead = "audit:read";
    /// Services, limits and health.
    SystemManage = "system:manage";
}

/// A scope that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scope `{0}` does not exist")]
pub struct UnknownScope(pub String);

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A named set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the house: every scope.
    Admin,
    /// Uses it.
    Member,
}

impl Role {
    /// The name in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// The scopes that the role stands for.
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Admin => Scope::ALL,
            Self::Member => &[
                Scope::Account,
                Scope::LibraryRead,
                Scope::Downloads,
                Scope::Notifications,
            ],
        }
    }
}

impl FromStr for Role {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "admin" => Ok(Self::Admin),
            "member" => Ok(Self::Member),
            other => Err(UnknownScope(other.to_owned())),
        }
    }
}

/// Claims of a person's access token (RFC 9068 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Always [`ISSUER`].
    pub iss: String,
    /// The services that may accept the token.
    pub aud: Vec<String>,
    /// The person.
    pub sub: UserId,
    /// `web`, `script` or `api-key`.
    pub client_id: String,
    /// The session that the token belongs to.
    pub sid: SessionId,
    /// Unique id of the token.
    pub jti: String,
    /// Scopes, separated by spaces (RFC 8693 §4.2).
    pub scope: String,
    /// The person's role when the token was issued.
    pub role: Role,
    /// The person's display name when the token was issued.
    pub name: String,
    /// Issued at, epoch seconds.
    pub iat: i64,
    /// Not valid before, epoch seconds.
    pub nbf: i64,
    /// Not valid from, epoch seconds.
    pub exp: i64,
}

/// Claims of a token that one service shows another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaims {
    /// Always [`ISSUER`].
    pub iss: String,
    /// The one service that may accept the token.
    pub aud: Vec<String>,
    /// The calling service.
    pub sub: String,
    /// Unique id of the token.
    pub jti: String,
    /// Issued at, epoch seconds.
    pub iat: i64,
    /// Not valid before, epoch seconds.
    pub nbf: i64,
    /// Not valid from, epoch seconds.
    pub exp: i64,
}
