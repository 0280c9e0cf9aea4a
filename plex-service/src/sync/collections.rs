//! Sweeps over the collections of one library.

use std::{collections::HashMap, sync::Arc};

use shared_db::Id;
use shared_types::{Clock, ids::CollectionId};

use super::{Run, SyncError, sweep::may_remove};
use crate::{
    plex::{self, Metadata, is_picture_path},
    search::text::fold,
    store::{self, collections::CollectionRow, libraries::LibraryRow},
};

/// The row for a collection, or none for entries without an id or a title.
pub(crate) fn collection_row(
    clock: &dyn Clock,
    library: &LibraryRow,
    generation: i64,
    collection: &Metadata,
) -> Option<CollectionRow> {
    let title = collection.title.clone()?;
    let thumb = collection
        .thumb
        .as_deref()
        .or(collection.composite.as_deref());
    let thumb = thumb.and_then(|path| path.split('?').next());
    Some(CollectionRow {
        id: CollectionId::generate(clock).into(),
        library_id: library.id,
        server_id: library.server_id,
        rating_key: collection.rating_key.clone()?,
        sort_title: fold(collection.title_sort.as_deref().unwrap_or(&title)),
        title,
        summary: collection.summary.clone(),
        is_smart: collection.smart,
        item_count: collection
            .child_count
            .or(collection.leaf_count)
            .unwrap_or(0),
        thumb: thumb
            .filter(|path| is_picture_path(path))
            .map(str::to_owned),
        updated_at: collection.updated_at.unwrap_or(0),
        generation,
    })
}

impl Run<'_> {
    /// Mirrors the collections of a library with their members, and removes those that are gone.
    pub(super) async fn sweep_collections(
        &mut self,
        library: &LibraryRow,
        generation: i64,
    ) -> Result<(), SyncError> {
        if super::kinds(&library.kind).is_empty() {
            return Ok(());
        }
        let path = format!("/library/sections/{}/collections", library.plex_key);
        let listed = self.read_all(&path).await?;
        for collection in &listed {
            let clock = Arc::clone(&self.state.clock);
            if let Some(row) = collection_row(&*clock, library, generation, collection) {
                self.mirror_collection(row).await?;
            }
        }
        let id = library.id;
        self.state
            .db
            .tx(move |conn| {
                let (total, unseen) = store::collections::count_any_unseen(conn, id, generation)?;
                if may_remove(total, unseen) {
                    store::collections::delete_any_unseen(conn, id, generation)?;
                }
                Ok::<_, shared_db::Error>(())
            })
            .await?;
        Ok(())
    }

    async fn mirror_collection(&self, row: CollectionRow) -> Result<(), SyncError> {
        let (server, key) = (row.server_id, row.rating_key.clone());
        let found = row.clone();
        let (id, is_same) = self
            .state
            .db
            .tx(move |conn| {
                let old = store::collections::find_any_by_key(conn, server, &found.rating_key)?;
                let id = store::collections::upsert_any(conn, &found)?;
                let members = store::collections::count_any_members(conn, id)?;
                let is_same = old.is_some_and(|old| {
                    old.updated_at == found.updated_at && members == found.item_count
                });
                Ok::<_, shared_db::Error>((id, is_same))
            })
            .await?;
        // A smart collection changes without its own time changing.
        if is_same && !row.is_smart {
            return Ok(());
        }
        let members = self
            .read_all(&format!("/library/collections/{key}/children"))
            .await;
        match members {
            Ok(members) => self.store_members(server, id, &members).await,
            // It was removed between the two requests; the next sweep sees that.
            Err(SyncError::Failed(crate::Error::Plex(plex::Error::NotFound))) => Ok(()),
            Err(err) => Err(err),
        }
    }

    async fn store_members(
        &self,
        server: Id,
        collection: Id,
        members: &[Metadata],
    ) -> Result<(), SyncError> {
        let keys: Vec<String> = members
            .iter()
            .filter_map(|member| member.rating_key.clone())
            .collect();
        self.state
            .db
            .tx(move |conn| {
                let mut ids = HashMap::new();
                for keys in keys.chunks(500) {
                    ids.extend(store::items::list_any_by_keys(conn, server, keys)?);
                }
                let members: Vec<Id> = keys.iter().filter_map(|key| ids.remove(key)).collect();
                store::collections::replace_any_members(conn, collection, &members)
            })
            .await?;
        Ok(())
    }

    /// Every page of a short list.
    async fn read_all(&self, path: &str) -> Result<Vec<Metadata>, SyncError> {
        let mut all: Vec<Metadata> = Vec::new();
        loop {
            let start = i64::try_from(all.len()).unwrap_or(i64::MAX);
            let page = self.client.page(path, start).await?;
            if page.items.is_empty() && start < page.total {
                return Err(plex::Error::Truncated {
                    received: start,
                    total: page.total,
                }
                .into());
            }
            let is_last = page.items.is_empty();
            all.extend(page.items);
            if is_last || i64::try_from(all.len()).unwrap_or(i64::MAX) >= page.total {
                return Ok(all);
            }
        }
    }
}
