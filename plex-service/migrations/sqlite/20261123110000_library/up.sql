-- Settings that are generated once, such as the X-Plex-Client-Identifier of this installation.
CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Configured Plex Media Servers, with the state of the last check and of the last sync.
CREATE TABLE servers (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    machine_identifier TEXT NOT NULL,
    version TEXT,
    -- The owner's token, encrypted; its context is the server's id.
    token_sealed BLOB NOT NULL,
    -- up, down, unauthorized, unknown
    state TEXT NOT NULL,
    detail TEXT,
    last_seen_at INTEGER,
    last_synced_at INTEGER,
    created_at INTEGER NOT NULL,
    -- idle, running, done, failed
    sync_state TEXT NOT NULL,
    sync_libraries_done INTEGER NOT NULL,
    sync_libraries_total INTEGER NOT NULL,
    sync_items_done INTEGER NOT NULL,
    sync_items_total INTEGER NOT NULL,
    sync_started_at INTEGER,
    sync_finished_at INTEGER,
    sync_error TEXT,
    -- Somebody asked for a sync; cleared when one that began later has ended.
    sync_requested_at INTEGER,
    -- One replica syncs the server until then.
    sync_lease_until INTEGER,
    CONSTRAINT servers_machine_identifier_key UNIQUE (machine_identifier)
) STRICT;

-- Libraries (sections) of the servers.
CREATE TABLE libraries (
    id BLOB NOT NULL PRIMARY KEY,
    server_id BLOB NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    plex_key TEXT NOT NULL,
    -- Changes when a library is deleted and made again under the same key.
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    agent TEXT NOT NULL,
    -- The folders, as the server sees them: a list of texts.
    locations TEXT NOT NULL,
    item_count INTEGER NOT NULL,
    -- Number of the sweep that runs or ran last; rows of older sweeps were not seen by it.
    generation INTEGER NOT NULL,
    -- Rises when items changed, so that search indexes know when to reload.
    revision INTEGER NOT NULL,
    -- In how many lists of sections in a row it was missing.
    missing_sweeps INTEGER NOT NULL,
    -- A hint said that something is new; look at the newest items from then on.
    hint_due_at INTEGER,
    synced_at INTEGER,
    CONSTRAINT libraries_server_key_key UNIQUE (server_id, plex_key)
) STRICT;

-- The mirror: movies, shows, seasons, episodes, artists, albums.
CREATE TABLE items (
    id BLOB NOT NULL PRIMARY KEY,
    library_id BLOB NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    server_id BLOB NOT NULL,
    rating_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    -- Lower case without accents, for ordering and filtering.
    sort_title TEXT NOT NULL,
    folded_title TEXT NOT NULL,
    original_title TEXT,
    -- 0: not known.
    year INTEGER NOT NULL,
    parent_key TEXT,
    parent_title TEXT,
    grandparent_title TEXT,
    -- Episode, season, disc or track number; 0: none.
    position INTEGER NOT NULL,
    parent_position INTEGER,
    summary TEXT,
    duration_ms INTEGER,
    child_count INTEGER,
    -- Paths of pictures on the server.
    thumb TEXT,
    art TEXT,
    -- |action|drama|
    genres TEXT NOT NULL,
    -- What the detail page shows besides; the server's own answer is preferred to it.
    details TEXT NOT NULL,
    -- Epoch seconds, as Plex gives them; 0: not known.
    added_at INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    CONSTRAINT items_server_rating_key_key UNIQUE (server_id, rating_key)
) STRICT;

CREATE INDEX items_title_idx ON items (library_id, kind, sort_title, id);
CREATE INDEX items_library_added_idx ON items (library_id, kind, added_at, id);
CREATE INDEX items_year_idx ON items (library_id, kind, year, id);
CREATE INDEX items_parent_idx ON items (server_id, parent_key, position);

CREATE TABLE collections (
    id BLOB NOT NULL PRIMARY KEY,
    library_id BLOB NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    server_id BLOB NOT NULL,
    rating_key TEXT NOT NULL,
    title TEXT NOT NULL,
    sort_title TEXT NOT NULL,
    summary TEXT,
    is_smart INTEGER NOT NULL,
    item_count INTEGER NOT NULL,
    thumb TEXT,
    -- Plex's updatedAt, epoch seconds: members are read again when it changes.
    updated_at INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    CONSTRAINT collections_server_rating_key_key UNIQUE (server_id, rating_key)
) STRICT;

CREATE INDEX collections_library_idx ON collections (library_id, sort_title, id);

CREATE TABLE collection_items (
    collection_id BLOB NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    item_id BLOB NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (collection_id, item_id)
) STRICT;

CREATE INDEX collection_items_item_idx ON collection_items (item_id);

-- Which sections of which servers a person may see, as Plex said when it was last asked.
CREATE TABLE access (
    user_id BLOB NOT NULL PRIMARY KEY,
    checked_at INTEGER NOT NULL,
    servers TEXT NOT NULL
) STRICT;

-- Downloads whose files lie in a library folder and have yet to become items.
CREATE TABLE handovers (
    -- The event that asked for it.
    id BLOB NOT NULL PRIMARY KEY,
    download_id BLOB NOT NULL,
    library_id BLOB,
    collection TEXT,
    -- waiting, done, failed
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    lease_until INTEGER,
    -- The first scan the server accepted: waiting is bounded from then on.
    scanned_at INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX handovers_due_idx ON handovers (state, next_attempt_at);

CREATE TABLE handover_files (
    handover_id BLOB NOT NULL REFERENCES handovers (id) ON DELETE CASCADE,
    download_item_id BLOB NOT NULL,
    path TEXT NOT NULL,
    item_id BLOB,
    PRIMARY KEY (handover_id, download_item_id)
) STRICT;
