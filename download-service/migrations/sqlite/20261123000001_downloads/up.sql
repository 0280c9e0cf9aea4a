-- One submitted link.
CREATE TABLE downloads (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    url TEXT NOT NULL,
    title TEXT,
    state TEXT NOT NULL,
    preset TEXT NOT NULL,
    library_id BLOB,
    collection TEXT,
    priority INTEGER NOT NULL DEFAULT 0,
    item_count INTEGER NOT NULL DEFAULT 0,
    items_done INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    error_class TEXT,
    error_message TEXT,
    plex_url TEXT,
    -- The library's folder as this machine and as the Plex server see it, fixed with the first item.
    folder TEXT,
    plex_folder TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX downloads_user_id_idx ON downloads (user_id, id);
CREATE INDEX downloads_state_idx ON downloads (state, id);

-- One video of a download, and the unit of work of the queue. `attempt` is the fencing token: every write of a worker
-- names the attempt it was given, and a later claim makes it void. `lease_until` is set exactly while a worker has it.
CREATE TABLE download_items (
    id BLOB NOT NULL PRIMARY KEY,
    download_id BLOB NOT NULL CONSTRAINT download_items_download_id_fkey REFERENCES downloads (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    url TEXT NOT NULL,
    needs_probe INTEGER NOT NULL,
    title TEXT,
    duration_seconds REAL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    retries INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    lease_until INTEGER,
    progress TEXT,
    error_class TEXT,
    error_message TEXT,
    file_path TEXT,
    size_bytes INTEGER,
    plex_item_id BLOB,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
) STRICT;

CREATE INDEX download_items_download_id_idx ON download_items (download_id, position, id);
CREATE INDEX download_items_queue_idx ON download_items (state, user_id, priority, created_at, position);
CREATE INDEX download_items_lease_until_idx ON download_items (lease_until);

-- One try of a worker at an item. `pid` and `pid_start` find the process that a crash left behind.
CREATE TABLE attempts (
    item_id BLOB NOT NULL CONSTRAINT attempts_item_id_fkey REFERENCES download_items (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    worker TEXT NOT NULL,
    pid INTEGER,
    pid_start INTEGER,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    error_class TEXT,
    log TEXT,
    CONSTRAINT attempts_pkey PRIMARY KEY (item_id, attempt)
) STRICT;

CREATE INDEX attempts_ended_at_idx ON attempts (ended_at);

-- What counts against a quota: submitted downloads and transferred bytes. Deleting a download does not give it back.
CREATE TABLE usage (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX usage_user_id_kind_created_at_idx ON usage (user_id, kind, created_at);

-- When a person was last given a worker; also the row that serializes a person's submissions.
CREATE TABLE shares (
    user_id BLOB NOT NULL PRIMARY KEY,
    last_served_at INTEGER,
    last_submitted_at INTEGER
) STRICT;
