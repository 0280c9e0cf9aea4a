//! The Plex libraries, asked from plex-service, kept for 30 seconds, and kept longer while it is away.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde::Deserialize;
use shared_http::{Outbound, OutboundError, OutboundOptions, Reply, ServiceTokens};
use shared_types::{access::service, ids::LibraryId, internal::LibraryLocation};
use tokio::sync::Mutex;
use tracing::warn;

use super::PathMap;

const MAX_AGE: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Plex's agent of home videos: no matching against a film database.
const HOME_VIDEOS_AGENT: &str = "com.plexapp.agents.none";
const MOVIE: &str = "movie";

/// Where the files of a download go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The library; absent when the folder belongs to none.
    pub(crate) library_id: Option<LibraryId>,
    /// The folder on this machine.
    pub(crate) folder: PathBuf,
    /// The folder as the Plex server sees it.
    pub(crate) plex_folder: PathBuf,
}

/// Why there is no target.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogError {
    /// The libraries are not known right now.
    #[error("the libraries are not known")]
    Unavailable(#[source] OutboundError),
    /// There is no such library, or it does not take videos.
    #[error("library {0} does not exist or does not take videos")]
    Unknown(LibraryId),
}

/// The libraries.
#[derive(Debug)]
pub(crate) struct Catalog {
    client: Option<Outbound>,
    tokens: ServiceTokens,
    path_map: PathMap,
    default_library: Option<String>,
    fallback: PathBuf,
    known: Mutex<Option<(Instant, Vec<LibraryLocation>)>>,
}

impl Catalog {
    /// The libraries of the plex-service at `plex_url`; none when that is empty.
    pub(crate) fn new(
        plex_url: &str,
        tokens: ServiceTokens,
        path_map: PathMap,
        default_library: Option<String>,
        fallback: PathBuf,
    ) -> Self {
        let options = OutboundOptions {
            timeout: Duration::from_secs(5),
            ..OutboundOptions::new(service::PLEX, plex_url)
        };
        Self {
            client: (!plex_url.is_empty()).then(|| Outbound::new(options)),
            tokens,
            path_map,
            default_library,
            fallback,
            known: Mutex::new(None),
        }
    }

    /// Where the files of a download go that names this library, or none.
    pub(crate) async fn target(&self, wanted: Option<LibraryId>) -> Result<Target, CatalogError> {
        let libraries = self.libraries().await?;
        let library = match wanted {
            Some(id) => Some(movie_library(&libraries, id).ok_or(CatalogError::Unknown(id))?),
            None => self.default_of(&libraries),
        };
        Ok(self.target_in(library))
    }

    /// Whether plex-service shows the library to the person whose token this is.
    pub(crate) async fn is_visible(
        &self,
        library: LibraryId,
        token: &str,
    ) -> Result<bool, CatalogError> {
        #[derive(Deserialize)]
        struct Visible {
            id: LibraryId,
        }
        let Some(client) = &self.client else {
            return Ok(false);
        };
        let reply = client
            .get("/api/v1/plex/libraries")
            .bearer(token)
            .send()
            .await;
        let visible: Vec<Visible> = reply
            .and_then(Reply::success)
            .and_then(|reply| reply.json())
            .map_err(CatalogError::Unavailable)?;
        Ok(visible.iter().any(|visible| visible.id == library))
    }

    /// The usual folder on this machine, as far as it is known without asking.
    pub(crate) async fn usual_folder(&self) -> PathBuf {
        let known = self.known.lock().await;
        let libraries = known.as_ref().map_or(&[][..], |(_at, libraries)| libraries);
        self.target_in(self.default_of(libraries)).folder
    }

    fn target_in(&self, library: Option<&LibraryLocation>) -> Target {
        let location = library.and_then(|library| Some((library.id, library.locations.first()?)));
        match location {
            Some((id, folder)) => {
                let plex_folder = PathBuf::from(folder);
                let folder = self.path_map.to_local(&plex_folder);
                Target {
                    library_id: Some(id),
                    folder,
                    plex_folder,
                }
            }
            None => Target {
                library_id: None,
                folder: self.fallback.clone(),
                plex_folder: self.fallback.clone(),
            },
        }
    }

    fn default_of<'l>(&self, libraries: &'l [LibraryLocation]) -> Option<&'l LibraryLocation> {
        let mut movies = libraries.iter().filter(|library| library.kind == MOVIE);
        match &self.default_library {
            Some(name) => movies.find(|library| {
                library.title.eq_ignore_ascii_case(name) || library.id.to_string() == *name
            }),
            None => movies.find(|library| library.agent == HOME_VIDEOS_AGENT),
        }
    }

    async fn libraries(&self) -> Result<Vec<LibraryLocation>, CatalogError> {
        let Some(client) = &self.client else {
            return Ok(Vec::new());
        };
        let mut known = self.known.lock().await;
        if let Some((at, libraries)) = &*known
            && at.elapsed() < MAX_AGE
        {
            return Ok(libraries.clone());
        }
        match (self.fetch(client).await, &mut *known) {
            (Ok(libraries), _) => {
                *known = Some((Instant::now(), libraries.clone()));
                Ok(libraries)
            }
            (Err(err), Some((at, libraries))) => {
                // Asked again soon, but not with every item.
                *at = Instant::now()
                    .checked_sub(MAX_AGE.saturating_sub(ASK_AGAIN))
                    .unwrap_or(*at);
                warn!("The libraries could not be asked for, the last known ones are used: {err}");
                Ok(libraries.clone())
            }
            (Err(err), None) => Err(CatalogError::Unavailable(err)),
        }
    }

    async fn fetch(&self, client: &Outbound) -> Result<Vec<LibraryLocation>, OutboundError> {
        let token = self.tokens.token_for(service::PLEX).await?;
        let reply = client
            .get("/internal/libraries")
            .bearer(&token)
            .send()
            .await?;
        reply.success()?.json()
    }
}

fn movie_library(libraries: &[LibraryLocation], id: LibraryId) -> Option<&LibraryLocation> {
    let mut movies = libraries.iter().filter(|library| library.kind == MOVIE);
    movies.find(|library| library.id == id && !library.locations.is_empty())
}
