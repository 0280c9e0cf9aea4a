//! Opaque credentials: 256 random bits with a prefix that says what they are. Only their SHA-256 is stored.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A browser session's cookie.
    Session,
    /// A refresh token.
    Refresh,
    /// The cookie that binds a Plex sign-in to the browser that began it.
    PreLogin,
}

impl Kind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "mns_",
            Self::Refresh => "mnr_",
            Self::PreLogin => "mnp_",
        }
    }
}

/// A secret as somebody sent it. It never prints.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Sent(Zeroizing<String>);

impl Sent {
    /// The secret itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Sent {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A fresh credential.
pub(crate) fn generate(kind: Kind) -> Zeroizing<String> {
    let random = Zeroizing::new(rand::random::<[u8; 32]>());
    Zeroizing::new(format!(
        "{}{}",
        kind.prefix(),
        URL_SAFE_NO_PAD.encode(*random)
    ))
}

/// What is stored of a credential, or `None` when it cannot be one of this kind.
pub(crate) fn hash_of(kind: Kind, text: &str) -> Option<Vec<u8>> {
    let body = text.strip_prefix(kind.prefix())?;
    (body.len() == 43).then(|| digest(text))
}

/// SHA-256.
pub(crate) fn digest(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

/// Compares without telling by its time where the difference is.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_of_one_kind_is_none_of_another() {
        let cookie = generate(Kind::Session);
        assert!(hash_of(Kind::Session, &cookie).is_some());
        assert_eq!(hash_of(Kind::Refresh, &cookie), None);
        assert_ne!(*cookie, *generate(Kind::Session));
    }
}
