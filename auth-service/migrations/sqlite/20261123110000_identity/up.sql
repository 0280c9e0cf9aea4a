-- One row: what belongs to the installation itself.
CREATE TABLE installation (
    id INTEGER NOT NULL CONSTRAINT installation_pkey PRIMARY KEY CONSTRAINT installation_id_check CHECK (id = 1),
    -- How plex.tv knows this installation. Never changes: people see it in their device list.
    plex_client_id TEXT NOT NULL,
    setup_secret_hash BLOB,
    setup_secret_expires_at INTEGER,
    setup_failures INTEGER NOT NULL DEFAULT 0,
    setup_completed_at INTEGER
) STRICT;

-- Private keys are sealed with the installation's encryption key.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL CONSTRAINT signing_keys_pkey PRIMARY KEY,
    private_sealed BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT signing_keys_state_check CHECK (state IN ('active', 'retired')),
    created_at INTEGER NOT NULL
) STRICT;

-- Replicas that start together agree on one signing key.
CREATE UNIQUE INDEX signing_keys_active_key ON signing_keys (state) WHERE state = 'active';

CREATE TABLE users (
    id BLOB NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    username TEXT NOT NULL,
    -- The username in lower case: names that differ only in case are the same.
    username_key TEXT NOT NULL CONSTRAINT users_username_key_key UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL CONSTRAINT users_role_check CHECK (role IN ('admin', 'member')),
    status TEXT NOT NULL CONSTRAINT users_status_check CHECK (status IN ('active', 'suspended')),
    avatar_url TEXT,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id BLOB NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id BLOB NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the cookie value; null for a session with refresh tokens.
    cookie_hash BLOB CONSTRAINT sessions_cookie_hash_key UNIQUE,
    client_id TEXT NOT NULL,
    method TEXT NOT NULL,
    user_agent TEXT,
    address TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE INDEX sessions_user_id_idx ON sessions (user_id, revoked_at);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash BLOB NOT NULL CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id BLOB NOT NULL CONSTRAINT refresh_tokens_session_id_fkey REFERENCES sessions (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    successor_hash BLOB,
    -- A repeated use was forgiven once.
    is_forgiven INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TABLE api_keys (
    id BLOB NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
    user_id BLOB NOT NULL CONSTRAINT api_keys_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    -- Separated by spaces.
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX api_keys_user_id_idx ON api_keys (user_id);

CREATE TABLE plex_pins (
    id BLOB NOT NULL CONSTRAINT plex_pins_pkey PRIMARY KEY,
    plex_pin_id INTEGER NOT NULL,
    -- SHA-256 of the cookie that binds the sign-in to the browser that began it.
    browser_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX plex_pins_expires_at_idx ON plex_pins (expires_at);

CREATE TABLE plex_accounts (
    user_id BLOB NOT NULL CONSTRAINT plex_accounts_pkey PRIMARY KEY
        CONSTRAINT plex_accounts_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    -- The identity: names and mail addresses of a Plex account change, this does not.
    plex_user_id INTEGER NOT NULL CONSTRAINT plex_accounts_plex_user_id_key UNIQUE,
    plex_username TEXT NOT NULL,
    token_sealed BLOB NOT NULL,
    token_state TEXT NOT NULL CONSTRAINT plex_accounts_token_state_check CHECK (token_state IN ('valid', 'revoked')),
    -- The servers that plex.tv named last, with the account's tokens for them.
    servers_sealed BLOB,
    servers_at INTEGER,
    linked_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    seq INTEGER NOT NULL CONSTRAINT audit_pkey PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT audit_outcome_check CHECK (outcome IN ('success', 'failure')),
    actor_id BLOB,
    subject_id BLOB,
    session_id BLOB,
    method TEXT,
    address TEXT,
    user_agent TEXT,
    request_id TEXT,
    details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_event_idx ON audit (event, seq);
CREATE INDEX audit_subject_id_idx ON audit (subject_id, seq);

CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
