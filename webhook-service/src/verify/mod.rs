//! Is it really the sender? Checked over the raw bytes, before anything is parsed, in constant time, against every live
//! secret. One scheme per source, never whatever header happens to be there.

mod github;
mod plain;
mod standard;
#[cfg(test)]
mod tests;

use actix_web::http::header::{HeaderMap, HeaderName};
use aws_lc_rs::{constant_time, digest, hmac};

use crate::kind::AuthMode;

/// A live secret of a source, ready for checking.
#[derive(Clone)]
pub(crate) enum Credential {
    /// SHA-256 of a token.
    Token([u8; 32]),
    /// Key of an HMAC.
    Hmac(Vec<u8>),
    /// Public key of ed25519 signatures (Standard Webhooks v1a).
    Ed25519(Vec<u8>),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Why a request did not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the secret or signature is missing")]
    Missing,
    #[error("the secret or signature is wrong")]
    Wrong,
    #[error("a signature header is there twice or malformed")]
    Malformed,
    #[error("the signature is too old or from the future: check the sender's clock")]
    Stale,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) url_secret: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Our time, in seconds since 1970.
    pub(crate) now: i64,
}

/// Checks a request by the source's scheme.
pub(crate) fn check(
    mode: AuthMode,
    header_name: Option<&HeaderName>,
    credentials: &[Credential],
    evidence: &Evidence<'_>,
) -> Result<(), Refusal> {
    match mode {
        AuthMode::UrlSecret => plain::check(evidence.url_secret, credentials),
        AuthMode::Header => {
            let name = header_name.ok_or(Refusal::Missing)?;
            plain::check(one(evidence.headers, name.as_str())?, credentials)
        }
        AuthMode::Bearer => plain::check_bearer(evidence.headers, credentials),
        AuthMode::Github => github::check(evidence, credentials),
        AuthMode::Standard => standard::check(evidence, credentials),
    }
}

/// The SHA-256 of a token, as it is stored.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

/// The key behind a Standard Webhooks secret, or `None` when it is not one.
pub(crate) fn standard_credential(secret: &str) -> Option<Credential> {
    standard::credential(secret)
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// The value of a header that may be there once at most.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::Malformed);
    }
    match first {
        None => Ok(None),
        // Not `to_str`: a token may hold bytes beyond ASCII, as long as they are text.
        Some(value) => std::str::from_utf8(value.as_bytes())
            .map(Some)
            .map_err(|_bytes| Refusal::Malformed),
    }
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    context.sign()
}

fn is_equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}
