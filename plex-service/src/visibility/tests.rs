//! Whatever the libraries hold: nothing that a person is given comes from a library that they may not see.

use std::{collections::HashSet, sync::Arc};

use proptest::{collection::vec, prelude::*, sample::select};
use shared_db::{Db, DbOptions, Id, Json, Ts};
use shared_http::{Outbound, OutboundOptions, ServiceTokens};
use shared_runtime::{Sealer, Secret};
use shared_testkit::TestClock;
use shared_types::ids::{CollectionId, ItemId, LibraryId, ServerId};

use super::{Flights, Visible};
use crate::{
    Config, MIGRATIONS,
    app::AppState,
    collections,
    images::{self, ImageCache},
    items::{self, Details, ListItems},
    plex::{ClientIdentity, Clients},
    search::{self, SearchIndex},
    store::{
        self, collections::CollectionRow, items::ItemRow, libraries::LibraryRow, servers::ServerRow,
    },
};

/// A random library: what is in it, which other libraries its collection reaches into, and who may see it.
#[derive(Debug, Clone)]
struct Section {
    items: Vec<(String, i32, Option<usize>)>,
    members: Vec<(usize, usize)>,
    is_for_b: bool,
}

fn section() -> impl Strategy<Value = Section> {
    let word = select(vec!["matrix", "alien", "amelie", "shining", "odyssey"]);
    let item = (
        word.prop_map(str::to_owned),
        1950..2030,
        proptest::option::of(0..8_usize),
    );
    (
        vec(item, 1..12),
        vec((0..4_usize, 0..12_usize), 0..6),
        any::<bool>(),
    )
        .prop_map(|(items, members, is_for_b)| Section {
            items,
            members,
            is_for_b,
        })
}

/// A stored world with the ids of every item and collection by library.
struct Stored {
    state: AppState,
    libraries: Vec<LibraryRow>,
    items: Vec<Vec<ItemRow>>,
    collections: Vec<CollectionId>,
    _dir: tempfile::TempDir,
}

async fn state(dir: &tempfile::TempDir) -> AppState {
    let url = format!("sqlite:{}", dir.path().join("plex.db").display());
    let options = DbOptions {
        url,
        schema: "plex".to_owned(),
        max_connections: 0,
    };
    let sealer = Arc::new(Sealer::new(&Secret::new("0f".repeat(32))).expect("a valid key"));
    let nobody = "http://127.0.0.1:9";
    AppState {
        config: Config::default(),
        db: Db::open(options, &MIGRATIONS).await.expect("opens"),
        clock: Arc::new(TestClock::new()),
        clients: Clients::new(ClientIdentity::new("test"), sealer),
        auth: Outbound::new(OutboundOptions::new("auth-service", nobody)),
        tokens: ServiceTokens::new(nobody, crate::NAME, "secret"),
        flights: Flights::default(),
        index: SearchIndex::default(),
        images: ImageCache::open(dir.path().join("pictures"), 1 << 20).expect("opens"),
        wake: crate::jobs::Wake::default(),
        collecting: tokio::sync::Mutex::default(),
    }
}

fn server(state: &AppState) -> ServerRow {
    ServerRow {
        id: ServerId::generate(&*state.clock).into(),
        name: "Attic".to_owned(),
        url: "http://127.0.0.1:9".to_owned(),
        machine_identifier: "machine".to_owned(),
        version: None,
        token_sealed: Vec::new(),
        state: "down".to_owned(),
        detail: None,
        last_seen_at: None,
        last_synced_at: None,
        created_at: Ts::from(state.clock.now()),
        sync_state: "idle".to_owned(),
        sync_libraries_done: 0,
        sync_libraries_total: 0,
        sync_items_done: 0,
        sync_items_total: 0,
        sync_started_at: None,
        sync_finished_at: None,
        sync_error: None,
        sync_requested_at: None,
        sync_lease_until: None,
    }
}

fn library(state: &AppState, server: Id, number: usize) -> LibraryRow {
    LibraryRow {
        id: LibraryId::generate(&*state.clock).into(),
        server_id: server,
        plex_key: number.to_string(),
        uuid: format!("uuid-{number}"),
        kind: "movie".to_owned(),
        title: format!("Library {number}"),
        agent: String::new(),
        locations: Json(serde_json::json!([])),
        item_count: 0,
        generation: 0,
        revision: 1,
        missing_sweeps: 0,
        hint_due_at: None,
        synced_at: None,
    }
}

fn item(state: &AppState, library: &LibraryRow, number: usize, section: &Section) -> ItemRow {
    let (title, year, parent) = section.items[number].clone();
    let key = |number: usize| format!("{}{number:02}", library.plex_key);
    ItemRow {
        id: ItemId::generate(&*state.clock).into(),
        library_id: library.id,
        server_id: library.server_id,
        rating_key: key(number),
        kind: "movie".to_owned(),
        sort_title: title.clone(),
        folded_title: title.clone(),
        title,
        original_title: None,
        year,
        // The parent may be an item of the first library: Plex would not do that, a bug might.
        parent_key: parent.map(|parent| format!("0{parent:02}")),
        parent_title: None,
        grandparent_title: None,
        position: 0,
        parent_position: None,
        summary: None,
        duration_ms: None,
        child_count: None,
        thumb: Some(format!("/library/metadata/{number}/thumb/1")),
        art: None,
        genres: "|drama|".to_owned(),
        details: Json::of(&Details::default()).expect("serializes"),
        added_at: i64::from(year),
        generation: 0,
    }
}

fn collection(state: &AppState, library: &LibraryRow) -> CollectionRow {
    CollectionRow {
        id: CollectionId::generate(&*state.clock).into(),
        library_id: library.id,
        server_id: library.server_id,
        rating_key: format!("c{}", library.plex_key),
        title: "Best".to_owned(),
        sort_title: "best".to_owned(),
        summary: None,
        is_smart: false,
        item_count: 0,
        thumb: Some("/library/collections/1/composite/1".to_owned()),
        updated_at: 0,
        generation: 0,
    }
}

async fn store_world(sections: &[Section]) -> Stored {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let state = state(&dir).await;
    let server = server(&state);
    let libraries: Vec<_> = (0..sections.len())
        .map(|number| library(&state, server.id, number))
        .collect();
    let rows: Vec<Vec<ItemRow>> = libraries
        .iter()
        .zip(sections)
        .map(|(library, section)| {
            (0..section.items.len())
                .map(|number| item(&state, library, number, section))
                .collect()
        })
        .collect();
    let made: Vec<_> = libraries
        .iter()
        .map(|library| collection(&state, library))
        .collect();
    let members: Vec<Vec<Id>> = sections
        .iter()
        .map(|section| {
            let wanted: HashSet<_> = section.members.iter().copied().collect();
            let found = wanted
                .into_iter()
                .filter_map(|(library, number)| Some(rows.get(library)?.get(number)?.id));
            found.collect()
        })
        .collect();
    let (all, cloned, groups) = (rows.clone(), libraries.clone(), made.clone());
    state
        .db
        .tx(move |conn| {
            store::servers::insert(conn, &server)?;
            for library in &cloned {
                store::libraries::insert(conn, library)?;
            }
            for rows in &all {
                store::items::upsert_any(conn, rows)?;
            }
            for (collection, members) in groups.iter().zip(&members) {
                let id = store::collections::upsert_any(conn, collection)?;
                store::collections::replace_any_members(conn, id, members)?;
            }
            Ok::<_, shared_db::Error>(())
        })
        .await
        .expect("stored");
    search::reload(&state).await.expect("indexed");
    Stored {
        state,
        libraries,
        items: rows,
        collections: made.iter().map(CollectionRow::id).collect(),
        _dir: dir,
    }
}

impl Stored {
    /// Asks for everything there is and checks that each answer stays within `visible`.
    async fn assert_nothing_hidden_comes_out(&self, visible: &Visible) {
        let shown = |rows: &[ItemRow]| {
            for row in rows {
                assert!(visible.has(row.library_id.into()), "{row:?}");
            }
        };
        for library in &self.libraries {
            let wanted = ListItems {
                limit: 200,
                ..ListItems::default()
            };
            match items::list(&self.state, visible, library.id(), wanted).await {
                Ok(listed) => {
                    assert!(visible.has(library.id()));
                    shown(&listed.rows);
                }
                Err(_) => assert!(!visible.has(library.id())),
            }
        }
        let recent = items::list_recent(&self.state, visible, None, 200)
            .await
            .expect("listed");
        shown(&recent.0);
        for query in ["matrx", "a", "odyssey 1999", "shining"] {
            let results = search::search(&self.state, visible, query, 200)
                .await
                .expect("found");
            let rows: Vec<_> = results.found.into_iter().map(|found| found.item).collect();
            shown(&rows);
        }
        for row in self.items.iter().flatten() {
            self.assert_item(visible, row, &shown).await;
        }
        self.assert_collections(visible, &shown).await;
    }

    async fn assert_item(&self, visible: &Visible, row: &ItemRow, shown: &impl Fn(&[ItemRow])) {
        let is_visible = visible.has(row.library_id.into());
        let detail = items::find_detail(&self.state, visible, row.id()).await;
        assert_eq!(detail.is_ok(), is_visible);
        match items::list_children(&self.state, visible, row.id(), None, 200).await {
            Ok((children, _)) => {
                assert!(is_visible);
                shown(&children);
            }
            Err(_) => assert!(!is_visible),
        }
        if !is_visible {
            let picture = images::find(
                &self.state,
                visible,
                row.id().as_uuid(),
                images::Kind::Poster,
                (None, None),
            );
            assert!(matches!(picture.await, Err(crate::Error::NotFound(_))));
        }
    }

    async fn assert_collections(&self, visible: &Visible, shown: &impl Fn(&[ItemRow])) {
        let (listed, _) = collections::list(&self.state, visible, None, None, 200)
            .await
            .expect("listed");
        assert!(listed.iter().all(|one| visible.has(one.library_id.into())));
        for (library, &id) in self.libraries.iter().zip(&self.collections) {
            match collections::find(&self.state, visible, id).await {
                Ok(found) => {
                    assert!(visible.has(library.id()));
                    shown(&found.items);
                }
                Err(_) => assert!(!visible.has(library.id())),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn b_never_sees_anything_of_a_section_that_only_a_sees(sections in vec(section(), 1..4)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let stored = store_world(&sections).await;
            let flags: HashSet<LibraryId> = stored
                .libraries
                .iter()
                .zip(&sections)
                .filter(|(_, section)| section.is_for_b)
                .map(|(library, _)| library.id())
                .collect();
            let b = Visible::of(&stored.libraries, |library| flags.contains(&library.id()));
            stored.assert_nothing_hidden_comes_out(&b).await;
        });
    }
}
