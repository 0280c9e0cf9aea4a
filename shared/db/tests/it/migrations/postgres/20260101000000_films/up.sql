CREATE TABLE films (
    id uuid CONSTRAINT films_pkey PRIMARY KEY,
    title text NOT NULL CONSTRAINT films_title_key UNIQUE,
    views bigint NOT NULL DEFAULT 0,
    is_seen boolean NOT NULL DEFAULT FALSE,
    details jsonb,
    poster bytea,
    claimed_at timestamptz,
    added_at timestamptz NOT NULL
);
