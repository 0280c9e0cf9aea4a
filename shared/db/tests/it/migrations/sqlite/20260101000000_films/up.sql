CREATE TABLE films (
    id BLOB NOT NULL CONSTRAINT films_pkey PRIMARY KEY,
    title TEXT NOT NULL CONSTRAINT films_title_key UNIQUE,
    views INTEGER NOT NULL DEFAULT 0,
    is_seen INTEGER NOT NULL DEFAULT FALSE,
    details TEXT,
    poster BLOB,
    claimed_at INTEGER,
    added_at INTEGER NOT NULL
) STRICT;
