-- Settings that are generated once, such as the X-Plex-Client-Identifier of this installation.
CREATE TABLE settings (
    key text NOT NULL PRIMARY KEY,
    value text NOT NULL
);

-- Configured Plex Media Servers, with the state of the last check and of the last sync.
CREATE TABLE servers (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    url text NOT NULL,
    machine_identifier text NOT NULL,
    version text,
    -- The owner's token, encrypted; its context is the server's id.
    token_sealed bytea NOT NULL,
    -- up, down, unauthorized, unknown
    state text NOT NULL,
    detail text,
    last_seen_at timestamptz,
    last_synced_at timestamptz,
    created_at timestamptz NOT NULL,
    -- idle, running, done, failed
    sync_state text NOT NULL,
    sync_libraries_done integer NOT NULL,
    sync_libraries_total integer NOT NULL,
    sync_items_done bigint NOT NULL,
    sync_items_total bigint NOT NULL,
    sync_started_at timestamptz,
    sync_finished_at timestamptz,
    sync_error text,
    -- Somebody asked for a sync; cleared when one that began later has ended.
    sync_requested_at timestamptz,
    -- One replica syncs the server until then.
    sync_lease_until timestamptz,
    CONSTRAINT servers_machine_identifier_key UNIQUE (machine_identifier)
);

-- Libraries (sections) of the servers.
CREATE TABLE libraries (
    id uuid NOT NULL PRIMARY KEY,
    server_id uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    plex_key text NOT NULL,
    -- Changes when a library is deleted and made again under the same key.
    uuid text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    agent text NOT NULL,
    -- The folders, as the server sees them: a list of texts.
    locations jsonb NOT NULL,
    item_count bigint NOT NULL,
    -- Number of the sweep that runs or ran last; rows of older sweeps were not seen by it.
    generation bigint NOT NULL,
    -- Rises when items changed, so that search indexes know when to reload.
    revision bigint NOT NULL,
    -- In how many lists of sections in a row it was missing.
    missing_sweeps integer NOT NULL,
    -- A hint said that something is new; look at the newest items from then on.
    hint_due_at timestamptz,
    synced_at timestamptz,
    CONSTRAINT libraries_server_key_key UNIQUE (server_id, plex_key)
);

-- The mirror: movies, shows, seasons, episodes, artists, albums.
CREATE TABLE items (
    id uuid NOT NULL PRIMARY KEY,
    library_id uuid NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    server_id uuid NOT NULL,
    rating_key text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    -- Lower case without accents, for ordering and filtering.
    sort_title text COLLATE "C" NOT NULL,
    folded_title text COLLATE "C" NOT NULL,
    original_title text,
    -- 0: not known.
    year integer NOT NULL,
    parent_key text,
    parent_title text,
    grandparent_title text,
    -- Episode, season, disc or track number; 0: none.
    position integer NOT NULL,
    parent_position integer,
    summary text,
    duration_ms bigint,
    child_count integer,
    -- Paths of pictures on the server.
    thumb text,
    art text,
    -- |action|drama|
    genres text NOT NULL,
    -- What the detail page shows besides; the server's own answer is preferred to it.
    details jsonb NOT NULL,
    -- Epoch seconds, as Plex gives them; 0: not known.
    added_at bigint NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT items_server_rating_key_key UNIQUE (server_id, rating_key)
);

CREATE INDEX items_title_idx ON items (library_id, kind, sort_title, id);
CREATE INDEX items_library_added_idx ON items (library_id, kind, added_at, id);
CREATE INDEX items_year_idx ON items (library_id, kind, year, id);
CREATE INDEX items_parent_idx ON items (server_id, parent_key, position);

CREATE TABLE collections (
    id uuid NOT NULL PRIMARY KEY,
    library_id uuid NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    server_id uuid NOT NULL,
    rating_key text NOT NULL,
    title text NOT NULL,
    sort_title text COLLATE "C" NOT NULL,
    summary text,
    is_smart boolean NOT NULL,
    item_count bigint NOT NULL,
    thumb text,
    -- Plex's updatedAt, epoch seconds: members are read again when it changes.
    updated_at bigint NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT collections_server_rating_key_key UNIQUE (server_id, rating_key)
);

CREATE INDEX collections_library_idx ON collections (library_id, sort_title, id);

CREATE TABLE collection_items (
    collection_id uuid NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    item_id uuid NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    position integer NOT NULL,
    PRIMARY KEY (collection_id, item_id)
);

CREATE INDEX collection_items_item_idx ON collection_items (item_id);

-- Which sections of which servers a person may see, as Plex said when it was last asked.
CREATE TABLE access (
    user_id uuid NOT NULL PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    servers jsonb NOT NULL
);

-- Downloads whose files lie in a library folder and have yet to become items.
CREATE TABLE handovers (
    -- The event that asked for it.
    id uuid NOT NULL PRIMARY KEY,
    download_id uuid NOT NULL,
    library_id uuid,
    collection text,
    -- waiting, done, failed
    state text NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    lease_until timestamptz,
    -- The first scan the server accepted: waiting is bounded from then on.
    scanned_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL
);

CREATE INDEX handovers_due_idx ON handovers (state, next_attempt_at);

CREATE TABLE handover_files (
    handover_id uuid NOT NULL REFERENCES handovers (id) ON DELETE CASCADE,
    download_item_id uuid NOT NULL,
    path text NOT NULL,
    item_id uuid,
    PRIMARY KEY (handover_id, download_item_id)
);
