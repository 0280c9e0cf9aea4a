//! Sweeps over the items of one library.

use std::sync::Arc;

use tracing::warn;

use super::{Run, SyncError, kinds};
use crate::{
    items::item_row,
    plex::{self, PAGE_SIZE, Page},
    store::{self, items::ItemRow, libraries::LibraryRow},
};

/// Libraries up to this size may lose everything at once.
const SMALL_LIBRARY: i64 = 20;
/// Of larger ones at most this share, in percent: more looks like a disk that is not mounted.
const MOST_REMOVED_PERCENT: i64 = 40;
/// Pages of a look at the newest items.
const NEWEST_PAGES: i64 = 25;

/// The list of one kind in a library.
pub(super) fn list_path(library: &LibraryRow, kind_number: u8) -> String {
    format!(
        "/library/sections/{}/all?type={kind_number}&includeGuids=1&checkFiles=0",
        library.plex_key
    )
}

/// Whether a complete sweep may remove what it did not see.
pub(crate) fn may_remove(total: i64, unseen: i64) -> bool {
    total <= SMALL_LIBRARY || unseen * 100 <= total * MOST_REMOVED_PERCENT
}

impl Run<'_> {
    /// Mirrors every item of a library and removes what is gone. Gives the sweep's number.
    pub(super) async fn sweep_items(&mut self, library: &LibraryRow) -> Result<i64, SyncError> {
        let id = library.id;
        let generation = self
            .state
            .db
            .tx(move |conn| store::libraries::next_generation(conn, id))
            .await?;
        let mut is_complete = true;
        for (kind, number) in kinds(&library.kind) {
            is_complete &= self.sweep_kind(library, generation, kind, *number).await?;
            self.show_found(library).await?;
        }
        if is_complete {
            self.remove_unseen(library, generation).await?;
        } else {
            warn!(
                "The list of `{}` changed while it was read; nothing was removed",
                library.title
            );
        }
        Ok(generation)
    }

    /// Mirrors one kind. `false`: the list changed meanwhile, so what was not seen may still be there.
    async fn sweep_kind(
        &mut self,
        library: &LibraryRow,
        generation: i64,
        kind: &'static str,
        number: u8,
    ) -> Result<bool, SyncError> {
        let path = list_path(library, number);
        let (mut start, mut total) = (0, None);
        let mut is_steady = true;
        let mut page = self.client.page(&path, 0).await?;
        loop {
            let received = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
            is_steady &= *total.get_or_insert(page.total) == page.total;
            let promised = page.total;
            if received == 0 && start < promised {
                return Err(plex::Error::Truncated {
                    received: start,
                    total: promised,
                }
                .into());
            }
            start += received;
            let rows = self.rows(library, generation, &page);
            // The next page is on its way while this one is stored.
            let has_more = received > 0 && start < promised;
            let next = async {
                if has_more {
                    self.client.page(&path, start).await.map(Some)
                } else {
                    Ok(None)
                }
            };
            let (stored, next) = tokio::join!(self.store_rows(rows), next);
            stored?;
            self.progress.items_done += received;
            self.store_progress().await?;
            match next? {
                Some(next) => page = next,
                None => break,
            }
        }
        let id = library.id;
        let seen = self
            .state
            .db
            .run(move |conn| store::items::count_any_seen(conn, id, kind, generation))
            .await?;
        Ok(is_steady && seen >= total.unwrap_or(0))
    }

    /// Reads the newest items until a whole page is known already.
    pub(super) async fn sweep_newest(
        &self,
        library: &LibraryRow,
        number: u8,
    ) -> Result<(), SyncError> {
        let path = format!("{}&sort=addedAt:desc", list_path(library, number));
        for page_number in 0..NEWEST_PAGES {
            let page = self.client.page(&path, page_number * PAGE_SIZE).await?;
            let keys: Vec<String> = page
                .items
                .iter()
                .filter_map(|item| item.rating_key.clone())
                .collect();
            let (server, id, wanted) = (library.server_id, library.id, keys.len());
            let (known, current) = self
                .state
                .db
                .run(move |conn| {
                    let known = store::items::list_any_by_keys(conn, server, &keys)?.len();
                    let library = store::libraries::find_any(conn, id.into())?;
                    Ok::<_, shared_db::Error>((known, library))
                })
                .await?;
            let Some(current) = current else {
                return Ok(());
            };
            self.store_rows(self.rows(&current, current.generation, &page))
                .await?;
            if known == wanted || page.items.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn rows(&self, library: &LibraryRow, generation: i64, page: &Page) -> Vec<ItemRow> {
        let clock = Arc::clone(&self.state.clock);
        let items = page.items.iter();
        let mut rows: Vec<ItemRow> = items
            .filter_map(|item| item_row(&*clock, library, generation, item))
            .collect();
        // One statement must not store a row twice.
        rows.sort_by(|left, right| left.rating_key.cmp(&right.rating_key));
        rows.dedup_by(|left, right| left.rating_key == right.rating_key);
        rows
    }

    async fn store_rows(&self, rows: Vec<ItemRow>) -> Result<(), SyncError> {
        self.state
            .db
            .tx(move |conn| store::items::upsert_any(conn, &rows))
            .await?;
        Ok(())
    }

    /// Shows people what was found so far, also in the search.
    async fn show_found(&self, library: &LibraryRow) -> Result<(), SyncError> {
        let (id, kind) = (library.id, crate::items::top_kind(&library.kind));
        self.state
            .db
            .tx(move |conn| {
                if let Some(kind) = kind {
                    let count = store::items::count_any(conn, id, &[kind])?;
                    store::libraries::set_item_count(conn, id, count)?;
                }
                store::libraries::bump_revision(conn, id)
            })
            .await?;
        Ok(())
    }

    async fn remove_unseen(
        &mut self,
        library: &LibraryRow,
        generation: i64,
    ) -> Result<(), SyncError> {
        let id = library.id;
        let refused = self
            .state
            .db
            .tx(move |conn| {
                let (total, unseen) = store::items::count_any_unseen(conn, id, generation)?;
                if unseen == 0 {
                    return Ok::<_, shared_db::Error>(None);
                }
                if !may_remove(total, unseen) {
                    return Ok(Some((total, unseen)));
                }
                store::items::delete_any_unseen(conn, id, generation)?;
                store::libraries::bump_revision(conn, id)?;
                Ok(None)
            })
            .await?;
        if let Some((total, unseen)) = refused {
            let remark = format!(
                "{unseen} of {total} items of `{}` are gone at once, so they were kept; check that the server's disks are mounted.",
                library.title
            );
            warn!("{remark}");
            self.remarks.push(remark);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_library_never_loses_much_at_once() {
        assert!(may_remove(20, 20));
        assert!(may_remove(100, 40));
        assert!(!may_remove(100, 41));
        assert!(!may_remove(21, 21));
    }
}
