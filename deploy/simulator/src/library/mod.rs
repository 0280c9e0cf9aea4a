//! What one server's libraries contain: generated movies and shows, videos found on disk, and
//! collections; with the orders and filters of Plex's media queries.

mod collections;
mod query;
mod section;
mod videos;

use std::{
    cmp::Reverse,
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

pub(crate) use collections::{Collection, Collections, NewCollection};
pub(crate) use query::{Filter, Order, SortKey, fold, genre_id, title_contains};
pub(crate) use section::{Content, Section};
pub(crate) use videos::Videos;

use crate::catalog::{Catalog, Item, ItemId, Kind, without_article};

type Orders = Mutex<HashMap<(Kind, SortKey), Arc<Vec<ItemId>>>>;

/// The items of one server.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) catalog: Catalog,
    pub(crate) videos: Videos,
    pub(crate) collections: Collections,
    /// Ids (eight bytes each) of generated items by order, computed once.
    orders: Orders,
}

impl Library {
    pub(crate) fn new(catalog: Catalog, videos_dir: Option<PathBuf>) -> Self {
        Self {
            catalog,
            videos: Videos::new(videos_dir),
            collections: Collections::default(),
            orders: Mutex::default(),
        }
    }

    pub(crate) fn item(&self, id: ItemId) -> Option<Item> {
        match id {
            ItemId::Video(_) => self.videos.item(id),
            _ => self.catalog.item(id),
        }
    }

    pub(crate) fn exists(&self, id: ItemId) -> bool {
        match id {
            ItemId::Video(_) => self.videos.item(id).is_some(),
            _ => self.catalog.exists(id),
        }
    }

    pub(crate) fn title(&self, id: ItemId) -> String {
        match id {
            ItemId::Video(_) => self
                .videos
                .item(id)
                .map(|item| item.title)
                .unwrap_or_default(),
            _ => self.catalog.title(id),
        }
    }

    pub(crate) fn added_at(&self, id: ItemId) -> i64 {
        match id {
            ItemId::Video(_) => self.videos.item(id).map_or(0, |item| item.added_at),
            _ => self.catalog.added_at(id),
        }
    }

    pub(crate) fn updated_at(&self, id: ItemId) -> Option<i64> {
        match id {
            ItemId::Video(_) => self.videos.item(id)?.updated_at,
            _ => self.catalog.updated_at(id),
        }
    }

    pub(crate) fn year(&self, id: ItemId) -> u32 {
        match id {
            ItemId::Video(_) => self.videos.item(id).and_then(|item| item.year).unwrap_or(0),
            _ => self.catalog.year(id),
        }
    }

    pub(crate) fn content_of(id: ItemId) -> Content {
        match id {
            ItemId::Movie(_) => Content::Movies,
            ItemId::Video(_) => Content::Videos,
            _ => Content::Shows,
        }
    }

    /// The items of one kind in a library, filtered and in order.
    pub(crate) fn list(
        &self,
        content: Content,
        kind: Kind,
        order: Order,
        filters: &[Filter],
    ) -> Vec<ItemId> {
        let all = self.ordered(content, kind, order.key);
        let matching = all
            .iter()
            .copied()
            .filter(|&id| filters.iter().all(|filter| filter.accepts(self, id)));
        if order.descending {
            matching.rev().collect()
        } else {
            matching.collect()
        }
    }

    /// Child items: seasons of a show, episodes of a season.
    pub(crate) fn children(&self, id: ItemId) -> Vec<ItemId> {
        match id {
            ItemId::Show(show) => self
                .catalog
                .season_numbers(show)
                .map(|season| ItemId::Season(show, season))
                .collect(),
            ItemId::Season(show, season) => self.catalog.episodes(show, season).collect(),
            _ => Vec::new(),
        }
    }

    /// All episodes below a show or season.
    pub(crate) fn leaves(&self, id: ItemId) -> Vec<ItemId> {
        match id {
            ItemId::Show(show) => self.catalog.leaves(show).collect(),
            _ => self.children(id),
        }
    }

    /// The picture beside a video file, if it has one.
    pub(crate) fn picture_file(&self, id: ItemId) -> Option<PathBuf> {
        self.videos
            .item(id)?
            .media
            .and_then(|media| videos::picture_beside(Path::new(&media.file)))
    }

    fn ordered(&self, content: Content, kind: Kind, key: SortKey) -> Arc<Vec<ItemId>> {
        if content == Content::Videos {
            return Arc::new(self.sorted(self.unordered(content, kind), key));
        }
        if content.kinds().iter().all(|&offered| offered != kind) {
            return Arc::default();
        }
        let mut orders = self.orders.lock().expect("no panic while locked");
        let order = orders
            .entry((kind, key))
            .or_insert_with(|| Arc::new(self.sorted(self.unordered(content, kind), key)));
        Arc::clone(order)
    }

    fn unordered(&self, content: Content, kind: Kind) -> Vec<ItemId> {
        let shows = 0..self.catalog.shows;
        match (content, kind) {
            (Content::Movies, Kind::Movie) => (0..self.catalog.movies).map(ItemId::Movie).collect(),
            (Content::Videos, Kind::Movie) => self.videos.ids(),
            (Content::Shows, Kind::Show) => shows.map(ItemId::Show).collect(),
            (Content::Shows, Kind::Season) => shows
                .flat_map(|show| self.children(ItemId::Show(show)))
                .collect(),
            (Content::Shows, Kind::Episode) => shows
                .flat_map(|show| self.leaves(ItemId::Show(show)))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn sorted(&self, mut ids: Vec<ItemId>, key: SortKey) -> Vec<ItemId> {
        match key {
            SortKey::Title => ids.sort_by_cached_key(|&id| self.title_key(id)),
            SortKey::AddedAt => ids.sort_by_cached_key(|&id| (self.added_at(id), id)),
            SortKey::UpdatedAt => ids.sort_by_cached_key(|&id| (self.updated_at(id), id)),
            SortKey::Year => ids.sort_by_cached_key(|&id| (self.year(id), id)),
            SortKey::Rating => ids.sort_by_cached_key(|&id| {
                let item = self.item(id);
                (
                    item.and_then(|item| item.audience_rating.or(item.rating)),
                    Reverse(id),
                )
            }),
        }
        ids
    }

    /// Episodes and seasons follow their show.
    fn title_key(&self, id: ItemId) -> (String, ItemId) {
        let titled = match id {
            ItemId::Season(show, _) | ItemId::Episode(show, ..) => ItemId::Show(show),
            _ => id,
        };
        (fold(without_article(&self.title(titled))), id)
    }
}
