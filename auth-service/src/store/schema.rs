//! The tables of this service.

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use shared_db::TsSql;

    /// One row: what belongs to the installation itself.
    installation (id) {
        id -> Integer,
        plex_client_id -> Text,
        setup_secret_hash -> Nullable<Binary>,
        setup_secret_expires_at -> Nullable<TsSql>,
        setup_failures -> Integer,
        setup_completed_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use shared_db::{JsonSql, TsSql};

    /// Keys that sign tokens.
    signing_keys (kid) {
        kid -> Text,
        private_sealed -> Binary,
        public_jwk -> JsonSql,
        state -> Text,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use shared_db::{IdSql, TsSql};

    /// People.
    users (id) {
        id -> IdSql,
        username -> Text,
        username_key -> Text,
        display_name -> Text,
        email -> Nullable<Text>,
        role -> Text,
        status -> Text,
        avatar_url -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        created_at -> TsSql,
        updated_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    /// Sign-ins.
    sessions (id) {
        id -> IdSql,
        user_id -> IdSql,
        cookie_hash -> Nullable<Binary>,
        client_id -> Text,
        method -> Text,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> TsSql,
        last_seen_at -> TsSql,
        expires_at -> TsSql,
        revoked_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable};
    use shared_db::{IdSql, TsSql};

    /// Refresh tokens: the unused one of a session is its newest.
    refresh_tokens (hash) {
        hash -> Binary,
        session_id -> IdSql,
        created_at -> TsSql,
        used_at -> Nullable<TsSql>,
        successor_hash -> Nullable<Binary>,
        is_forgiven -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    /// Keys for scripts.
    api_keys (id) {
        id -> IdSql,
        user_id -> IdSql,
        name -> Text,
        secret_hash -> Binary,
        scopes -> Text,
        created_at -> TsSql,
        expires_at -> TsSql,
        last_used_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};
    use shared_db::{IdSql, TsSql};

    /// Plex sign-ins that have begun.
    plex_pins (id) {
        id -> IdSql,
        plex_pin_id -> BigInt,
        browser_hash -> Binary,
        created_at -> TsSql,
        expires_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    /// Linked Plex accounts.
    plex_accounts (user_id) {
        user_id -> IdSql,
        plex_user_id -> BigInt,
        plex_username -> Text,
        token_sealed -> Binary,
        token_state -> Text,
        servers_sealed -> Nullable<Binary>,
        servers_at -> Nullable<TsSql>,
        linked_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    /// The audit log. Append-only: a trigger refuses everything else.
    audit (seq) {
        seq -> BigInt,
        at -> TsSql,
        event -> Text,
        outcome -> Text,
        actor_id -> Nullable<IdSql>,
        subject_id -> Nullable<IdSql>,
        session_id -> Nullable<IdSql>,
        method -> Nullable<Text>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        details -> JsonSql,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, sessions, api_keys, plex_accounts);
