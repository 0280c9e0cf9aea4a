//! Secrets that are shown as they are: in the address, in a header, as bearer.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::{Credential, Refusal, is_equal, one, token_hash};

pub(super) fn check(presented: Option<&str>, credentials: &[Credential]) -> Result<(), Refusal> {
    let presented = presented.filter(|token| !token.is_empty());
    let hash = token_hash(presented.ok_or(Refusal::Missing)?);
    let mut matches = false;
    for credential in credentials {
        if let Credential::Token(expected) = credential {
            matches |= is_equal(expected, &hash);
        }
    }
    if matches { Ok(()) } else { Err(Refusal::Wrong) }
}

/// Seerr sends the value exactly as it was typed, often without `Bearer`.
pub(super) fn check_bearer(headers: &HeaderMap, credentials: &[Credential]) -> Result<(), Refusal> {
    let value = one(headers, AUTHORIZATION.as_str())?.map(str::trim);
    let token = value.map(|value| match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    });
    check(token, credentials)
}
