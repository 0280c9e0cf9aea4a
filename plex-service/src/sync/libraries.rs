//! The list of a server's libraries.

use std::sync::Arc;

use shared_db::{AnyConn, Id, Json};
use shared_types::{Clock, ids::LibraryId};

use super::{Run, SyncError};
use crate::{
    Error,
    app::AppState,
    plex::Section,
    store::{self, libraries::LibraryRow},
};
use shared_types::ids::ServerId;

/// A library is removed when it was missing in this many lists in a row.
const MISSING_LISTS: i32 = 2;

impl Run<'_> {
    /// Brings the libraries up to date and gives those that the server lists.
    pub(super) async fn mirror_libraries(&self) -> Result<Vec<LibraryRow>, SyncError> {
        let sections = self.client.sections().await?;
        Ok(store_sections(self.state, self.server.id(), sections).await?)
    }
}

/// Stores what a server lists. Its token is the owner's, so the list is whole.
pub(crate) async fn store_sections(
    state: &AppState,
    server: ServerId,
    sections: Vec<Section>,
) -> Result<Vec<LibraryRow>, Error> {
    let clock = Arc::clone(&state.clock);
    state
        .db
        .tx(move |conn| merge(conn, &*clock, server, &sections))
        .await
}

fn merge(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    server: ServerId,
    sections: &[Section],
) -> Result<Vec<LibraryRow>, Error> {
    let mut known = store::libraries::list_of_server(conn, server)?;
    let mut listed = Vec::with_capacity(sections.len());
    for section in sections {
        let position = known.iter().position(|row| row.plex_key == section.key);
        let old = position.map(|position| known.swap_remove(position));
        listed.push(store_section(conn, clock, server, section, old)?);
    }
    for row in known {
        if row.missing_sweeps + 1 >= MISSING_LISTS {
            store::libraries::delete(conn, row.id)?;
        } else {
            store::libraries::set_missing(conn, row.id, row.missing_sweeps + 1)?;
        }
    }
    Ok(listed)
}

fn store_section(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    server: ServerId,
    section: &Section,
    old: Option<LibraryRow>,
) -> Result<LibraryRow, Error> {
    match old {
        Some(old) if old.uuid == section.uuid => {
            let row = described(old, section)?;
            store::libraries::update_described(conn, &row)?;
            Ok(row)
        }
        old => {
            // The same key with another identity is another library: nothing of the old one may be seen in it.
            if let Some(old) = old {
                store::libraries::delete(conn, old.id)?;
            }
            let row = described(empty(clock, server, &section.key), section)?;
            store::libraries::insert(conn, &row)?;
            Ok(row)
        }
    }
}

fn described(mut row: LibraryRow, section: &Section) -> Result<LibraryRow, Error> {
    row.uuid.clone_from(&section.uuid);
    row.kind.clone_from(&section.kind);
    row.title.clone_from(&section.title);
    row.agent.clone_from(&section.agent);
    row.locations = Json::of(&section.locations)?;
    row.missing_sweeps = 0;
    Ok(row)
}

fn empty(clock: &dyn Clock, server: ServerId, key: &str) -> LibraryRow {
    LibraryRow {
        id: LibraryId::generate(clock).into(),
        server_id: Id::from(server),
        plex_key: key.to_owned(),
        uuid: String::new(),
        kind: String::new(),
        title: String::new(),
        agent: String::new(),
        locations: Json(serde_json::Value::Array(Vec::new())),
        item_count: 0,
        generation: 0,
        revision: 0,
        missing_sweeps: 0,
        hint_due_at: None,
        synced_at: None,
    }
}
