//! The state that plex.tv and the servers share: accounts, tokens, shares, faults, request log.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    catalog::{Catalog, ItemId, Kind},
    fault::{Fault, FaultTarget},
    hash,
    library::{Content, Library, NewCollection, Section},
    pins::Pins,
    session::Sessions,
    settings::{AccountSettings, ServerSettings, Settings},
};

const REQUESTS_KEPT: usize = 20_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) accounts: Vec<Account>,
    pub(crate) servers: Vec<Server>,
    pub(crate) pins: Pins,
    /// Web hooks of the owner's account.
    pub(crate) webhooks: Mutex<Vec<String>>,
    pub(crate) plex_tv_url: OnceLock<String>,
    faults: Mutex<HashMap<FaultTarget, Fault>>,
    requests: Mutex<VecDeque<String>>,
}

/// A plex.tv account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) index: usize,
    pub(crate) id: u64,
    pub(crate) uuid: String,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) is_owner: bool,
    libraries: Vec<String>,
    is_revoked: AtomicBool,
}

/// One Plex Media Server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) machine_identifier: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) library: Library,
    pub(crate) sessions: Sessions,
    pub(crate) scan_delay: Duration,
    pub(crate) url: OnceLock<String>,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        let seed = settings.seed;
        let servers = settings.servers.into_iter().enumerate();
        let accounts = settings.accounts.into_iter().enumerate();
        Self {
            seed,
            servers: servers
                .map(|(index, server)| Server::new(seed, index, server))
                .collect(),
            accounts: accounts
                .map(|(index, account)| Account::new(seed, index, account))
                .collect(),
            pins: Pins::default(),
            webhooks: Mutex::default(),
            plex_tv_url: OnceLock::new(),
            faults: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    pub(crate) fn owner(&self) -> Option<&Account> {
        self.accounts.iter().find(|account| account.is_owner)
    }

    pub(crate) fn account(&self, username: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.username == username)
    }

    /// Whose account token this is.
    pub(crate) fn account_of(&self, token: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.token == token)
    }

    /// The token an account gets for one server; of friends only this one is valid there.
    pub(crate) fn server_token(&self, server: &Server, account: &Account) -> String {
        let name = format!("{}@{}", account.username, server.machine_identifier);
        hash::token(hash::text(self.seed, &name))
    }

    /// Who asks a server with this token.
    pub(crate) fn viewer(&self, server: &Server, token: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| {
            let is_own = account.is_owner && account.token == token;
            (is_own || self.server_token(server, account) == token) && account.reaches(server)
        })
    }

    pub(crate) fn fault(&self, target: FaultTarget) -> Option<Fault> {
        self.faults
            .lock()
            .expect("no panic while locked")
            .get(&target)
            .cloned()
    }

    pub(crate) fn set_fault(&self, target: FaultTarget, fault: Option<Fault>) {
        let mut faults = self.faults.lock().expect("no panic while locked");
        match fault {
            Some(fault) => faults.insert(target, fault),
            None => faults.remove(&target),
        };
    }

    pub(crate) fn log_request(&self, method: &str, path: &str) {
        let mut requests = self.requests.lock().expect("no panic while locked");
        if requests.len() == REQUESTS_KEPT {
            requests.pop_front();
        }
        requests.push_back(format!("{method} {path}"));
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .expect("no panic while locked")
            .iter()
            .cloned()
            .collect()
    }

    pub(crate) fn plex_tv_url(&self) -> String {
        self.plex_tv_url.get().cloned().unwrap_or_default()
    }
}

impl Account {
    fn new(seed: u64, index: usize, settings: AccountSettings) -> Self {
        let random = hash::text(seed, &settings.username);
        Self {
            index,
            id: 22_000_000 + random % 9_000_000,
            uuid: hash::hex(random, 16),
            email: format!("{}@example.com", settings.username),
            token: hash::token(random),
            is_owner: settings.owner,
            username: settings.username,
            libraries: settings.libraries,
            is_revoked: AtomicBool::new(false),
        }
    }

    /// Whether a library is his or shared with him.
    pub(crate) fn sees(&self, section: &Section) -> bool {
        let is_shared = || {
            !self.is_revoked.load(Ordering::SeqCst)
                && self.libraries.iter().any(|title| title == section.title())
        };
        self.is_owner || is_shared()
    }

    /// Whether he may use the server at all.
    pub(crate) fn reaches(&self, server: &Server) -> bool {
        self.is_owner || server.sections.iter().any(|section| self.sees(section))
    }

    /// The owner withdraws (or restores) the share.
    pub(crate) fn set_revoked(&self, revoked: bool) {
        self.is_revoked.store(revoked, Ordering::SeqCst);
    }

    /// The avatar's address.
    pub(crate) fn thumb(&self) -> String {
        format!("https://plex.tv/users/{}/avatar?c=1764000000", self.uuid)
    }

    /// The id a server knows him by: its owner is always 1.
    pub(crate) fn local_id(&self) -> u64 {
        if self.is_owner { 1 } else { self.id }
    }
}

impl Server {
    fn new(seed: u64, index: usize, settings: ServerSettings) -> Self {
        let own_seed = hash::mix(seed, 50, index as u64);
        let count = |items: usize| u32::try_from(items).unwrap_or(u32::MAX);
        let catalog = Catalog {
            seed: own_seed,
            movies: count(settings.movies),
            shows: count(settings.shows),
        };
        let videos = settings.videos_dir.as_ref().map(|folder| {
            let location = folder.to_string_lossy().into_owned();
            Section::new(own_seed, Content::Videos, location)
        });
        let mut sections = vec![
            Section::new(own_seed, Content::Movies, "/data/Movies".to_owned()),
            Section::new(own_seed, Content::Shows, "/data/TV Shows".to_owned()),
        ];
        sections.extend(videos);
        let server = Self {
            index,
            name: settings.name,
            machine_identifier: hash::hex(hash::mix(own_seed, 51, 0), 40),
            sections,
            library: Library::new(catalog, settings.videos_dir),
            sessions: Sessions::default(),
            scan_delay: settings.scan_delay,
            url: OnceLock::new(),
        };
        server.fill();
        server
    }

    /// What is there before anybody looks: scanned videos and one collection.
    fn fill(&self) {
        self.library.videos.scan(None);
        if self.library.catalog.movies > 0 {
            let favorites = (0..self.library.catalog.movies.min(6))
                .map(ItemId::Movie)
                .collect();
            self.library.collections.create(NewCollection {
                section: self.sections[0].key,
                subtype: Kind::Movie,
                title: "Staff Picks".to_owned(),
                items: favorites,
            });
        }
    }

    pub(crate) fn section(&self, key: u32) -> Option<&Section> {
        self.sections.iter().find(|section| section.key == key)
    }

    /// The library an item is in.
    pub(crate) fn section_of(&self, id: ItemId) -> Option<&Section> {
        let content = Library::content_of(id);
        self.sections
            .iter()
            .find(|section| section.content == content)
    }

    pub(crate) fn url(&self) -> String {
        self.url.get().cloned().unwrap_or_default()
    }
}
