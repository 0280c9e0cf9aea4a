//! Encryption at rest for secrets of third parties (Plex tokens, webhook keys): AES-256-GCM with the installation's key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use sha2::{Digest, Sha256};

use crate::Secret;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const NONCE_LEN: usize = 12;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// A sealed value could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is not 64 hexadecimal digits.
    #[error("the encryption key must be 64 hexadecimal digits")]
    BadKey,
    /// It was sealed with another key.
    #[error("the value was encrypted with another key")]
    OtherKey,
    /// It was changed, or belongs to another context.
    #[error("the encrypted value is damaged")]
    Damaged,
}

/// Seals and opens small secrets. A sealed value is `version | key id | nonce | ciphertext | tag`.
pub struct Sealer {
    key: RandomizedNonceKey,
    key_id: [u8; KEY_ID_LEN],
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer for a key of 64 hexadecimal digits.
    pub fn new(key: &Secret) -> Result<Self, SealError> {
        let bytes = hex::decode(key.expose()).map_err(|_hex| SealError::BadKey)?;
        let digest = Sha256::digest(&bytes);
        let mut key_id = [0; KEY_ID_LEN];
        key_id.copy_from_slice(&digest[..KEY_ID_LEN]);
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_length| SealError::BadKey)?;
        Ok(Self { key, key_id })
    }

    /// Encrypts `plain`. `context` names what it is and whose (`plex-token/<user id>`): only the same context opens it.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let mut body = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut body)
            .expect("sealing fails only above 64 GiB");
        let mut sealed = Vec::with_capacity(HEADER_LEN + body.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Decrypts what [`Sealer::seal`] made.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        if sealed.len() < HEADER_LEN || sealed[0] != VERSION {
            return Err(SealError::Damaged);
        }
        if sealed[1..=KEY_ID_LEN] != self.key_id {
            return Err(SealError::OtherKey);
        }
        let nonce = Nonce::try_assume_unique_for_key(&sealed[1 + KEY_ID_LEN..HEADER_LEN])
            .map_err(|_length| SealError::Damaged)?;
        let mut body = sealed[HEADER_LEN..].to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut body)
            .map_err(|_tag| SealError::Damaged)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(fill: char) -> Sealer {
        Sealer::new(&Secret::new(fill.to_string().repeat(64))).expect("a valid key")
    }

    proptest! {
        #[test]
        fn only_the_same_key_and_context_open_a_value(plain in any::<Vec<u8>>()) {
            let sealed = sealer('a').seal("token/1", &plain);
            prop_assert_eq!(sealer('a').open("token/1", &sealed), Ok(plain));
            prop_assert_eq!(sealer('a').open("token/2", &sealed), Err(SealError::Damaged));
            prop_assert_eq!(sealer('b').open("token/1", &sealed), Err(SealError::OtherKey));
        }

        #[test]
        fn any_bytes_are_refused_without_panic(bytes in any::<Vec<u8>>()) {
            prop_assert!(sealer('a').open("x", &bytes).is_err());
        }
    }
}
