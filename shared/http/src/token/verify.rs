//! The one place that decides whether a token is good: ES256 only, our issuer, our audience, the right kind, in time.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, de::DeserializeOwned};
use shared_types::{
    Clock,
    access::{
        ACCESS_TOKEN_TYPE, Claims, ISSUER, LEEWAY_SECONDS, SERVICE_TOKEN_TYPE, ServiceClaims,
    },
};

use super::KeySource;

/// Longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;

/// Why a token was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token, the wrong kind, or a signature that does not match.
    #[error("the token is not valid")]
    Invalid,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// For another service.
    #[error("the token is for another service")]
    WrongAudience,
    /// The keys are not known and auth-service does not answer: nobody gets in.
    #[error("the token cannot be checked because auth-service does not answer")]
    Unverifiable,
}

/// Checks tokens for one service. Put it into the app's data as `web::Data<Verifier>`.
#[derive(Debug)]
pub struct Verifier {
    keys: Arc<KeySource>,
    audience: &'static str,
    clock: Arc<dyn Clock>,
}

/// Only these header fields are accepted: `jku`, `jwk`, `x5u`, `x5c`, `crit` and anything else is a refusal (RFC 8725 §3.10).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

impl Verifier {
    /// A verifier for tokens whose audience includes `audience`.
    pub fn new(keys: Arc<KeySource>, audience: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self {
            keys,
            audience,
            clock,
        }
    }

    /// Checks a person's access token.
    pub async fn person(&self, token: &str) -> Result<Claims, TokenError> {
        let claims: Claims = self.verify(token, ACCESS_TOKEN_TYPE).await?;
        self.check(
            &claims.iss,
            &claims.aud,
            [claims.iat, claims.nbf, claims.exp],
        )?;
        Ok(claims)
    }

    /// Checks another service's token.
    pub async fn service(&self, token: &str) -> Result<ServiceClaims, TokenError> {
        let claims: ServiceClaims = self.verify(token, SERVICE_TOKEN_TYPE).await?;
        self.check(
            &claims.iss,
            &claims.aud,
            [claims.iat, claims.nbf, claims.exp],
        )?;
        Ok(claims)
    }

    async fn verify<C: DeserializeOwned + Clone>(
        &self,
        token: &str,
        kind: &str,
    ) -> Result<C, TokenError> {
        let header = read_header(token).ok_or(TokenError::Invalid)?;
        if header.alg != "ES256" || header.typ != kind {
            return Err(TokenError::Invalid);
        }
        let key = self
            .keys
            .find(&header.kid)
            .await
            .map_err(|_away| TokenError::Unverifiable)?;
        let key = key.ok_or(TokenError::Invalid)?;
        jsonwebtoken::decode::<C>(token, &key, &signature_only())
            .map(|data| data.claims)
            .map_err(|_reason| TokenError::Invalid)
    }

    fn check(&self, issuer: &str, audience: &[String], times: [i64; 3]) -> Result<(), TokenError> {
        let [issued_at, not_before, expires_at] = times;
        let now = self.clock.now().timestamp();
        if issuer != ISSUER || issued_at > now + LEEWAY_SECONDS || not_before > now + LEEWAY_SECONDS
        {
            return Err(TokenError::Invalid);
        }
        if now >= expires_at + LEEWAY_SECONDS {
            return Err(TokenError::Expired);
        }
        if !audience.iter().any(|name| name == self.audience) {
            return Err(TokenError::WrongAudience);
        }
        Ok(())
    }
}

fn read_header(token: &str) -> Option<Header> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The library checks the signature; times and audience are checked here against our own clock.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}
