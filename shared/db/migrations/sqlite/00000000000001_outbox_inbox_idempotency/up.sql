-- Events on their way to the bus. `seq` keeps the order of one subject: ids of one millisecond do not.
CREATE TABLE outbox (
    seq INTEGER NOT NULL CONSTRAINT outbox_pkey PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL CONSTRAINT outbox_id_key UNIQUE,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'published', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    rejections INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    lease_until INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    published_at INTEGER
) STRICT;

-- The relay walks the pending rows in order and asks for each whether its subject has an older one.
CREATE INDEX outbox_state_seq_idx ON outbox (state, seq);
CREATE INDEX outbox_state_subject_seq_idx ON outbox (state, subject, seq);

-- What each consumer has handled, written with the effect.
CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id BLOB NOT NULL,
    handled_at INTEGER NOT NULL,
    CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_handled_at_idx ON inbox (handled_at);

-- Answers to requests with an Idempotency-Key, for their repetitions.
CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (scope, key)
) STRICT;

CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
