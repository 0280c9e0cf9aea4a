//! Turns what a client shows — bearer token, API key or session cookie — into one verified access token.
//! Exchanged credentials are cached for a short time; a revoked session is refused at once, cached or not.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use actix_web::{
    cookie::Cookie,
    http::header::{AUTHORIZATION, COOKIE, HeaderMap},
};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use shared_http::{Caller, Outbound, OutboundError, Problem, ServiceTokens, TokenError, Verifier};
use shared_types::{
    access::{ACCESS_TOKEN_SECONDS, LEEWAY_SECONDS, service},
    ids::SessionId,
    internal::{ExchangeApiKey, ExchangeSession, ExchangedCredential},
    problem::Code,
};

/// How long an exchanged credential is used without asking again: the bound on a revocation that the bus did not carry.
const EXCHANGE_TTL: Duration = Duration::from_secs(25);

/// What a client showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    Bearer(String),
    ApiKey(String),
    Cookie(String),
    /// More than one `Authorization` header, or one that is not understood.
    Unreadable,
}

/// A verified person and the token that services get to see.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    pub(crate) token: String,
    /// When the token was issued, epoch seconds.
    pub(crate) issued_at: i64,
    pub(crate) is_cookie: bool,
}

/// Resolves credentials.
pub(crate) struct Credentials {
    verifier: Verifier,
    auth: Outbound,
    tokens: ServiceTokens,
    cookie_name: &'static str,
    exchanged: Cache<[u8; 32], String>,
    /// When each session was ended, epoch seconds: tokens issued until then are refused.
    revoked: RwLock<HashMap<SessionId, i64>>,
}

impl Credentials {
    pub(crate) fn new(
        verifier: Verifier,
        auth: Outbound,
        tokens: ServiceTokens,
        cookie_name: &'static str,
    ) -> Self {
        let exchanged = Cache::builder()
            .max_capacity(20_000)
            .time_to_live(EXCHANGE_TTL)
            .build();
        Self {
            verifier,
            auth,
            tokens,
            cookie_name,
            exchanged,
            revoked: RwLock::default(),
        }
    }

    /// Reads what a request shows. An `Authorization` header wins over a cookie.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Shown {
        let mut authorization = headers.get_all(AUTHORIZATION);
        match (authorization.next(), authorization.next()) {
            (None, _) => self.cookie(headers).map_or(Shown::Nothing, Shown::Cookie),
            (Some(value), None) => value.to_str().map_or(Shown::Unreadable, read_authorization),
            (Some(_), Some(_)) => Shown::Unreadable,
        }
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<String> {
        let all = headers
            .get_all(COOKIE)
            .filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(';'))
            .filter_map(|pair| Cookie::parse(pair.trim()).ok())
            .find(|cookie| cookie.name() == self.cookie_name && !cookie.value().is_empty())
            .map(|cookie| cookie.value().to_owned())
    }

    /// The person behind it; `None` when nothing was shown.
    pub(crate) async fn resolve(&self, shown: &Shown) -> Result<Option<Identity>, Problem> {
        let token = match shown {
            Shown::Nothing => return Ok(None),
            Shown::Unreadable => return Err(unauthenticated("The credentials could not be read.")),
            Shown::Bearer(token) => token.clone(),
            Shown::ApiKey(key) => {
                let body = ExchangeApiKey { key: key.clone() };
                self.exchange("/internal/api-keys/exchange", key, &body)
                    .await?
            }
            Shown::Cookie(session) => {
                let body = ExchangeSession {
                    session: session.clone(),
                };
                self.exchange("/internal/sessions/exchange", session, &body)
                    .await?
            }
        };
        let claims = self
            .verifier
            .person(&token)
            .await
            .map_err(|err| token_problem(&err))?;
        let issued_at = claims.iat;
        let caller = Caller::from_claims(claims);
        if self.is_revoked(caller.session_id, issued_at) {
            return Err(unauthenticated("This session was ended; sign in again."));
        }
        Ok(Some(Identity {
            caller,
            token,
            issued_at,
            is_cookie: matches!(shown, Shown::Cookie(_)),
        }))
    }

    async fn exchange<B: serde::Serialize + Sync>(
        &self,
        path: &str,
        secret: &str,
        body: &B,
    ) -> Result<String, Problem> {
        let key = digest(secret);
        if let Some(token) = self.exchanged.get(&key).await {
            return Ok(token);
        }
        let exchanged = self.ask(path, body).await?;
        self.exchanged
            .insert(key, exchanged.access_token.clone())
            .await;
        Ok(exchanged.access_token)
    }

    async fn ask<B: serde::Serialize + Sync>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<ExchangedCredential, Problem> {
        let away = |err: OutboundError| {
            Problem::new(Code::Unavailable)
                .detail("Sign-in cannot be checked right now.")
                .retry_after(2)
                .source(err)
        };
        let token = self.tokens.token_for(service::AUTH).await.map_err(away)?;
        let reply = self
            .auth
            .post(path)
            .bearer(&token)
            .json(body)
            .send()
            .await
            .map_err(away)?;
        if reply.status.is_client_error() {
            return Err(unauthenticated(
                "The session or the key is not valid any more.",
            ));
        }
        reply.success().and_then(|reply| reply.json()).map_err(away)
    }

    /// Whether using it needs a question to auth-service.
    pub(crate) fn needs_exchange(&self, shown: &Shown) -> bool {
        match shown {
            Shown::ApiKey(secret) | Shown::Cookie(secret) => {
                !self.exchanged.contains_key(&digest(secret))
            }
            Shown::Nothing | Shown::Bearer(_) | Shown::Unreadable => false,
        }
    }

    /// Tokens of this session that were issued until `at` (epoch seconds) are refused. A credential that is still
    /// good, such as an API key after a change of role, is exchanged for a new one.
    pub(crate) fn revoke(&self, session: SessionId, at: i64) {
        let life = ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS;
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, ended_at| at - *ended_at < life);
        revoked.insert(session, at);
        self.exchanged.invalidate_all();
    }

    pub(crate) fn is_revoked(&self, session: SessionId, issued_at: i64) -> bool {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        revoked
            .get(&session)
            .is_some_and(|ended_at| issued_at <= *ended_at)
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn read_authorization(value: &str) -> Shown {
    match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && key.starts_with("mnk_") => {
            Shown::ApiKey(key.to_owned())
        }
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Shown::Bearer(token.to_owned())
        }
        _ => Shown::Unreadable,
    }
}

fn unauthenticated(detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated).detail(detail)
}

fn token_problem(err: &TokenError) -> Problem {
    match err {
        TokenError::Unverifiable => Problem::new(Code::Unavailable)
            .detail("Sign-in cannot be checked right now.")
            .retry_after(2),
        TokenError::Expired => unauthenticated("The access token has expired."),
        TokenError::Invalid | TokenError::WrongAudience => {
            unauthenticated("The access token is not valid.")
        }
    }
}
