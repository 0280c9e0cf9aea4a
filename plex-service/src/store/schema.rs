//! The tables, as the migrations make them.

diesel::table! {
    use diesel::sql_types::Text;

    settings (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    servers (id) {
        id -> IdSql,
        name -> Text,
        url -> Text,
        machine_identifier -> Text,
        version -> Nullable<Text>,
        token_sealed -> Binary,
        state -> Text,
        detail -> Nullable<Text>,
        last_seen_at -> Nullable<TsSql>,
        last_synced_at -> Nullable<TsSql>,
        created_at -> TsSql,
        sync_state -> Text,
        sync_libraries_done -> Integer,
        sync_libraries_total -> Integer,
        sync_items_done -> BigInt,
        sync_items_total -> BigInt,
        sync_started_at -> Nullable<TsSql>,
        sync_finished_at -> Nullable<TsSql>,
        sync_error -> Nullable<Text>,
        sync_requested_at -> Nullable<TsSql>,
        sync_lease_until -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use shared_db::{IdSql, JsonSql, TsSql};

    libraries (id) {
        id -> IdSql,
        server_id -> IdSql,
        plex_key -> Text,
        uuid -> Text,
        kind -> Text,
        title -> Text,
        agent -> Text,
        locations -> JsonSql,
        item_count -> BigInt,
        generation -> BigInt,
        revision -> BigInt,
        missing_sweeps -> Integer,
        hint_due_at -> Nullable<TsSql>,
        synced_at -> Nullable<TsSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use shared_db::{IdSql, JsonSql};

    items (id) {
        id -> IdSql,
        library_id -> IdSql,
        server_id -> IdSql,
        rating_key -> Text,
        kind -> Text,
        title -> Text,
        sort_title -> Text,
        folded_title -> Text,
        original_title -> Nullable<Text>,
        year -> Integer,
        parent_key -> Nullable<Text>,
        parent_title -> Nullable<Text>,
        grandparent_title -> Nullable<Text>,
        position -> Integer,
        parent_position -> Nullable<Integer>,
        summary -> Nullable<Text>,
        duration_ms -> Nullable<BigInt>,
        child_count -> Nullable<Integer>,
        thumb -> Nullable<Text>,
        art -> Nullable<Text>,
        genres -> Text,
        details -> JsonSql,
        added_at -> BigInt,
        generation -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use shared_db::IdSql;

    collections (id) {
        id -> IdSql,
        library_id -> IdSql,
        server_id -> IdSql,
        rating_key -> Text,
        title -> Text,
        sort_title -> Text,
        summary -> Nullable<Text>,
        is_smart -> Bool,
        item_count -> BigInt,
        thumb -> Nullable<Text>,
        updated_at -> BigInt,
        generation -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Integer;
    use shared_db::IdSql;

    collection_items (collection_id, item_id) {
        collection_id -> IdSql,
        item_id -> IdSql,
        position -> Integer,
    }
}

diesel::table! {
    use shared_db::{IdSql, JsonSql, TsSql};

    access (user_id) {
        user_id -> IdSql,
        checked_at -> TsSql,
        servers -> JsonSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use shared_db::{IdSql, TsSql};

    handovers (id) {
        id -> IdSql,
        download_id -> IdSql,
        library_id -> Nullable<IdSql>,
        collection -> Nullable<Text>,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> TsSql,
        lease_until -> Nullable<TsSql>,
        scanned_at -> Nullable<TsSql>,
        last_error -> Nullable<Text>,
        created_at -> TsSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use shared_db::IdSql;

    handover_files (handover_id, download_item_id) {
        handover_id -> IdSql,
        download_item_id -> IdSql,
        path -> Text,
        item_id -> Nullable<IdSql>,
    }
}

diesel::joinable!(collection_items -> items (item_id));
diesel::joinable!(collection_items -> collections (collection_id));
diesel::allow_tables_to_appear_in_same_query!(items, collections, collection_items);
