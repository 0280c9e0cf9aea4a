//! What this service tells: each fact goes into the outbox in the transaction of its change.

use shared_db::{AnyConn, Error as DbError, outbox};
use shared_types::{
    Clock,
    event::{
        DownloadCancelled, DownloadFailed, DownloadFinished, DownloadInPlex, DownloadRequested,
        DownloadStarted, Event, Fact, FinishedFile,
    },
    ids::ItemId,
};

use crate::{
    NAME,
    library::Target,
    store::{DownloadRow, ItemRow},
};

fn tell<F: Fact>(conn: &mut AnyConn, clock: &dyn Clock, fact: &F) -> Result<(), DbError> {
    outbox::append(conn, &Event::new(clock, NAME, fact))
}

/// Somebody submitted a link.
pub(crate) fn requested(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
) -> Result<(), DbError> {
    let fact = DownloadRequested {
        download_id: row.download_id(),
        user_id: row.owner(),
        url: row.url.clone(),
    };
    tell(conn, clock, &fact)
}

/// The first bytes are coming.
pub(crate) fn started(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
) -> Result<(), DbError> {
    let fact = DownloadStarted {
        download_id: row.download_id(),
        user_id: row.owner(),
        title: row.title.clone(),
    };
    tell(conn, clock, &fact)
}

/// All files lie in their folder.
pub(crate) fn finished(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    items: &[ItemRow],
) -> Result<(), DbError> {
    let target = row.target();
    let files = items
        .iter()
        .filter_map(|item| {
            Some(FinishedFile {
                download_item_id: item.item_id(),
                path: plex_path(item.file_path.as_deref()?, target.as_ref()),
                title: item
                    .title
                    .clone()
                    .unwrap_or_else(|| row.title_or_url().to_owned()),
            })
        })
        .collect();
    let fact = DownloadFinished {
        download_id: row.download_id(),
        user_id: row.owner(),
        title: row.title_or_url().to_owned(),
        library_id: row.library(),
        collection: row.collection.clone().filter(|name| !name.is_empty()),
        files,
    };
    tell(conn, clock, &fact)
}

/// The path of a file as the Plex server sees it.
fn plex_path(local: &str, target: Option<&Target>) -> String {
    let mapped = target.and_then(|target| {
        let inside = std::path::Path::new(local)
            .strip_prefix(&target.folder)
            .ok()?;
        Some(
            target
                .plex_folder
                .join(inside)
                .to_string_lossy()
                .into_owned(),
        )
    });
    mapped.unwrap_or_else(|| local.to_owned())
}

/// It ended without a usable file.
pub(crate) fn failed(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    (class, message): (&str, &str),
) -> Result<(), DbError> {
    let fact = DownloadFailed {
        download_id: row.download_id(),
        user_id: row.owner(),
        title: row.title.clone(),
        class: class.to_owned(),
        message: message.to_owned(),
    };
    tell(conn, clock, &fact)
}

/// A person ended it.
pub(crate) fn cancelled(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
) -> Result<(), DbError> {
    let fact = DownloadCancelled {
        download_id: row.download_id(),
        user_id: row.owner(),
    };
    tell(conn, clock, &fact)
}

/// Every file is an item in Plex.
pub(crate) fn in_plex(
    conn: &mut AnyConn,
    clock: &dyn Clock,
    row: &DownloadRow,
    item_ids: Vec<ItemId>,
) -> Result<(), DbError> {
    let fact = DownloadInPlex {
        download_id: row.download_id(),
        user_id: row.owner(),
        title: row.title_or_url().to_owned(),
        item_ids,
        plex_url: row.plex_url.clone(),
    };
    tell(conn, clock, &fact)
}
