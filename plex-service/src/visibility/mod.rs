//! Who may see what. Everything that a person is shown goes through a [`Visible`], which only this module makes:
//! administrators see every library, everybody else the sections that Plex shows them with their own token.

mod refresh;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use shared_db::Id;
use shared_http::Caller;
use shared_types::{access::Scope, ids::LibraryId};

use crate::{
    Error,
    app::AppState,
    store::{self, access::AccessRecord, libraries::LibraryRow},
};

pub(crate) use refresh::Flights;

/// The libraries that one person may see.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visible(HashSet<LibraryId>);

impl Visible {
    /// Whether a library is among them.
    pub(crate) fn has(&self, library: LibraryId) -> bool {
        self.0.contains(&library)
    }

    /// All of them, for a query.
    pub(crate) fn ids(&self) -> Vec<Id> {
        self.0.iter().map(|&id| id.into()).collect()
    }

    /// Those of `libraries` that are among them.
    pub(crate) fn filter(&self, libraries: Vec<LibraryRow>) -> Vec<LibraryRow> {
        libraries
            .into_iter()
            .filter(|library| self.has(library.id()))
            .collect()
    }

    fn of(libraries: &[LibraryRow], allows: impl Fn(&LibraryRow) -> bool) -> Self {
        let visible = libraries.iter().filter(|library| allows(library));
        Self(visible.map(LibraryRow::id).collect())
    }
}

/// What the caller may see right now.
pub(crate) async fn for_caller(state: &AppState, caller: &Caller) -> Result<Visible, Error> {
    let (servers, libraries) = state
        .db
        .run(|conn| {
            let servers = store::servers::list(conn)?;
            Ok::<_, Error>((servers, store::libraries::list_all(conn)?))
        })
        .await?;
    if caller.has(Scope::LibraryManage) {
        return Ok(Visible::of(&libraries, |_| true));
    }
    if servers.is_empty() {
        return Ok(Visible::default());
    }
    let record = refresh::current(state, caller.user_id, &servers).await?;
    let oldest = state.clock.now() - chrono::TimeDelta::seconds(stale_seconds(state));
    Ok(Visible::of(&libraries, |library| {
        is_shared(&record, library, oldest)
    }))
}

fn stale_seconds(state: &AppState) -> i64 {
    i64::try_from(state.config.access_stale_seconds).unwrap_or(i64::MAX / 1_000_000)
}

/// Whether the server showed the section to the person, not too long ago.
fn is_shared(
    record: &AccessRecord,
    library: &LibraryRow,
    oldest: chrono::DateTime<chrono::Utc>,
) -> bool {
    record
        .servers
        .iter()
        .filter(|server| server.server_id == library.server_id() && server.fetched_at >= oldest)
        .flat_map(|server| &server.sections)
        .any(|section| section.key == library.plex_key && section.uuid == library.uuid)
}
