//! One attempt at a hand-over: scan, find, collect, tell.

use std::{collections::BTreeSet, sync::Arc};

use shared_db::outbox;
use shared_types::event::{Event, LibraryItemAdded};
use tracing::warn;

use super::{finding, paths};
use crate::{
    Error,
    app::AppState,
    collections,
    items::{item_row, top_kind},
    plex::{self, Metadata, PlexClient, plex_url},
    store::{
        self,
        handovers::{AttemptEnd, HandoverFileRow, HandoverRow},
        items::ItemRow,
        libraries::LibraryRow,
        servers::ServerRow,
    },
};

/// A scan is asked for again after so many attempts: the first one may have run before the file was whole.
const ATTEMPTS_PER_SCAN: i32 = 6;

/// A file with the library it belongs to.
struct Placed<'a> {
    file: &'a HandoverFileRow,
    library: &'a LibraryRow,
    folder: &'a str,
    name: &'a str,
}

/// Where the items of a library come from.
struct Source<'a> {
    server: &'a ServerRow,
    library: &'a LibraryRow,
    client: Arc<PlexClient>,
}

pub(super) async fn attempt(state: &AppState, handover: &HandoverRow) -> Result<AttemptEnd, Error> {
    let id = handover.id;
    let (files, libraries, servers) = state
        .db
        .run(move |conn| {
            Ok::<_, Error>((
                store::handovers::list_waiting_files(conn, id)?,
                store::libraries::list_all(conn)?,
                store::servers::list(conn)?,
            ))
        })
        .await?;
    let placed: Vec<Placed<'_>> = files
        .iter()
        .filter_map(|file| place(file, &libraries, handover))
        .collect();
    scan(state, handover, &placed, &servers).await?;
    let mut missing = files.len() - placed.len();
    for placed in &placed {
        let source = source(state, placed.library, &servers)?;
        if !take_over(state, handover, &source, placed).await? {
            missing += 1;
        }
    }
    if missing == 0 {
        return Ok(AttemptEnd::Done);
    }
    let reason = if placed.len() < files.len() {
        "no library of a Plex server contains the folder of a file"
    } else {
        "Plex does not show the file yet"
    };
    wait_or_give_up(state, handover, reason).await
}

fn place<'a>(
    file: &'a HandoverFileRow,
    libraries: &'a [LibraryRow],
    handover: &HandoverRow,
) -> Option<Placed<'a>> {
    let (folder, name) = paths::split(&file.path)?;
    Some(Placed {
        library: paths::library_of(libraries, handover.library_id, &file.path)?,
        file,
        folder,
        name,
    })
}

fn source<'a>(
    state: &AppState,
    library: &'a LibraryRow,
    servers: &'a [ServerRow],
) -> Result<Source<'a>, Error> {
    let server = servers
        .iter()
        .find(|server| server.id == library.server_id)
        .ok_or(Error::NotFound("server"))?;
    Ok(Source {
        client: state.clients.of(server)?,
        server,
        library,
    })
}

/// Asks for a scan of every folder once, at first and then every few attempts.
async fn scan(
    state: &AppState,
    handover: &HandoverRow,
    placed: &[Placed<'_>],
    servers: &[ServerRow],
) -> Result<(), Error> {
    let is_due = handover.scanned_at.is_none() || handover.attempts % ATTEMPTS_PER_SCAN == 0;
    if !is_due || placed.is_empty() {
        return Ok(());
    }
    let folders: BTreeSet<_> = placed
        .iter()
        .map(|placed| (placed.library.id, placed.folder))
        .collect();
    for (library, folder) in folders {
        let library = placed.iter().find(|placed| placed.library.id == library);
        let Some(library) = library.map(|placed| placed.library) else {
            continue;
        };
        let source = source(state, library, servers)?;
        source.client.scan(&library.plex_key, folder).await?;
    }
    let id = handover.id;
    state
        .db
        .tx(move |conn| store::handovers::set_scanned(conn, id))
        .await?;
    Ok(())
}

/// Finds the item of a file, puts it into its collection and the mirror, and tells. `false`: it is not there yet.
async fn take_over(
    state: &AppState,
    handover: &HandoverRow,
    source: &Source<'_>,
    placed: &Placed<'_>,
) -> Result<bool, Error> {
    let path = &placed.file.path;
    let found = finding::find_by_file(&source.client, source.library, path, placed.name).await?;
    let Some(item) = found else { return Ok(false) };
    let generation = source.library.generation;
    let Some(row) = item_row(&*state.clock, source.library, generation, &item) else {
        return Ok(false);
    };
    let collection = collect(state, handover, source, &row).await?;
    store_and_tell(state, handover, source, placed, row, collection.as_ref()).await?;
    if let Some(collection) = collection {
        let (server, key) = (
            source.library.server_id,
            item.rating_key.unwrap_or_default(),
        );
        let members = state
            .db
            .run(move |conn| store::items::list_any_by_keys(conn, server, &[key]))
            .await?;
        let members = members.into_iter().map(|(_, id)| id).collect();
        collections::store_collection(state, source.library, &collection, members).await?;
    }
    state.wake.index.notify_one();
    Ok(true)
}

/// Makes sure that the collection exists and has the item. A collection that Plex refuses does not hold up the item.
async fn collect(
    state: &AppState,
    handover: &HandoverRow,
    source: &Source<'_>,
    item: &ItemRow,
) -> Result<Option<Metadata>, Error> {
    let title = handover.collection.as_deref().map(str::trim);
    let Some(title) = title.filter(|title| !title.is_empty()) else {
        return Ok(None);
    };
    let _one_at_a_time = state.collecting.lock().await;
    match add_on_plex(source, title, item).await {
        Ok(collection) => Ok(Some(collection)),
        Err(err) if err.is_temporary() => Err(err.into()),
        Err(err) => {
            warn!("Plex refused to put an item into the collection `{title}`: {err}");
            Ok(None)
        }
    }
}

async fn add_on_plex(
    source: &Source<'_>,
    title: &str,
    item: &ItemRow,
) -> Result<Metadata, plex::Error> {
    let client = &source.client;
    let known = collections::find_on_plex(client, source.library, title).await?;
    let collection = if let Some(collection) = known {
        collection
    } else {
        let number = collections::kind_number(source.library, Some(&item.kind));
        let section = &source.library.plex_key;
        client.create_collection(section, title, number).await?
    };
    let key = collection.rating_key.clone().ok_or(plex::Error::NotFound)?;
    let items = [item.rating_key.clone()];
    client
        .add_to_collection(&source.server.machine_identifier, &key, &items)
        .await?;
    Ok(collection)
}

/// One transaction: the item is in the mirror, the file is done, and the event is on its way.
async fn store_and_tell(
    state: &AppState,
    handover: &HandoverRow,
    source: &Source<'_>,
    placed: &Placed<'_>,
    row: ItemRow,
    collection: Option<&Metadata>,
) -> Result<(), Error> {
    let clock = Arc::clone(&state.clock);
    let file = placed.file.clone();
    let (library, top_kind) = (source.library.id(), top_kind(&source.library.kind));
    let mut fact = LibraryItemAdded {
        server_id: source.server.id(),
        library_id: library,
        item_id: row.id(),
        item_type: row.kind.clone(),
        title: row.title.clone(),
        plex_url: Some(plex_url(&source.server.machine_identifier, &row.rating_key)),
        download_id: Some(handover.download_id.into()),
        download_item_id: Some(file.download_item_id.into()),
        collection: collection.and(handover.collection.clone()),
    };
    state
        .db
        .tx(move |conn| {
            let mut row = row;
            if let Some(library) = store::libraries::find_any(conn, library)? {
                row.generation = library.generation;
            }
            let keys = [row.rating_key.clone()];
            let server = row.server_id;
            store::items::upsert_any(conn, &[row])?;
            if let Some(kind) = top_kind {
                let count = store::items::count_any(conn, library.into(), &[kind])?;
                store::libraries::set_item_count(conn, library.into(), count)?;
            }
            store::libraries::bump_revision(conn, library.into())?;
            let stored = store::items::list_any_by_keys(conn, server, &keys)?;
            let Some((_, item)) = stored.into_iter().next() else {
                return Ok(());
            };
            fact.item_id = item.into();
            store::handovers::renew(conn, file.handover_id)?;
            if store::handovers::set_file_item(conn, &file, item)? {
                outbox::append(conn, &Event::new(&*clock, crate::NAME, &fact))?;
            }
            Ok::<_, shared_db::Error>(())
        })
        .await?;
    Ok(())
}

async fn wait_or_give_up(
    state: &AppState,
    handover: &HandoverRow,
    reason: &str,
) -> Result<AttemptEnd, Error> {
    let row = handover.clone();
    let since_scan = state
        .db
        .run(move |conn| store::handovers::waiting_since_scan(conn, &row))
        .await?;
    let age = state.clock.now() - handover.created_at.0;
    let waited = since_scan.unwrap_or(age.to_std().unwrap_or_default());
    if waited > state.config.handover_give_up() {
        return Ok(AttemptEnd::Failed(reason.to_owned()));
    }
    Ok(AttemptEnd::Again {
        after: state.config.handover_pause(handover.attempts),
        reason: reason.to_owned(),
    })
}
