//! The kinds of sources: what each can prove about itself, and what its operator has to enter where.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a source proves that it is the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthMode {
    /// A secret at the end of the address.
    UrlSecret,
    /// A secret in a header of a chosen name.
    Header,
    /// A secret in `Authorization`, with or without `Bearer`.
    Bearer,
    /// HMAC-SHA256 of the body in `X-Hub-Signature-256`.
    Github,
    /// Standard Webhooks v1 or v1a.
    Standard,
}

impl AuthMode {
    pub(crate) const ALL: [Self; 5] = [
        Self::UrlSecret,
        Self::Header,
        Self::Bearer,
        Self::Github,
        Self::Standard,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UrlSecret => "url_secret",
            Self::Header => "header",
            Self::Bearer => "bearer",
            Self::Github => "github",
            Self::Standard => "standard",
        }
    }

    /// Whether the secret itself is needed to check a request, not only its hash.
    pub(crate) const fn signs(self) -> bool {
        matches!(self, Self::Github | Self::Standard)
    }

    /// What this mode can promise, in words for the operator.
    pub(crate) const fn guarantee(self) -> &'static str {
        match self {
            Self::UrlSecret => {
                "Whoever knows the address can send. The content is not protected: use https."
            }
            Self::Header | Self::Bearer => {
                "Whoever knows the secret can send. The content is not protected: use https."
            }
            Self::Github => {
                "The content is signed and cannot be changed. A repeated request is recognized by its delivery id."
            }
            Self::Standard => {
                "The content and its time are signed: it cannot be changed, and not be sent again after five minutes."
            }
        }
    }

    /// What was found out about a request that passed.
    pub(crate) const fn verdict(self) -> &'static str {
        match self {
            Self::UrlSecret => "The secret in the address is right.",
            Self::Header => "The secret in the header is right.",
            Self::Bearer => "The secret in `Authorization` is right.",
            Self::Github | Self::Standard => "The signature is right.",
        }
    }
}

impl fmt::Display for AuthMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuthMode {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.into_iter().find(|mode| mode.as_str() == text);
        found.ok_or_else(|| UnknownName(text.to_owned()))
    }
}

/// A stored kind or mode that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not known to this version")]
pub(crate) struct UnknownName(pub(crate) String);

macro_rules! kinds {
    ($($variant:ident = $name:tt, $title:literal, $mode:ident, [$($step:literal),+ $(,)?];)+) => {
        /// What kind of program a source is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub(crate) enum Kind {
            $(#[doc = $title] #[serde(rename = $name)] $variant,)+
        }

        impl Kind {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Name on screens.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The strongest mode that the program can do as it comes.
            pub(crate) const fn default_mode(self) -> AuthMode {
                match self { $(Self::$variant => AuthMode::$mode,)+ }
            }

            /// What to enter where.
            pub(crate) const fn setup(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($step,)+],)+ }
            }
        }
    };
}

kinds! {
    Plex = "plex", "Plex Media Server", UrlSecret, [
        "Plex Pass is needed.",
        "Open your Plex account, Settings, Webhooks, and add the address.",
    ];
    Seerr = "seerr", "Seerr, Overseerr, Jellyseerr", Bearer, [
        "Open Settings, Notifications, Webhook.",
        "Enter the address, and the secret as authorization header.",
        "Keep the default JSON payload and choose the notification types.",
    ];
    Sonarr = "sonarr", "Sonarr", Header, [
        "Open Settings, Connect, add a Webhook.",
        "Enter the address with method POST, and the secret as a header.",
    ];
    Radarr = "radarr", "Radarr", Header, [
        "Open Settings, Connect, add a Webhook.",
        "Enter the address with method POST, and the secret as a header.",
    ];
    Lidarr = "lidarr", "Lidarr", Header, [
        "Open Settings, Connect, add a Webhook.",
        "Enter the address with method POST, and the secret as a header.",
    ];
    Prowlarr = "prowlarr", "Prowlarr", UrlSecret, [
        "Open Settings, Notifications, add a Webhook.",
        "Enter the address with method POST; leave user name and password empty.",
    ];
    Tautulli = "tautulli", "Tautulli", Header, [
        "Open Settings, Notification Agents, add a Webhook with the address and method POST.",
        "Put the secret into the JSON headers of every trigger.",
        "Use the JSON data of the documentation for every trigger.",
    ];
    UptimeKuma = "uptime-kuma", "Uptime Kuma", Header, [
        "Open Settings, Notifications, add a Webhook with the address and the JSON body.",
        "Put the secret into the additional headers.",
    ];
    Jellyfin = "jellyfin", "Jellyfin", Header, [
        "Install the Webhook plugin and add a generic destination with the address.",
        "Add the secret as a request header and choose Send All Properties.",
    ];
    Github = "github", "GitHub", Github, [
        "Open the repository's Settings, Webhooks, Add webhook.",
        "Enter the address as payload URL, application/json as content type, and the secret.",
    ];
    Gitea = "gitea", "Gitea, Forgejo", Github, [
        "Open the repository's Settings, Webhooks, add a Gitea webhook.",
        "Enter the address, POST, application/json, and the secret.",
        "The server has to be allowed to reach this address (`webhook.ALLOWED_HOST_LIST`).",
    ];
    Alertmanager = "alertmanager", "Prometheus Alertmanager", Bearer, [
        "Add a receiver with `webhook_configs`, the address as `url`, and the secret as bearer credentials.",
    ];
    Grafana = "grafana", "Grafana alerting", Bearer, [
        "Add a contact point of type Webhook with the address.",
        "Choose the authorization scheme Bearer and enter the secret as credentials.",
    ];
    Apprise = "apprise", "Apprise (TubeArchivist, Pinchflat)", Header, [
        "Write the address as `jsons://host/hooks/v1/…` and append `?+` with the header's name, `=` and the secret.",
    ];
    Standard = "standard", "Standard Webhooks", Standard, [
        "Enter the address as endpoint.",
        "Use the secret shown here, or enter the sender's own when you add the source.",
    ];
    Generic = "generic", "Anything else", Bearer, [
        "Send POST with JSON to the address, and the secret in `Authorization`.",
    ];
}

impl Kind {
    /// Every mode that makes sense for the kind, the default first.
    pub(crate) fn modes(self) -> Vec<AuthMode> {
        let signing = match self {
            Self::Github | Self::Gitea => &[AuthMode::Github][..],
            Self::Standard | Self::Generic => &[AuthMode::Standard, AuthMode::Github],
            _ => &[],
        };
        let plain = match self {
            // Plex cannot send headers, and Prowlarr only ones that it makes itself.
            Self::Plex | Self::Prowlarr => &[AuthMode::UrlSecret][..],
            _ => &[AuthMode::Header, AuthMode::Bearer, AuthMode::UrlSecret],
        };
        let default = self.default_mode();
        let others = signing.iter().chain(plain).copied();
        let others = others.filter(|mode| *mode != default);
        std::iter::once(default).chain(others).collect()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let found = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownName(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_offers_its_default_once_and_reads_back_from_its_name() {
        for kind in Kind::ALL {
            let modes = kind.modes();
            assert_eq!(modes[0], kind.default_mode());
            assert_eq!(modes.iter().filter(|mode| **mode == modes[0]).count(), 1);
            assert_eq!(kind.as_str().parse::<Kind>().unwrap(), *kind);
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.as_str());
        }
    }
}
