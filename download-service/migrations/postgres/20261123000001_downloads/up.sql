-- One submitted link.
CREATE TABLE downloads (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    url text NOT NULL,
    title text,
    state text NOT NULL,
    preset text NOT NULL,
    library_id uuid,
    collection text,
    priority integer NOT NULL DEFAULT 0,
    item_count integer NOT NULL DEFAULT 0,
    items_done integer NOT NULL DEFAULT 0,
    items_failed integer NOT NULL DEFAULT 0,
    progress jsonb,
    error_class text,
    error_message text,
    plex_url text,
    -- The library's folder as this machine and as the Plex server see it, fixed with the first item.
    folder text,
    plex_folder text,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    updated_at timestamptz NOT NULL
);

CREATE INDEX downloads_user_id_idx ON downloads (user_id, id);
CREATE INDEX downloads_state_idx ON downloads (state, id);

-- One video of a download, and the unit of work of the queue. `attempt` is the fencing token: every write of a worker
-- names the attempt it was given, and a later claim makes it void. `lease_until` is set exactly while a worker has it.
CREATE TABLE download_items (
    id uuid NOT NULL PRIMARY KEY,
    download_id uuid NOT NULL CONSTRAINT download_items_download_id_fkey REFERENCES downloads (id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    position integer NOT NULL,
    priority integer NOT NULL DEFAULT 0,
    url text NOT NULL,
    needs_probe boolean NOT NULL,
    title text,
    duration_seconds double precision,
    state text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    retries integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    lease_until timestamptz,
    progress jsonb,
    error_class text,
    error_message text,
    file_path text,
    size_bytes bigint,
    plex_item_id uuid,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);

CREATE INDEX download_items_download_id_idx ON download_items (download_id, position, id);
CREATE INDEX download_items_queue_idx ON download_items (state, user_id, priority, created_at, position);
CREATE INDEX download_items_lease_until_idx ON download_items (lease_until);

-- One try of a worker at an item. `pid` and `pid_start` find the process that a crash left behind.
CREATE TABLE attempts (
    item_id uuid NOT NULL CONSTRAINT attempts_item_id_fkey REFERENCES download_items (id) ON DELETE CASCADE,
    attempt integer NOT NULL,
    worker text NOT NULL,
    pid bigint,
    pid_start bigint,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text,
    error_class text,
    log text,
    CONSTRAINT attempts_pkey PRIMARY KEY (item_id, attempt)
);

CREATE INDEX attempts_ended_at_idx ON attempts (ended_at);

-- What counts against a quota: submitted downloads and transferred bytes. Deleting a download does not give it back.
CREATE TABLE usage (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX usage_user_id_kind_created_at_idx ON usage (user_id, kind, created_at);

-- When a person was last given a worker; also the row that serializes a person's submissions.
CREATE TABLE shares (
    user_id uuid NOT NULL PRIMARY KEY,
    last_served_at timestamptz,
    last_submitted_at timestamptz
);
