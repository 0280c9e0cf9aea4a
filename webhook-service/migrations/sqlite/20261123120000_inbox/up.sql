-- Who may send, and how each proves it.
CREATE TABLE sources (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    auth_mode TEXT NOT NULL,
    header_name TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    CONSTRAINT sources_name_key UNIQUE (name)
) STRICT;

-- The current secret, and after a rotation the previous one until it expires.
-- Tokens are kept as SHA-256, keys of signatures sealed.
CREATE TABLE source_secrets (
    id BLOB NOT NULL PRIMARY KEY,
    source_id BLOB NOT NULL,
    token_hash TEXT,
    sealed_key BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    CONSTRAINT source_secrets_source_fkey FOREIGN KEY (source_id) REFERENCES sources (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX source_secrets_source_idx ON source_secrets (source_id);

-- Everything that was received and verified, byte for byte. Outlives its source.
CREATE TABLE deliveries (
    id BLOB NOT NULL PRIMARY KEY,
    source_id BLOB NOT NULL,
    source_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    event_type TEXT,
    verdict TEXT NOT NULL,
    method TEXT NOT NULL,
    content_type TEXT,
    headers TEXT NOT NULL,
    body BLOB,
    size_bytes INTEGER NOT NULL,
    address TEXT,
    traceparent TEXT,
    is_test INTEGER NOT NULL,
    duplicate_of BLOB,
    replay_of BLOB,
    requested_by BLOB,
    attempts INTEGER NOT NULL,
    lost_leases INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    lease_until INTEGER,
    error TEXT
) STRICT;
CREATE INDEX deliveries_source_idx ON deliveries (source_id, id);
CREATE INDEX deliveries_state_idx ON deliveries (state, id);

CREATE TABLE delivery_attempts (
    delivery_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT,
    PRIMARY KEY (delivery_id, number),
    CONSTRAINT delivery_attempts_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
) STRICT;

-- What the deliveries said, in the words of the catalog.
CREATE TABLE events (
    id BLOB NOT NULL PRIMARY KEY,
    delivery_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    is_degraded INTEGER NOT NULL,
    duplicate_of BLOB,
    data TEXT NOT NULL,
    CONSTRAINT events_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX events_delivery_idx ON events (delivery_id);

-- Who came first: one row per delivery key and per event key, as long as its window lasts.
CREATE TABLE dedupe_keys (
    source_id BLOB NOT NULL,
    scope TEXT NOT NULL,
    dedupe_key TEXT NOT NULL,
    owner_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, scope, dedupe_key)
) STRICT;
CREATE INDEX dedupe_keys_expiry_idx ON dedupe_keys (expires_at);

-- Requests that were refused, for the operator who wonders why nothing arrives.
CREATE TABLE rejects (
    id BLOB NOT NULL PRIMARY KEY,
    source_id BLOB,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    status INTEGER NOT NULL,
    address TEXT
) STRICT;

CREATE TABLE notifications (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT,
    created_at INTEGER NOT NULL,
    read_at INTEGER,
    CONSTRAINT notifications_event_key UNIQUE (user_id, event_id)
) STRICT;
CREATE INDEX notifications_user_idx ON notifications (user_id, id);

-- Roles as auth-service tells them, to know who the administrators are.
CREATE TABLE people (
    user_id BLOB NOT NULL PRIMARY KEY,
    role TEXT NOT NULL
) STRICT;
