//! Search as you type over the mirror: one in-memory index per library, so that what a person may not see is not even
//! looked at.

mod distance;
mod reload;
mod segment;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub(crate) use reload::reload;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use shared_db::Id;
use shared_types::ids::ItemId;

use crate::{
    Error,
    app::AppState,
    store::{self, items::ItemRow},
    visibility::Visible,
};
use segment::{Hit, Segment};

/// Longest query that is looked at, in words.
const MAX_WORDS: usize = 12;

/// The indexes of all libraries.
#[derive(Debug, Default)]
pub(crate) struct SearchIndex {
    segments: RwLock<HashMap<Id, Loaded>>,
}

#[derive(Debug, Clone)]
struct Loaded {
    revision: i64,
    segment: Arc<Segment>,
}

/// An item that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) item: ItemRow,
    pub(crate) score: f32,
    pub(crate) matched: &'static str,
}

/// What a search gave.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) found: Vec<Found>,
    pub(crate) took_ms: f64,
    /// A server of the searched libraries does not answer: what was found may be out of date.
    pub(crate) is_stale: bool,
}

impl SearchIndex {
    /// The best matches in visible libraries, best first.
    fn search(&self, visible: &Visible, query: &str, limit: usize) -> Vec<Hit> {
        let mut words = text::words(&text::fold(query));
        words.truncate(MAX_WORDS);
        if words.is_empty() {
            return Vec::new();
        }
        let mut hits = Vec::new();
        for segment in self.visible_segments(visible) {
            hits.extend(segment.search(&words));
        }
        hits.sort_unstable_by(|left, right| {
            right
                .score
                .total_cmp(&left.score)
                .then(left.id.cmp(&right.id))
        });
        hits.truncate(limit);
        hits
    }

    fn visible_segments(&self, visible: &Visible) -> Vec<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let visible = segments.iter().filter(|(id, _)| visible.has((**id).into()));
        visible
            .map(|(_, loaded)| Arc::clone(&loaded.segment))
            .collect()
    }
}

/// Finds items for what a person typed.
pub(crate) async fn search(
    state: &AppState,
    visible: &Visible,
    query: &str,
    limit: usize,
) -> Result<Results, Error> {
    let started = Instant::now();
    let hits = state.index.search(visible, query, limit);
    let ids: Vec<ItemId> = hits.iter().map(|hit| hit.id).collect();
    let visible = visible.clone();
    let (rows, is_stale) = state
        .db
        .run(move |conn| {
            let rows = store::items::list_by_ids(conn, &visible, &ids)?;
            Ok::<_, Error>((rows, is_any_server_away(conn, &visible)?))
        })
        .await?;
    let mut rows: HashMap<ItemId, ItemRow> = rows.into_iter().map(|row| (row.id(), row)).collect();
    let found = hits.into_iter().filter_map(|hit| {
        Some(Found {
            item: rows.remove(&hit.id)?,
            score: hit.score,
            matched: hit.matched.as_str(),
        })
    });
    Ok(Results {
        found: found.collect(),
        took_ms: started.elapsed().as_secs_f64() * 1000.0,
        is_stale,
    })
}

fn is_any_server_away(
    conn: &mut shared_db::AnyConn,
    visible: &Visible,
) -> Result<bool, shared_db::Error> {
    let libraries = visible.filter(store::libraries::list_all(conn)?);
    let servers = store::servers::list(conn)?;
    Ok(servers.iter().any(|server| {
        !server.is_up()
            && libraries
                .iter()
                .any(|library| library.server_id == server.id)
    }))
}
