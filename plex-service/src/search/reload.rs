//! Keeps the indexes at the mirror's revision: libraries that changed are read again in batches, others stay.

use std::{collections::HashSet, sync::Arc};

use shared_db::Id;
use tracing::debug;

use super::{
    Loaded, SearchIndex,
    segment::{Builder, Entry},
};
use crate::{
    Error,
    app::AppState,
    items::Details,
    store::{self, items::IndexedRow},
};

const BATCH: i64 = 2_000;

impl SearchIndex {
    fn revision_of(&self, library: Id) -> Option<i64> {
        let segments = self
            .segments
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        segments.get(&library).map(|loaded| loaded.revision)
    }

    pub(super) fn put(&self, library: Id, loaded: Loaded) {
        self.segments
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(library, loaded);
    }

    fn keep_only(&self, libraries: &HashSet<Id>) {
        self.segments
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .retain(|library, _| libraries.contains(library));
    }
}

/// Reads the libraries that changed since the last time.
pub(crate) async fn reload(state: &AppState) -> Result<(), Error> {
    let revisions = state.db.run(store::libraries::list_revisions).await?;
    state
        .index
        .keep_only(&revisions.iter().map(|(id, _)| *id).collect());
    for (library, revision) in revisions {
        if state.index.revision_of(library) != Some(revision) {
            load(state, library, revision).await?;
        }
    }
    Ok(())
}

async fn load(state: &AppState, library: Id, revision: i64) -> Result<(), Error> {
    let mut builder = Builder::default();
    let mut after = Id(uuid::Uuid::nil());
    loop {
        let rows = state
            .db
            .run(move |conn| store::items::list_any_for_index(conn, library, after, BATCH))
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows.into_iter().filter(|row| row.kind != "season") {
            builder.add(&entry(row));
        }
        tokio::task::yield_now().await;
    }
    debug!("The search index of library {library} is at revision {revision}");
    let segment = tokio::task::spawn_blocking(move || builder.build())
        .await
        .map_or_else(|_stopped| Arc::default(), Arc::new);
    state.index.put(library, Loaded { revision, segment });
    Ok(())
}

fn entry(row: IndexedRow) -> Entry {
    let details: Details = row.details.parse().unwrap_or_default();
    let actors = details.cast.into_iter().map(|member| member.name);
    Entry {
        id: row.id.into(),
        kind: row.kind,
        title: row.title,
        original_title: row.original_title,
        year: row.year,
        people: details.directors.into_iter().chain(actors).collect(),
    }
}
