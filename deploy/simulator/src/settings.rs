//! What is simulated: servers, their size, and the people who may see them.

use std::{path::PathBuf, time::Duration};

/// Title of the movie library every server has.
pub const MOVIES: &str = "Movies";
/// Title of the show library every server has.
pub const SHOWS: &str = "TV Shows";
/// Title of the library over [`ServerSettings::videos_dir`].
pub const HOME_VIDEOS: &str = "Home Videos";

/// The whole simulated world.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Everything invented follows from this number.
    pub seed: u64,
    /// The owner's servers.
    pub servers: Vec<ServerSettings>,
    /// plex.tv accounts; exactly one should be the owner.
    pub accounts: Vec<AccountSettings>,
}

/// One Plex Media Server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Its friendly name.
    pub name: String,
    /// How many movies it has.
    pub movies: usize,
    /// How many shows it has.
    pub shows: usize,
    /// The Location of the library [`HOME_VIDEOS`] (agent `com.plexapp.agents.none`). Without one
    /// the server has no such library.
    pub videos_dir: Option<PathBuf>,
    /// How long a scan takes.
    pub scan_delay: Duration,
}

/// One plex.tv account.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// Name to sign in as.
    pub username: String,
    /// Owns all servers and sees everything.
    pub owner: bool,
    /// Titles of the libraries shared with this friend; none means no access.
    pub libraries: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            servers: vec![ServerSettings::default()],
            accounts: vec![
                AccountSettings::owner("olivia"),
                AccountSettings::friend("alice", &[MOVIES]),
                AccountSettings::friend("bob", &[SHOWS, HOME_VIDEOS]),
                AccountSettings::friend("stranger", &[]),
            ],
        }
    }
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            name: "Living Room".to_owned(),
            movies: 120,
            shows: 12,
            videos_dir: None,
            scan_delay: Duration::from_millis(200),
        }
    }
}

impl AccountSettings {
    /// The account that owns the servers.
    pub fn owner(username: &str) -> Self {
        Self {
            username: username.to_owned(),
            owner: true,
            libraries: Vec::new(),
        }
    }

    /// An account the named libraries are shared with.
    pub fn friend(username: &str, libraries: &[&str]) -> Self {
        let libraries = libraries.iter().map(|&title| title.to_owned()).collect();
        Self {
            username: username.to_owned(),
            owner: false,
            libraries,
        }
    }
}
