//! Collections: made by hand through the API, one exists from the start.

use std::sync::Mutex;

use crate::{
    catalog::{ItemId, Kind, collection_key},
    clock, hash,
};

/// A collection of items of one library.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) rating_key: u64,
    pub(crate) guid: String,
    pub(crate) section: u32,
    /// What its items are.
    pub(crate) subtype: Kind,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) items: Vec<ItemId>,
    pub(crate) added_at: i64,
    pub(crate) updated_at: i64,
}

/// What a new collection is made of.
#[derive(Debug)]
pub(crate) struct NewCollection {
    pub(crate) section: u32,
    pub(crate) subtype: Kind,
    pub(crate) title: String,
    pub(crate) items: Vec<ItemId>,
}

/// All collections of a server.
#[derive(Debug, Default)]
pub(crate) struct Collections {
    all: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    created: u64,
    collections: Vec<Collection>,
}

impl Collections {
    pub(crate) fn create(&self, new: NewCollection) -> Collection {
        let mut state = self.all.lock().expect("no panic while locked");
        let now = clock::now();
        let collection = Collection {
            rating_key: collection_key(state.created),
            guid: format!(
                "collection://{}",
                hash::uuid(hash::text(state.created, &new.title))
            ),
            section: new.section,
            subtype: new.subtype,
            title: new.title,
            summary: String::new(),
            items: new.items,
            added_at: now,
            updated_at: now,
        };
        state.created += 1;
        state.collections.push(collection.clone());
        collection
    }

    pub(crate) fn find(&self, key: u64) -> Option<Collection> {
        let state = self.all.lock().expect("no panic while locked");
        state
            .collections
            .iter()
            .find(|collection| collection.rating_key == key)
            .cloned()
    }

    /// Those of a library by title.
    pub(crate) fn in_section(&self, section: u32) -> Vec<Collection> {
        let state = self.all.lock().expect("no panic while locked");
        let mut found: Vec<_> = state
            .collections
            .iter()
            .filter(|one| one.section == section)
            .cloned()
            .collect();
        found.sort_by_key(|collection| collection.title.to_lowercase());
        found
    }

    /// Changes one and gives its new state.
    pub(crate) fn change(
        &self,
        key: u64,
        change: impl FnOnce(&mut Collection),
    ) -> Option<Collection> {
        let mut state = self.all.lock().expect("no panic while locked");
        let collection = state
            .collections
            .iter_mut()
            .find(|one| one.rating_key == key)?;
        change(collection);
        collection.updated_at = clock::now();
        Some(collection.clone())
    }

    pub(crate) fn delete(&self, key: u64) -> bool {
        let mut state = self.all.lock().expect("no panic while locked");
        let before = state.collections.len();
        state
            .collections
            .retain(|collection| collection.rating_key != key);
        state.collections.len() < before
    }
}
