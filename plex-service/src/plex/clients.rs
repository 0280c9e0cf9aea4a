//! One client per configured server, made when first needed and again when its address or token changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use shared_runtime::{Sealer, Secret};
use shared_types::ids::ServerId;

use super::{ClientIdentity, PlexClient};
use crate::{Error, store::servers::ServerRow};

/// The clients of all servers.
#[derive(Debug)]
pub(crate) struct Clients {
    identity: ClientIdentity,
    sealer: Arc<Sealer>,
    known: Mutex<HashMap<ServerId, Known>>,
}

#[derive(Debug)]
struct Known {
    url: String,
    token_sealed: Vec<u8>,
    client: Arc<PlexClient>,
}

impl Clients {
    pub(crate) fn new(identity: ClientIdentity, sealer: Arc<Sealer>) -> Self {
        Self {
            identity,
            sealer,
            known: Mutex::default(),
        }
    }

    /// The client of a server.
    pub(crate) fn of(&self, server: &ServerRow) -> Result<Arc<PlexClient>, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get(&server.id())
            && entry.url == server.url
            && entry.token_sealed == server.token_sealed
        {
            return Ok(Arc::clone(&entry.client));
        }
        let token = self.open(server)?;
        let client = Arc::new(self.make(&server.name, &server.url, token));
        let entry = Known {
            url: server.url.clone(),
            token_sealed: server.token_sealed.clone(),
            client: Arc::clone(&client),
        };
        known.insert(server.id(), entry);
        Ok(client)
    }

    /// A client for an address that is not stored yet.
    pub(crate) fn make(&self, name: &str, url: &str, token: Secret) -> PlexClient {
        PlexClient::new(&self.identity, name, url, token)
    }

    /// Forgets a server that was removed.
    pub(crate) fn forget(&self, id: ServerId) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
    }

    /// Encrypts a server's token for the database.
    pub(crate) fn seal(&self, id: ServerId, token: &Secret) -> Vec<u8> {
        self.sealer.seal(&context(id), token.expose().as_bytes())
    }

    /// The token of a server.
    pub(crate) fn open(&self, server: &ServerRow) -> Result<Secret, Error> {
        let plain = self
            .sealer
            .open(&context(server.id()), &server.token_sealed)
            .map_err(Error::Sealed)?;
        Ok(Secret::new(String::from_utf8_lossy(&plain).into_owned()))
    }
}

fn context(id: ServerId) -> String {
    format!("plex-server-token/{id}")
}
