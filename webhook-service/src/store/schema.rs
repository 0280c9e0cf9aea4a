//! The tables, as the migrations make them.

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    sources (id) {
        id -> IdSql,
        kind -> Text,
        name -> Text,
        is_enabled -> Bool,
        auth_mode -> Text,
        header_name -> Nullable<Text>,
        created_at -> TsSql,
        last_seen_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    source_secrets (id) {
        id -> IdSql,
        source_id -> IdSql,
        token_hash -> Nullable<Text>,
        sealed_key -> Nullable<Binary>,
        created_at -> TsSql,
        expires_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    deliveries (id) {
        id -> IdSql,
        source_id -> IdSql,
        source_name -> Text,
        kind -> Text,
        received_at -> TsSql,
        state -> Text,
        event_type -> Nullable<Text>,
        verdict -> Text,
        method -> Text,
        content_type -> Nullable<Text>,
        headers -> JsonSql,
        body -> Nullable<Binary>,
        size_bytes -> BigInt,
        address -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        is_test -> Bool,
        duplicate_of -> Nullable<IdSql>,
        replay_of -> Nullable<IdSql>,
        requested_by -> Nullable<IdSql>,
        attempts -> Integer,
        lost_leases -> Integer,
        next_attempt_at -> TsSql,
        lease_until -> Nullable<TsSql>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    delivery_attempts (delivery_id, number) {
        delivery_id -> IdSql,
        number -> Integer,
        at -> TsSql,
        outcome -> Text,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    events (id) {
        id -> IdSql,
        delivery_id -> IdSql,
        source_id -> IdSql,
        kind -> Text,
        subject -> Text,
        occurred_at -> TsSql,
        recorded_at -> TsSql,
        is_degraded -> Bool,
        duplicate_of -> Nullable<IdSql>,
        data -> JsonSql,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use shared_db::{IdSql, TsSql};

    dedupe_keys (source_id, scope, dedupe_key) {
        source_id -> IdSql,
        scope -> Text,
        dedupe_key -> Text,
        owner_id -> IdSql,
        expires_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    rejects (id) {
        id -> IdSql,
        source_id -> Nullable<IdSql>,
        at -> TsSql,
        reason -> Text,
        status -> Integer,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use shared_db::{IdSql, TsSql};

    notifications (id) {
        id -> IdSql,
        user_id -> IdSql,
        event_id -> IdSql,
        kind -> Text,
        title -> Text,
        body -> Text,
        link -> Nullable<Text>,
        created_at -> TsSql,
        read_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use shared_db::IdSql;

    people (user_id) {
        user_id -> IdSql,
        role -> Text,
    }
}
