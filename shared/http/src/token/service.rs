//! Service tokens for calls between services: one per target, kept until shortly before they expire.

use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

use shared_types::internal::{CreateServiceToken, IssuedToken};
use tokio::sync::Mutex;

use crate::{Outbound, OutboundError, OutboundOptions};

/// A token is renewed this long before it expires.
const RENEW_BEFORE: Duration = Duration::from_secs(15);

/// Gets this service's tokens from auth-service.
pub struct ServiceTokens {
    client: Outbound,
    own_name: &'static str,
    internal_secret: String,
    tokens: Mutex<HashMap<&'static str, (String, Instant)>>,
}

impl fmt::Debug for ServiceTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTokens")
            .field("own_name", &self.own_name)
            .finish_non_exhaustive()
    }
}

impl ServiceTokens {
    /// Tokens for `own_name` from the auth-service at `auth_url`.
    pub fn new(auth_url: &str, own_name: &'static str, internal_secret: &str) -> Self {
        let client = Outbound::new(OutboundOptions {
            timeout: Duration::from_secs(3),
            ..OutboundOptions::new("auth-service-tokens", auth_url)
        });
        Self {
            client,
            own_name,
            internal_secret: internal_secret.to_owned(),
            tokens: Mutex::default(),
        }
    }

    /// A token that `audience` accepts for some more seconds.
    pub async fn token_for(&self, audience: &'static str) -> Result<String, OutboundError> {
        let mut tokens = self.tokens.lock().await;
        if let Some((token, renew_at)) = tokens.get(audience)
            && Instant::now() < *renew_at
        {
            return Ok(token.clone());
        }
        let issued = self.fetch(audience).await?;
        let life = Duration::from_secs(issued.expires_in.unsigned_abs());
        let renew_at = Instant::now() + life.saturating_sub(RENEW_BEFORE);
        tokens.insert(audience, (issued.access_token.clone(), renew_at));
        Ok(issued.access_token)
    }

    async fn fetch(&self, audience: &str) -> Result<IssuedToken, OutboundError> {
        let body = CreateServiceToken {
            service: self.own_name.to_owned(),
            audience: audience.to_owned(),
        };
        let request = self
            .client
            .post("/internal/tokens")
            .bearer(&self.internal_secret);
        request.json(&body).send().await?.success()?.json()
    }
}
