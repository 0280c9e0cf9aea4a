//! The PINs of "Sign in with Plex".

use std::{collections::HashMap, sync::Mutex};

use crate::{clock, hash};

/// A PIN as plex.tv keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Pin {
    pub(crate) id: u64,
    pub(crate) code: String,
    pub(crate) client: String,
    pub(crate) product: String,
    pub(crate) created_at: i64,
    pub(crate) lifetime: i64,
    /// Index of the account that approved it.
    pub(crate) claimed_by: Option<usize>,
}

impl Pin {
    pub(crate) fn expires_at(&self) -> i64 {
        self.created_at + self.lifetime
    }
}

#[derive(Debug, Default)]
pub(crate) struct Pins(Mutex<HashMap<u64, Pin>>);

impl Pins {
    /// A strong PIN has 25 characters and lives 30 minutes, a short one 4 and 15 minutes.
    pub(crate) fn create(&self, seed: u64, strong: bool, client: &str, product: &str) -> Pin {
        let mut pins = self.0.lock().expect("no panic while locked");
        let id = 308_000_000 + pins.len() as u64 + 1;
        let random = hash::mix(seed, 40, id);
        let pin = Pin {
            id,
            code: code(random, if strong { 25 } else { 4 }),
            client: client.to_owned(),
            product: product.to_owned(),
            created_at: clock::now(),
            lifetime: if strong { 1800 } else { 900 },
            claimed_by: None,
        };
        pins.insert(id, pin.clone());
        pin
    }

    /// The PIN, when it is asked for by the client that created it and has not expired.
    pub(crate) fn find(&self, id: u64, client: &str) -> Option<Pin> {
        let pins = self.0.lock().expect("no panic while locked");
        let pin = pins.get(&id)?;
        (pin.client == client && pin.expires_at() > clock::now()).then(|| pin.clone())
    }

    /// Somebody approved the PIN in the browser.
    pub(crate) fn claim(&self, code: &str, account: usize) -> bool {
        self.change(code, |pin| pin.claimed_by = Some(account))
    }

    /// Its time is over.
    pub(crate) fn expire(&self, code: &str) -> bool {
        self.change(code, |pin| pin.lifetime = 0)
    }

    fn change(&self, code: &str, change: impl FnOnce(&mut Pin)) -> bool {
        let mut pins = self.0.lock().expect("no panic while locked");
        let pending = pins
            .values_mut()
            .find(|pin| pin.code.eq_ignore_ascii_case(code) && pin.expires_at() > clock::now());
        pending.map(change).is_some()
    }
}

fn code(random: u64, length: u64) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let characters = |position| char::from(hash::pick(ALPHABET, hash::mix(random, 41, position)));
    let code: String = (0..length).map(characters).collect();
    if length > 4 {
        code.to_ascii_lowercase()
    } else {
        code
    }
}
