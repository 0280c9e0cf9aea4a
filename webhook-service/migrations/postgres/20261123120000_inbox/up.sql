-- Who may send, and how each proves it.
CREATE TABLE sources (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    is_enabled boolean NOT NULL,
    auth_mode text NOT NULL,
    header_name text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz,
    CONSTRAINT sources_name_key UNIQUE (name)
);

-- The current secret, and after a rotation the previous one until it expires.
-- Tokens are kept as SHA-256, keys of signatures sealed.
CREATE TABLE source_secrets (
    id uuid PRIMARY KEY,
    source_id uuid NOT NULL,
    token_hash text,
    sealed_key bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT source_secrets_source_fkey FOREIGN KEY (source_id) REFERENCES sources (id) ON DELETE CASCADE
);
CREATE INDEX source_secrets_source_idx ON source_secrets (source_id);

-- Everything that was received and verified, byte for byte. Outlives its source.
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    source_id uuid NOT NULL,
    source_name text NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL,
    event_type text,
    verdict text NOT NULL,
    method text NOT NULL,
    content_type text,
    headers jsonb NOT NULL,
    body bytea,
    size_bytes bigint NOT NULL,
    address text,
    traceparent text,
    is_test boolean NOT NULL,
    duplicate_of uuid,
    replay_of uuid,
    requested_by uuid,
    attempts integer NOT NULL,
    lost_leases integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    lease_until timestamptz,
    error text
);
CREATE INDEX deliveries_source_idx ON deliveries (source_id, id);
CREATE INDEX deliveries_state_idx ON deliveries (state, id);

CREATE TABLE delivery_attempts (
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    outcome text NOT NULL,
    error text,
    PRIMARY KEY (delivery_id, number),
    CONSTRAINT delivery_attempts_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
);

-- What the deliveries said, in the words of the catalog.
CREATE TABLE events (
    id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL,
    source_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    is_degraded boolean NOT NULL,
    duplicate_of uuid,
    data jsonb NOT NULL,
    CONSTRAINT events_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
);
CREATE INDEX events_delivery_idx ON events (delivery_id);

-- Who came first: one row per delivery key and per event key, as long as its window lasts.
CREATE TABLE dedupe_keys (
    source_id uuid NOT NULL,
    scope text NOT NULL,
    dedupe_key text NOT NULL,
    owner_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (source_id, scope, dedupe_key)
);
CREATE INDEX dedupe_keys_expiry_idx ON dedupe_keys (expires_at);

-- Requests that were refused, for the operator who wonders why nothing arrives.
CREATE TABLE rejects (
    id uuid PRIMARY KEY,
    source_id uuid,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    status integer NOT NULL,
    address text
);

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    event_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    link text,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    CONSTRAINT notifications_event_key UNIQUE (user_id, event_id)
);
CREATE INDEX notifications_user_idx ON notifications (user_id, id);

-- Roles as auth-service tells them, to know who the administrators are.
CREATE TABLE people (
    user_id uuid PRIMARY KEY,
    role text NOT NULL
);
