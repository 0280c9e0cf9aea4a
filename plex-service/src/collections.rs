//! Collections: lists, detail, and making them on Plex.

use std::sync::Arc;

use shared_db::Id;
use shared_types::{
    ids::{CollectionId, ItemId, LibraryId},
    page::{decode_cursor, encode_cursor},
};

use crate::{
    Error,
    app::AppState,
    items::{fetched, find_library, top_kind},
    plex::{self, Metadata, PlexClient},
    store::{self, collections::CollectionRow, items::ItemRow, libraries::LibraryRow},
    sync::{collection_row, kinds},
    visibility::Visible,
};

const NO_COLLECTION: Error = Error::NotFound("collection");
/// Members that a detail shows.
const MAX_MEMBERS: i64 = 500;
const MAX_TITLE_CHARS: usize = 200;
const MAX_ITEMS: usize = 1000;

/// A collection with its visible members.
#[derive(Debug)]
pub(crate) struct WithItems {
    pub(crate) collection: CollectionRow,
    pub(crate) items: Vec<ItemRow>,
}

/// What it takes to make a collection.
#[derive(Debug)]
pub(crate) struct NewCollection {
    pub(crate) title: String,
    pub(crate) library_id: LibraryId,
    pub(crate) item_ids: Vec<ItemId>,
    pub(crate) summary: Option<String>,
}

/// A page of visible collections by title.
pub(crate) async fn list(
    state: &AppState,
    visible: &Visible,
    library: Option<LibraryId>,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<CollectionRow>, Option<String>), Error> {
    let after: Option<(String, Id)> = cursor
        .map(|cursor| decode_cursor(cursor).map_err(|_invalid| Error::InvalidCursor))
        .transpose()?;
    if let Some(library) = library {
        find_library(state, visible, library).await?;
    }
    let visible = visible.clone();
    let mut rows = state
        .db
        .run(move |conn| {
            store::collections::list(conn, &visible, library, after.as_ref(), fetched(limit))
        })
        .await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|last| encode_cursor(&(&last.sort_title, last.id)));
    Ok((rows, next_cursor))
}

/// A collection with its members, if the person may see its library.
pub(crate) async fn find(
    state: &AppState,
    visible: &Visible,
    id: CollectionId,
) -> Result<WithItems, Error> {
    let visible = visible.clone();
    state
        .db
        .run(move |conn| {
            let collection = store::collections::find(conn, &visible, id)?.ok_or(NO_COLLECTION)?;
            let items = store::items::list_members(conn, &visible, collection.id, MAX_MEMBERS)?;
            Ok(WithItems { collection, items })
        })
        .await
}

/// Makes a collection on Plex and in the mirror.
pub(crate) async fn create(
    state: &AppState,
    visible: &Visible,
    new: NewCollection,
) -> Result<WithItems, Error> {
    let title = parse_title(&new.title)?;
    let library = find_library(state, visible, new.library_id).await?;
    let items = members(state, visible, &library, new.item_ids).await?;
    let server = crate::servers::find(state, library.server_id()).await?;
    let client = state.clients.of(&server)?;
    if find_on_plex(&client, &library, &title).await?.is_some() {
        return Err(Error::CollectionExists);
    }
    let kind = items.first().map(|item| item.kind.as_str());
    let mut made = client
        .create_collection(&library.plex_key, &title, kind_number(&library, kind))
        .await?;
    let key = made.rating_key.clone().ok_or(plex::Error::NotFound)?;
    let keys: Vec<String> = items.iter().map(|item| item.rating_key.clone()).collect();
    client
        .add_to_collection(&server.machine_identifier, &key, &keys)
        .await?;
    if let Some(summary) = new
        .summary
        .as_deref()
        .filter(|text| !text.trim().is_empty())
    {
        client
            .set_collection_summary(&library.plex_key, &key, summary)
            .await?;
        made.summary = Some(summary.to_owned());
    }
    made.child_count = i64::try_from(items.len()).ok();
    made.title.get_or_insert(title);
    let ids: Vec<Id> = items.iter().map(|item| item.id).collect();
    let collection = store_collection(state, &library, &made, ids).await?;
    Ok(WithItems { collection, items })
}

fn parse_title(title: &str) -> Result<String, Error> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS {
        return Err(Error::InvalidField {
            pointer: "#/title",
            code: "length",
            message: "Give a title of 1 to 200 characters.".to_owned(),
        });
    }
    Ok(title.to_owned())
}

/// The wanted members in the given order; all must be of the library and of one kind.
async fn members(
    state: &AppState,
    visible: &Visible,
    library: &LibraryRow,
    ids: Vec<ItemId>,
) -> Result<Vec<ItemRow>, Error> {
    let refused = |message: &str| Error::InvalidField {
        pointer: "#/item_ids",
        code: "items",
        message: message.to_owned(),
    };
    if ids.len() > MAX_ITEMS {
        return Err(refused("Give at most 1000 items."));
    }
    let (visible, wanted) = (visible.clone(), ids.clone());
    let mut rows = state
        .db
        .run(move |conn| store::items::list_by_ids(conn, &visible, &wanted))
        .await?;
    rows.retain(|row| row.library_id == library.id);
    if rows.len() != ids.len() {
        return Err(refused("Every item must be in the library, and only once."));
    }
    if rows.windows(2).any(|pair| pair[0].kind != pair[1].kind) {
        return Err(refused("All items of a collection must be of one type."));
    }
    rows.sort_by_key(|row| ids.iter().position(|&id| id == row.id()));
    Ok(rows)
}

/// Plex's number of the members' kind.
pub(crate) fn kind_number(library: &LibraryRow, kind: Option<&str>) -> u8 {
    let kinds = kinds(&library.kind);
    let kind = kind.or(top_kind(&library.kind));
    let known = kinds.iter().find(|(name, _)| Some(*name) == kind);
    known.or(kinds.first()).map_or(1, |(_, number)| *number)
}

/// The collection of that title as the server lists it now: a stale list makes duplicates.
pub(crate) async fn find_on_plex(
    client: &PlexClient,
    library: &LibraryRow,
    title: &str,
) -> Result<Option<Metadata>, plex::Error> {
    let path = format!("/library/sections/{}/collections", library.plex_key);
    let mut start = 0;
    loop {
        let page = client.page(&path, start).await?;
        let received = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
        let mut items = page.items.into_iter();
        let found = items.find(|item| item.title.as_deref() == Some(title) && !item.smart);
        start += received;
        if found.is_some() || received == 0 || start >= page.total {
            return Ok(found);
        }
    }
}

/// Puts a collection into the mirror, with members added to those it has.
pub(crate) async fn store_collection(
    state: &AppState,
    library: &LibraryRow,
    collection: &Metadata,
    members: Vec<Id>,
) -> Result<CollectionRow, Error> {
    let clock = Arc::clone(&state.clock);
    let mut row = collection_row(&*clock, library, 0, collection).ok_or(plex::Error::NotFound)?;
    let library = library.id();
    state
        .db
        .tx(move |conn| {
            if let Some(library) = store::libraries::find_any(conn, library)? {
                row.generation = library.generation;
            }
            row.id = store::collections::upsert_any(conn, &row)?;
            store::collections::add_any_members(conn, row.id, &members)?;
            let count = store::collections::count_any_members(conn, row.id)?;
            row.item_count = row.item_count.max(count);
            store::collections::upsert_any(conn, &row)?;
            Ok(row)
        })
        .await
}
