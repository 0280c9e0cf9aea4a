//! The tables, as in `migrations`.

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    downloads (id) {
        id -> IdSql,
        user_id -> IdSql,
        url -> Text,
        title -> Nullable<Text>,
        state -> Text,
        preset -> Text,
        library_id -> Nullable<IdSql>,
        collection -> Nullable<Text>,
        priority -> Integer,
        item_count -> Integer,
        items_done -> Integer,
        items_failed -> Integer,
        progress -> Nullable<JsonSql>,
        error_class -> Nullable<Text>,
        error_message -> Nullable<Text>,
        plex_url -> Nullable<Text>,
        folder -> Nullable<Text>,
        plex_folder -> Nullable<Text>,
        created_at -> TsSql,
        started_at -> Nullable<TsSql>,
        finished_at -> Nullable<TsSql>,
        updated_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Double, Integer, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    download_items (id) {
        id -> IdSql,
        download_id -> IdSql,
        user_id -> IdSql,
        position -> Integer,
        priority -> Integer,
        url -> Text,
        needs_probe -> Bool,
        title -> Nullable<Text>,
        duration_seconds -> Nullable<Double>,
        state -> Text,
        attempt -> Integer,
        retries -> Integer,
        next_attempt_at -> Nullable<TsSql>,
        lease_until -> Nullable<TsSql>,
        progress -> Nullable<JsonSql>,
        error_class -> Nullable<Text>,
        error_message -> Nullable<Text>,
        file_path -> Nullable<Text>,
        size_bytes -> Nullable<BigInt>,
        plex_item_id -> Nullable<IdSql>,
        created_at -> TsSql,
        started_at -> Nullable<TsSql>,
        finished_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    attempts (item_id, attempt) {
        item_id -> IdSql,
        attempt -> Integer,
        worker -> Text,
        pid -> Nullable<BigInt>,
        pid_start -> Nullable<BigInt>,
        started_at -> TsSql,
        ended_at -> Nullable<TsSql>,
        outcome -> Nullable<Text>,
        error_class -> Nullable<Text>,
        log -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use shared_db::{IdSql, TsSql};

    usage (id) {
        id -> IdSql,
        user_id -> IdSql,
        kind -> Text,
        amount -> BigInt,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use shared_db::{IdSql, TsSql};

    shares (user_id) {
        user_id -> IdSql,
        last_served_at -> Nullable<TsSql>,
        last_submitted_at -> Nullable<TsSql>,
    }
}

diesel::joinable!(download_items -> downloads (download_id));
diesel::joinable!(attempts -> download_items (item_id));
diesel::allow_tables_to_appear_in_same_query!(downloads, download_items, attempts);
