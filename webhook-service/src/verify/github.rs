//! GitHub: `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the body>`. The SHA-1 header is never looked at.

use super::{Credential, Evidence, Refusal, hmac_sha256, is_equal, one};

const HEADER: &str = "x-hub-signature-256";

pub(super) fn check(evidence: &Evidence<'_>, credentials: &[Credential]) -> Result<(), Refusal> {
    let value = one(evidence.headers, HEADER)?.ok_or(Refusal::Missing)?;
    let digits = value.strip_prefix("sha256=").ok_or(Refusal::Malformed)?;
    let mut presented = [0; 32];
    hex::decode_to_slice(digits, &mut presented).map_err(|_hex| Refusal::Malformed)?;
    let mut matches = false;
    for credential in credentials {
        if let Credential::Hmac(key) = credential
            && !key.is_empty()
        {
            matches |= is_equal(hmac_sha256(key, &[evidence.body]).as_ref(), &presented);
        }
    }
    if matches { Ok(()) } else { Err(Refusal::Wrong) }
}
