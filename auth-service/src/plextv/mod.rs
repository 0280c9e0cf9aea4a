//! plex.tv: the PIN flow, the account behind a token, and the servers that account may use.

mod wire;

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use shared_http::{Outbound, OutboundError, OutboundOptions, Reply, RequestBuilder};

use crate::error::Error;

pub(crate) use wire::{Account, Pin, Resource};

/// What the app is called in people's device lists.
pub(crate) const PRODUCT: &str = "MediaNest";

const TOKEN: HeaderName = HeaderName::from_static("x-plex-token");
const CLIENT: HeaderName = HeaderName::from_static("x-plex-client-identifier");

/// A client for plex.tv with this installation's identity.
#[derive(Debug)]
pub(crate) struct PlexTv {
    client: Outbound,
    headers: HeaderMap,
    client_id: String,
}

/// The state of a PIN.
#[derive(Debug)]
pub(crate) enum PinState {
    /// Nobody has approved it yet.
    Pending,
    /// Somebody has; this is their token.
    Claimed(String),
    /// It is too late.
    Expired,
}

/// Why plex.tv did not say what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlexTvError {
    /// The token is not valid, or not any more.
    #[error("plex.tv does not accept the token")]
    Unauthorized,
    /// Anything else says nothing about the token.
    #[error(transparent)]
    Failed(#[from] OutboundError),
}

impl From<PlexTvError> for Error {
    fn from(err: PlexTvError) -> Self {
        match err {
            PlexTvError::Unauthorized => Self::NoServerAccess,
            PlexTvError::Failed(cause) => Self::PlexTv(cause),
        }
    }
}

impl PlexTv {
    /// A client for `url`; `client_id` stays the same for the life of the installation.
    pub(crate) fn new(url: &str, client_id: &str) -> Result<Self, Error> {
        let client = Outbound::new(OutboundOptions {
            timeout: Duration::from_secs(10),
            max_body_bytes: 4 * 1024 * 1024,
            ..OutboundOptions::foreign("plex.tv", url)
        });
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-plex-product", PRODUCT),
            ("x-plex-version", env!("CARGO_PKG_VERSION")),
            ("x-plex-platform", "Web"),
            ("x-plex-device", PRODUCT),
            ("x-plex-device-name", PRODUCT),
            ("x-plex-model", "hosted"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let id = HeaderValue::from_str(client_id)
            .map_err(|err| Error::broken("the Plex client id", err))?;
        headers.insert(CLIENT, id);
        Ok(Self {
            client,
            headers,
            client_id: client_id.to_owned(),
        })
    }

    /// How plex.tv knows this installation.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Begins a sign-in.
    pub(crate) async fn create_pin(&self) -> Result<Pin, OutboundError> {
        let request = self.client.post("/api/v2/pins?strong=true");
        let reply = request.headers(self.headers.clone()).send().await?;
        reply.success()?.json()
    }

    /// Asks once whether a sign-in was approved.
    pub(crate) async fn poll_pin(&self, id: i64) -> Result<PinState, OutboundError> {
        let request = self.client.get(&format!("/api/v2/pins/{id}"));
        let reply = request.headers(self.headers.clone()).send().await?;
        match reply.status.as_u16() {
            404 => Ok(PinState::Expired),
            // Asked too often: nothing is decided.
            429 => Ok(PinState::Pending),
            _ => {
                let pin: Pin = reply.success()?.json()?;
                let token = pin.auth_token.filter(|token| !token.is_empty());
                Ok(token.map_or(PinState::Pending, PinState::Claimed))
            }
        }
    }

    /// The account behind a token.
    pub(crate) async fn account(&self, token: &str) -> Result<Account, PlexTvError> {
        Ok(self.ask("/api/v2/user", token).await?.json()?)
    }

    /// The servers that the account behind a token may use.
    pub(crate) async fn servers(&self, token: &str) -> Result<Vec<Resource>, PlexTvError> {
        let path = "/api/v2/resources?includeHttps=1&includeRelay=1&includeIPv6=1";
        let mut resources: Vec<Resource> = self.ask(path, token).await?.json()?;
        resources.retain(Resource::is_server);
        Ok(resources)
    }

    async fn ask(&self, path: &str, token: &str) -> Result<Reply, PlexTvError> {
        let reply = with_token(self.client.get(path), token)?
            .headers(self.headers.clone())
            .send()
            .await?;
        match reply.status.as_u16() {
            // 498 is an expired Plex JWT; 422 says "Invalid token".
            401 | 422 | 498 => Err(PlexTvError::Unauthorized),
            _ => Ok(reply.success()?),
        }
    }
}

fn with_token<'o>(
    request: RequestBuilder<'o>,
    token: &str,
) -> Result<RequestBuilder<'o>, PlexTvError> {
    let mut value = HeaderValue::from_str(token).map_err(|_odd| PlexTvError::Unauthorized)?;
    value.set_sensitive(true);
    Ok(request.header(TOKEN, value))
}
