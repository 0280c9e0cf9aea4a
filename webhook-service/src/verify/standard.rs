//! Standard Webhooks: `id.timestamp.body`, signed by HMAC-SHA256 (`v1`) or ed25519 (`v1a`), not older than five minutes.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Credential, Evidence, Refusal, hmac_sha256, is_equal, one};

/// Seconds that the sender's clock may differ, in both directions.
const TOLERANCE: i64 = 300;
/// Most signatures that are looked at.
const MAX_SIGNATURES: usize = 16;

/// The key behind `whsec_…`, `whpk_…` or bare base64; `None` when it is none of these.
pub(super) fn credential(secret: &str) -> Option<Credential> {
    if let Some(key) = secret.strip_prefix("whpk_") {
        let key = STANDARD.decode(key).ok()?;
        return (key.len() == 32).then_some(Credential::Ed25519(key));
    }
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(key).ok()?;
    (16..=128)
        .contains(&key.len())
        .then_some(Credential::Hmac(key))
}

pub(super) fn check(evidence: &Evidence<'_>, credentials: &[Credential]) -> Result<(), Refusal> {
    let id = header(evidence, "id")?;
    let timestamp = header(evidence, "timestamp")?;
    let signatures = header(evidence, "signature")?;
    if !is_id(id) || !is_timestamp(timestamp) {
        return Err(Refusal::Malformed);
    }
    let parts: [&[u8]; 5] = [
        id.as_bytes(),
        b".",
        timestamp.as_bytes(),
        b".",
        evidence.body,
    ];
    let mut matches = false;
    for entry in signatures.split(' ').take(MAX_SIGNATURES) {
        for credential in credentials {
            matches |= is_signed(credential, entry, &parts);
        }
    }
    if !matches {
        return Err(Refusal::Wrong);
    }
    let sent: i64 = timestamp.parse().map_err(|_digits| Refusal::Malformed)?;
    if (evidence.now - sent).abs() > TOLERANCE {
        return Err(Refusal::Stale);
    }
    Ok(())
}

/// `webhook-…`, or the older `svix-…`.
fn header<'a>(evidence: &Evidence<'a>, name: &str) -> Result<&'a str, Refusal> {
    let standard = one(evidence.headers, &format!("webhook-{name}"))?;
    let value = match standard {
        Some(value) => Some(value),
        None => one(evidence.headers, &format!("svix-{name}"))?,
    };
    value.ok_or(Refusal::Missing)
}

/// A dot in the id would shift what is signed.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

fn is_timestamp(text: &str) -> bool {
    (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_signed(credential: &Credential, entry: &str, parts: &[&[u8]]) -> bool {
    let Some((version, signature)) = entry.split_once(',') else {
        return false;
    };
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    match (credential, version) {
        (Credential::Hmac(key), "v1") => is_equal(hmac_sha256(key, parts).as_ref(), &signature),
        (Credential::Ed25519(key), "v1a") => UnparsedPublicKey::new(&ED25519, key)
            .verify(&parts.concat(), &signature)
            .is_ok(),
        _ => false,
    }
}
